import type { Json } from '../../../src/model/json.ts';
import type { IncidentMail } from '../../../src/model/mail.ts';
import type { Caller } from '../../../src/port/commands.ts';
import { silentLog } from '../../../src/port/log.ts';
import { SITE_TEXT } from '../../../src/rehearse/site.ts';
import { slackChat } from '../../../src/slack/chat.ts';
import { slackClient } from '../../../src/slack/client.ts';
import { oracleStore } from '../../../src/store/oracle.ts';
import type { VirtualClock } from '../../../src/world/clock.ts';
import { seededIds } from '../../../src/world/ids.ts';
import type { SlackScenario } from '../../../src/world/slack/scenario.ts';
import { type SimulatedSlack, simulatedSlack } from '../../../src/world/slack/slack.ts';
import type { Channel, Message } from '../../../src/world/slack/workspace.ts';
import { wire } from '../../contract/slack/wire.ts';
import { DAILY_FAILED, failedNight, openScene, type Scene, type SceneOptions } from '../scene.ts';

const PEOPLE = SITE_TEXT.replace('{ name: ana,', '{ name: ana, slack: U0ANA,')
  .replace('{ name: ben,', '{ name: ben, slack: U0BEN,')
  .replace('{ name: cleo,', '{ name: cleo, slack: U0CLEO,');

/** The site with Slack; incidents have channels of their own. */
export function siteWith(incidentChannels = '{ severities: [SEV1] }', updates?: string): string {
  return `${PEOPLE}
listen: { publicUrl: https://salvor.example.com }
slack: { mode: socket, botToken: { env: BOT }, appToken: { env: APP }, channel: '#dr'${incidentChannels === 'none' ? '' : `, incidentChannels: ${incidentChannels}`}${updates === undefined ? '' : `, updates: ${updates}`} }
`;
}

const READER: Caller = { person: undefined, rights: ['read'], surface: 'slack' };

/** The whole application before the simulated Slack, on one clock, with the real SDK. */
export type SlackScene = Scene & {
  readonly slack: SimulatedSlack;
  /** The channels that incidents have, in the order in which they were made. */
  readonly channels: () => readonly Channel[];
  /** What everybody sees in a channel, its threads apart. */
  readonly seen: (channel: string) => readonly Message[];
  readonly failed: () => Promise<void>;
  /** Salvor dies after the next call of this method was carried out, before it hears of it, and is started again. */
  readonly dieAfter: (method: string) => void;
  /** Tells an incident something, as runs and doors do. */
  readonly tell: (incident: string, mail: IncidentMail) => Promise<void>;
};

type Options = Partial<SceneOptions> & { readonly channels?: string; readonly updates?: string; readonly workspace?: SlackScenario };

export async function openSlackScene({ channels, updates, workspace = {}, world, ...rest }: Options = {}): Promise<SlackScene> {
  // Loaded before the clock moves: what the machine takes for it is not on that clock.
  await import('@slack/web-api');
  let slack: SimulatedSlack | undefined;
  let told = 0;
  let deadly: string | undefined;
  const begun = (clock: VirtualClock): SimulatedSlack => {
    const own = simulatedSlack({ clock, ids: seededIds('slack-scene') });
    own.apply(workspace);
    return own;
  };
  const chat = (clock: VirtualClock) => {
    const own = (slack ??= begun(clock));
    const request = async (url: string | URL, init?: RequestInit): Promise<Response> => {
      const answer = await wire({ slack: own, clock }, url, init);
      if (deadly === undefined || !String(url).endsWith(deadly)) return answer;
      deadly = undefined;
      scene.kill();
      return new Promise<never>(() => {});
    };
    const client = slackClient({ token: () => 'xoxb-test', apiUrl: 'http://slack.test/api', fetch: request });
    const report = (incident: string): Promise<string> => scene.app().commands.report(READER, incident, 'md');
    return slackChat({
      client,
      report,
      channel: () => '#dr',
      updates: () => (updates === undefined ? undefined : '#status'),
      site: () => 'https://salvor.example.com',
      clock,
      log: silentLog,
    });
  };
  const night: { readonly [name: string]: Json } = world ?? failedNight('server-restarted');
  const scene = openScene({ world: night, config: siteWith(channels, updates), chat, ...rest });
  if (slack === undefined) throw new Error('Slack is not there');
  const made = slack;
  return {
    ...scene,
    slack: made,
    channels: () => [...made.workspace.channels.values()].filter(({ name }) => name.startsWith('inc-')),
    seen: (channel) => made.messages(channel).filter(({ threadTs, isBroadcast }) => threadTs === undefined || isBroadcast === true),
    failed: () => scene.alert(DAILY_FAILED),
    dieAfter: (method) => void (deadly = method),
    async tell(incident, mail) {
      const store = oracleStore({ clock: scene.clock, state: scene.state });
      const id = `incident/${incident}`;
      const { seq = 0 } = (await store.get('prod', id)) ?? {};
      told += 1;
      await store.commit({
        partition: 'prod',
        opId: `told-${told}`,
        guards: [{ is: 'seq', id, seq }],
        changes: [{ do: 'mail', to: id, key: `told-${told}`, value: mail }],
      });
      // Whoever opens a store takes it from the one that ran.
      scene.kill();
    },
  };
}
