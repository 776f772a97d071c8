import { errorCode, errorText } from '../../model/error.ts';
import { talkLaneId } from '../../model/identity.ts';
import type { ChannelMail } from '../../model/mail.ts';
import type { Channels } from '../../port/channels.ts';
import type { Clock } from '../../port/clock.ts';
import type { Log } from '../../port/log.ts';
import type { Change, Claimed, Store } from '../../port/store.ts';
import { LANE_LEASE_MS } from '../hold.ts';
import { readLane } from '../lane.ts';
import { isResting, pauseMs } from '../pause.ts';
import { cardKey } from '../thread.ts';
import { type Act, actsOf, isSettled, quietDueMs, stepOf } from './acts.ts';
import { type ChannelLane, channelLaneJson, newChannelLane, readChannelLane, readWanted } from './lane.ts';
import type { Done } from './make.ts';
import { quietNotice } from './notice.ts';
import { refusalOf } from './refusal.ts';

export type FurnishDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Absent: the chat that is configured now has no channels. */
  readonly channels: Channels | undefined;
};

const NO_CHANNELS_MS = 60_000;
/** One claim does so many things: others wait for their turn meanwhile. */
const MOST_AT_ONCE = 12;

/**
 * Makes an incident's channel what it should be, one thing after another, and stores each as it is done: a crash repeats at most the one that was under
 * way, and each of them may be repeated. What fails waits alone, and is told in one line of the timeline where it is given up. No run, no message and no
 * decision waits for any of this.
 */
