import { LANE_LEASE_MS } from '../../../src/notify/hold.ts';
import { laneJson, mailOut, newLane } from '../../../src/notify/lane.ts';
import { deliverLane } from '../../../src/notify/outbox.ts';
import type { ChatMessage } from '../../../src/port/chat.ts';
import type { Log, LogFacts } from '../../../src/port/log.ts';
import type { Store } from '../../../src/port/store.ts';
import { startLoop } from '../../../src/run/loop.ts';
import { slackChat } from '../../../src/slack/chat.ts';
import { slackClient } from '../../../src/slack/client.ts';
import { oracleStore } from '../../../src/store/oracle.ts';
import { virtualClock } from '../../../src/world/clock.ts';
import { seededIds } from '../../../src/world/ids.ts';
import { simulatedSlack } from '../../../src/world/slack/slack.ts';
import { wire } from './wire.ts';

const never = new Promise<never>(() => {});

/** The outbox and Slack's adapter, with the real SDK, before the simulated Slack: in one process, on one clock, over a wire that the clock drives. */
export async function openStage() {
  // Loaded before the clock moves: what the machine takes for it is not on that clock.
  await import('@slack/web-api');
  const clock = virtualClock();
  const slack = simulatedSlack({ clock, ids: seededIds('slack-out') });
  const store = oracleStore({ clock });
  const lines: { readonly level: string; readonly name: string; readonly facts: LogFacts }[] = [];
  const config = { channel: '#dr' };
  let mails = 0;

  /** One life of the program: what it holds in memory is gone with it, and nothing that it was about to do happens. */
  const begin = () => {
    let dead = false;
    const alive = <Args extends readonly unknown[], Answer>(call: (...args: Args) => Promise<Answer>) => {
      return async (...args: Args): Promise<Answer> => {
        if (dead) return never;
        const answer = await call(...args);
        return dead ? never : answer;
      };
    };
    const mortal: Store = { ...store, claim: alive(store.claim), commit: alive(store.commit), renew: alive(store.renew) };
    const say =
      (level: string) =>
      (name: string, facts: LogFacts = {}) =>
        void (dead || lines.push({ level, name, facts }));
    const log: Log = { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
    const client = slackClient({ token: () => 'xoxb-test', apiUrl: 'http://slack.test/api', fetch: alive((url, init) => wire({ slack, clock }, url, init)) });
    const chat = slackChat({ client, channel: () => config.channel, site: () => 'https://salvor.example.com', clock, log });
    const pager = { send: () => Promise.resolve() };
    const loop = startLoop(
      { store: mortal, clock, log, owner: `life-${lines.length}` },
      {
        name: 'lane',
        kinds: ['lane'],
        limit: 16,
        leaseMs: LANE_LEASE_MS,
        handle: async ([claimed], stop) => {
          if (claimed !== undefined) await deliverLane({ store: mortal, clock, chat, pager, log }, claimed, stop);
        },
      },
    );
    return {
      chat,
      kill() {
        dead = true;
        void loop.stop();
      },
    };
  };
  let life = begin();

  const lanes = new Set<string>();
  /** Puts a message on its way, as an incident does: in one commit with the lane where that is not there yet. */
  const mail = async (message: ChatMessage): Promise<void> => {
    mails += 1;
    const { thread } = message;
    const lane = `lane/chat/${thread}`;
    const isNew = !lanes.has(lane);
    lanes.add(lane);
    await store.commit({
      partition: 'prod',
      opId: `mail-${mails}`,
      guards: isNew ? [{ is: 'absent', id: lane }] : [],
      changes: [
        ...(isNew ? [{ do: 'put', id: lane, kind: 'lane', value: laneJson(newLane('chat', thread)) } as const] : []),
        mailOut(thread, `${mails}`, { to: 'chat', message }),
      ],
    });
  };
  return {
    clock,
    slack,
    store,
    config,
    mail,
    chat: () => life.chat,
    /** Everything that was logged at this level. */
    logged: (level: string) => lines.filter((line) => line.level === level),
    kill: () => life.kill(),
    restart() {
      life.kill();
      life = begin();
    },
    posts: () => slack.calls('chat.postMessage').filter(({ outcome }) => outcome === 'ok' || outcome === 'lost ok'),
  };
}

export type Stage = Awaited<ReturnType<typeof openStage>>;

/** What one incident says. */
export function incidentOn({ mail, clock }: Pick<Stage, 'mail' | 'clock'>, id: string) {
  const thread = `incident/${id}`;
  let n = 0;
  const line = (title: string, more: Partial<ChatMessage> = {}): Promise<void> => {
    n += 1;
    return mail({ key: `${thread}/entry/${n}`, thread, kind: 'timeline', title, lines: [], atMs: clock.nowMs(), ...more });
  };
  return { line, card: (title: string) => line(title, { key: `${thread}/card`, kind: 'card' }) };
}

/** What people read in the thread of a card, line by line, in the order of Slack. */
export function threadOf({ slack }: Stage, card: string): readonly string[] {
  const root = rootOf({ slack }, card);
  return slack.messages().flatMap(({ text, threadTs }) => (threadTs === root ? text.split('\n') : []));
}

/** The time stamp of the one card that begins with this. */
export function rootOf({ slack }: Pick<Stage, 'slack'>, card: string): string {
  const cards = slack.messages().filter(({ text, threadTs }) => threadTs === undefined && text.startsWith(card));
  const [only, ...more] = cards;
  if (only === undefined || more.length > 0) throw new Error(`expected one card "${card}", found ${cards.length}`);
  return only.ts;
}

/** The least time between two posts, in ms. */
export function leastGapMs({ posts }: Stage): number {
  const times = posts().map(({ atMs }) => atMs);
  return Math.min(...times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0)));
}
