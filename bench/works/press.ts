/**
 * From a person's yes until the write begins: the create request at the API server. Once by a press in the simulated Slack, from the moment it is
 * pressed there, and once by an approval through the API. One after the other, each alone; Slack paces posts to a channel, so there are few of those, and
 * what is approved through the API is at a server without Slack, whose channel would take minutes for all of its cards.
 */
import { z } from 'zod';
import { type ApiStub, openApiStub } from '../api-stub.ts';
import { peopleSettings } from '../people.ts';
import type { Salvor } from '../salvor.ts';
import { pause } from '../scope.ts';
import { openSite } from '../site.ts';
import { quantile } from '../table.ts';
import { approveEach, propose, untilWrite } from '../until-write.ts';
import { type Figures, inTurns, type StoreName, type Work } from '../work.ts';
import { startWorld, type World } from '../world.ts';

export const press: Work = {
  name: 'press',
  about: 'A yes until the write begins at the API server: pressed in the simulated Slack, and given through the API.',
  lines: [
    { figure: 'apiP50Ms', what: 'approval by the API to the write, p50', unit: 'ms', digits: 1 },
    { figure: 'apiP99Ms', what: 'approval by the API to the write, p99', unit: 'ms', digits: 1, targets: [{ atMost: 300 }] },
    { figure: 'slackP50Ms', what: 'press in Slack to the write, p50', unit: 'ms', digits: 1 },
    { figure: 'slackP99Ms', what: 'press in Slack to the write, slowest', unit: 'ms', digits: 1, targets: [{ atMost: 300 }] },
  ],
  boundS: 180,
  warmsUp: true,
  async open({ stores, many, scope }) {
    const counts = { api: many(40, 4), slack: many(4, 1) };
    const open = async (of: StoreName): Promise<Office> => {
      const world = await startWorld(scope, {});
      const api = await openApiStub(scope);
      const site = await openSite(scope, { of, api: api.url, settings: peopleSettings(scope, world) });
      const alone = await openSite(scope, { of, api: api.url });
      return { of, world, api, salvor: await site.start(), alone: await alone.start(), pressed: new Set<string>() };
    };
    const offices = await Promise.all(stores.map(open));
    return inTurns(offices.map((office) => [office.of, (round) => measure(office, { round, ...counts })]));
  },
};

type Office = {
  readonly of: StoreName;
  readonly world: World;
  readonly api: ApiStub;
  readonly salvor: Salvor;
  readonly alone: Salvor;
  readonly pressed: Set<string>;
};
type Asked = { readonly round: number; readonly api: number; readonly slack: number };

async function measure(office: Office, { round, api, slack }: Asked): Promise<Figures> {
  const { salvor, alone, world, pressed } = office;
  const bySlack: number[] = [];
  await propose(salvor, marksOf(`s${round}`, slack));
  for (let turn = 0; turn < slack; turn += 1) {
    const ts = await askedIn(world, pressed);
    pressed.add(ts);
    bySlack.push(await untilWrite(office.api, () => world.slackSwitch('press', { user: 'ana', action: 'approve', ts })));
  }
  await salvor.untilOver();
  await propose(alone, marksOf(`a${round}`, api));
  const byApi = await approveEach(alone, office.api);
  await alone.untilOver();
  return { apiP50Ms: quantile(byApi, 0.5), apiP99Ms: quantile(byApi, 0.99), slackP50Ms: quantile(bySlack, 0.5), slackP99Ms: Math.max(...bySlack) };
}

function marksOf(name: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, turn) => `${name}-${turn}`);
}

const State = z.object({ channels: z.array(z.object({ messages: z.array(z.object({ ts: z.string(), blocks: z.unknown().optional() })) })) });

/** The newest message in Slack that can still be approved, once there is one. The buttons of one that was pressed go a moment later. */
async function askedIn(world: World, pressed: ReadonlySet<string>): Promise<string> {
  for (;;) {
    const { channels } = State.parse(await world.slackState());
    const asking = channels.flatMap(({ messages }) => messages).filter(({ blocks }) => JSON.stringify(blocks ?? []).includes('"action_id":"approve"'));
    const ts = asking.findLast((one) => !pressed.has(one.ts))?.ts;
    if (ts !== undefined) return ts;
    await pause(100);
  }
}