export async function furnish(deps: FurnishDeps, claimed: Claimed, stop?: AbortSignal): Promise<void> {
  const { store, clock, log, channels } = deps;
  const { record, mail } = claimed;
  const { partition, id, epoch, indexed } = record;
  const incident = id.replace(/^lane\/channel\//, '');
  let { seq } = record;
  let upTo = mail.at(-1)?.order;
  const begun = readChannelLane(record.value) ?? newChannelLane(incident);
  const wanted = mail.map(({ value }) => readWanted(value)).findLast((one) => one !== undefined);
  let lane: ChannelLane = wanted === undefined ? begun : { ...begun, wanted };

  type Put = { readonly news?: readonly ChannelMail[]; readonly more?: readonly Change[]; readonly dueMs?: number | undefined; readonly release: boolean };
  const put = async ({ news = [], more = [], dueMs, release }: Put): Promise<boolean> => {
    const changes: readonly Change[] = [
      { do: 'put', id, kind: 'lane', indexed, value: channelLaneJson(lane), ...(dueMs === undefined ? {} : { dueMs }), ...(release ? { release } : {}) },
      ...(upTo === undefined ? [] : [{ do: 'read', reader: id, upTo } as const]),
      ...news.map((value, index): Change => ({ do: 'mail', to: incident, key: `${id}/${epoch}/${seq}/${index}`, value })),
      ...more,
    ];
    const result = await store.commit({ partition, opId: `${id}/${epoch}/${seq}`, guards: [{ is: 'held', id, epoch, seq }], changes });
    if (result.kind !== 'done') {
      log.info('outbox.fenced', { lane: id });
      return false;
    }
    seq += 1;
    upTo = undefined;
    return true;
  };

  if (channels === undefined) {
    const dueMs = actsOf(lane, { nowMs: clock.nowMs(), card: undefined }).length === 0 ? undefined : clock.nowMs() + NO_CHANNELS_MS;
    return void (await put({ dueMs, release: true }));
  }
  const later = new Map<string, number>();
  for (let count = 0; count < MOST_AT_ONCE && stop?.aborted !== true; count += 1) {
    const card = await cardOf(store, partition, lane);
    const act = actsOf(lane, { nowMs: clock.nowMs(), card }).find((one) => isDue(lane, one, { nowMs: clock.nowMs(), later }));
    if (act === undefined) break;
    const waitMs = channels.waitMs(act.call, incident);
    if (waitMs > 0) {
      later.set(act.key, clock.nowMs() + waitMs);
      continue;
    }
    // Written down before it is asked for; found again by it after a crash.
    const isRepeat = lane.intent?.name === act.of;
    if (act.intent && !isRepeat) {
      lane = { ...lane, intent: { name: act.of, atMs: clock.nowMs() } };
      if (!(await put({ dueMs: clock.nowMs(), release: false }))) return;
    }
    if (!(await store.renew({ partition, id, epoch, leaseMs: LANE_LEASE_MS })).held) return;
    const { lane: next, news, againMs } = await carryOut(deps, channels, { lane, act, isRepeat });
    const more = next.noticeMs === undefined || next.noticeMs === lane.noticeMs ? [] : [quietNotice(next)];
    lane = next;
    if (againMs !== undefined) later.set(act.key, againMs);
    if (!(await put({ news, more, dueMs: clock.nowMs(), release: false }))) return;
  }
  await put({ dueMs: dueOf(lane, { nowMs: clock.nowMs(), later, card: await cardOf(store, partition, lane) }), release: true });
}

type Doing = { readonly lane: ChannelLane; readonly act: Act; readonly isRepeat: boolean };

/** Never throws for what the other side does. */
async function carryOut({ clock, log }: FurnishDeps, channels: Channels, { lane, act, isRepeat }: Doing): Promise<Done> {
  const step = stepOf(lane, act);
  try {
    const done = await act.run(channels, lane, { nowMs: clock.nowMs(), isRepeat: isRepeat || step.attempts > 0 });
    return done.againMs === undefined ? { ...done, lane: marked(done.lane, act, { done: true }) } : done;
  } catch (error) {
    const refusal = refusalOf(error);
    const attempts = step.attempts + 1;
    log[refusal.kind === 'later' ? 'warn' : 'error']('channel.not-furnished', {
      incident: lane.incident,
      what: act.key,
      attempts,
      code: errorCode(error),
      reason: errorText(error),
    });
    if (refusal.kind === 'lost') return { lane: { ...lane, state: 'lost' }, news: [{ kind: 'channel', what: 'lost', reason: refusal.why }] };
    if (refusal.kind === 'refused')
      return { lane: marked(lane, act, { attempts, refused: true }), news: [{ kind: 'channel', what: 'left-out', reason: `${act.words}: ${refusal.why}` }] };
    return { lane: marked(lane, act, { attempts, retryAtMs: clock.nowMs() + pauseMs(attempts, error) }), news: [] };
  }
}

function marked(lane: ChannelLane, { key, of }: Act, change: Partial<ChannelLane['steps'][string]>): ChannelLane {
  return { ...lane, steps: { ...lane.steps, [key]: { of, done: false, attempts: 0, ...change } } };
}

type At = { readonly nowMs: number; readonly later: ReadonlyMap<string, number> };

function isDue(lane: ChannelLane, act: Act, { nowMs, later }: At): boolean {
  return !isSettled(lane, act) && !isResting(stepOf(lane, act).retryAtMs, nowMs) && (later.get(act.key) ?? 0) <= nowMs;
}

function dueOf(lane: ChannelLane, { nowMs, later, card }: At & { readonly card: string | undefined }): number | undefined {
  const left = actsOf(lane, { nowMs, card }).filter((act) => !isSettled(lane, act));
  const dues = [
    ...left.map((act) => Math.max(nowMs, stepOf(lane, act).retryAtMs ?? 0, later.get(act.key) ?? 0)),
    ...[quietDueMs(lane)].filter((one) => one !== undefined),
  ];
  return dues.length === 0 ? undefined : Math.min(...dues);
}

/** What the chat calls the card in this channel, once it is there. */
async function cardOf(store: Store, partition: string, { incident, id }: ChannelLane): Promise<string | undefined> {
  if (id === undefined) return undefined;
  const talk = await store.get(partition, talkLaneId(incident, id));
  return talk === undefined ? undefined : readLane(talk.value)?.refs.get(cardKey(incident));
}
