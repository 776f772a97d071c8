import { errorCode, errorText } from '../model/error.ts';
import { type Clock, sleep } from '../port/clock.ts';
import type { Log } from '../port/log.ts';
import { type Claimed, MOST_MAIL, type RecordKind, type Store } from '../port/store.ts';

export type LoopDeps = { readonly store: Store; readonly clock: Clock; readonly log: Log; readonly owner: string };

export type Loop = {
  readonly name: string;
  readonly kinds: readonly RecordKind[];
  /** The most records in hand at once. */
  readonly limit: number;
  readonly leaseMs: number;
  /** The most bytes of values in hand at once. */
  readonly mostBytes?: number;
  readonly inTurnBy?: string;
  /** All of a claim in one call, one call at a time; else each record by itself. */
  readonly together?: boolean;
  /**
   * Looks only so long after something became due, so that what comes meanwhile is handled together; and the longer handling takes, the longer: an
   * incident of thousands of alerts is written anew as a whole each time.
   */
  readonly lingerMs?: number;
  /** Renews what is in hand for as long as it is handled: where handling can be slow, the lease need not be long. */
  readonly renewed?: boolean;
  readonly handle: (claimed: readonly Claimed[], stop: AbortSignal) => Promise<void>;
};

/** Handling takes at most about a fifth of the time, */
const LINGER_TIMES = 4;
/** and nobody waits longer than this for its turn. */
const LONGEST_LINGER_MS = 500;

/** A store that cannot answer is asked again after this long. */
const TROUBLE_MS = 1000;
/**
 * A store whose clock is ahead of ours hands out what is not due yet by ours. Handled at once, it would be given back unchanged and handed out again,
 * as fast as the store answers; so it is held for a moment first.
 */
const LONGEST_EARLY_MS = 1000;
/** And one whose clock is behind is not asked at once for what it does not hand out yet; each time twice as long, up to a second: it may be hours. */
const LATE_MS = 25;
const LONGEST_LATE_MS = 1000;

/** Timers measure durations, records name times: where the wall clock is set forward, or the machine slept, what is due is found this late at most. */
const LONGEST_MS = 300_000;

/**
 * Takes what is due and hands it to its handler, for ever. The store's hint wakes it, its `nextMs` sets the timer.
 * `stop` takes nothing new and answers when everything in hand is let go.
 */
export function startLoop({ store, clock, log, owner }: LoopDeps, loop: Loop): { readonly stop: () => Promise<void> } {
  const stopping = new AbortController();
  const inHand = new Set<Promise<void>>();
  const handled = new Map<string, Promise<void>>();
  let looking = false;
  let again = false;
  let cancelTimer: () => void = () => {};
  let lingering = false;
  let tookMs = 0;
  let lookAtMs: number | undefined;
  let lateMs = LATE_MS;

  const handle = async (claimed: readonly Claimed[]): Promise<void> => {
    const earlyMs = Math.min(...claimed.map(({ record, mail }) => (mail.length > 0 ? 0 : (record.dueMs ?? 0) - clock.nowMs())));
    if (earlyMs > 0) await sleep(clock, Math.min(earlyMs, LONGEST_EARLY_MS), stopping.signal);
    const startedMs = clock.monotonicMs();
    await loop.handle(claimed, stopping.signal);
    tookMs = clock.monotonicMs() - startedMs;
  };

  const keepLeases = (claimed: readonly Claimed[]): (() => void) => {
    let cancel: () => void = () => {};
    const later = (): void => {
      cancel = clock.after(loop.leaseMs / 3, () => {
        for (const { record } of claimed) {
          const { partition, id, epoch } = record;
          // One that was let go already is nobody's; one that was lost is found out by its commit.
          store.renew({ partition, id, epoch, leaseMs: loop.leaseMs }).catch(() => undefined);
        }
        later();
      });
    };
    later();
    return () => cancel();
  };

  /**
   * A record that is handed out while it is still in our hand, as when a step of the wall clock ended its lease, is not handled beside itself: what is under
   * way may still reach a cluster. Where that takes long, it is handed out again when this lease is over.
   */
  const behind = async (before: Promise<void>, claimed: readonly Claimed[]): Promise<void> => {
    const claimedMs = clock.monotonicMs();
    await before;
    if (clock.monotonicMs() - claimedMs < loop.leaseMs / 3) await handle(claimed);
  };

  const hold = (claimed: readonly Claimed[]): void => {
    const [before] = claimed.flatMap(({ record }) => handled.get(nameOf(record)) ?? []);
    const letGo = loop.renewed === true ? keepLeases(claimed) : undefined;
    const work = (before === undefined ? handle(claimed) : behind(before, claimed)).catch((error: unknown) => {
      log.error('loop.failed', { loop: loop.name, code: errorCode(error), reason: errorText(error) });
    });
    inHand.add(work);
    for (const { record } of claimed) handled.set(nameOf(record), work);
    void work.then(() => {
      letGo?.();
      inHand.delete(work);
      for (const { record } of claimed) if (handled.get(nameOf(record)) === work) handled.delete(nameOf(record));
      // Who could not read all of its mail at once has waited long enough.
      if (claimed.some(({ mail }) => mail.length >= MOST_MAIL)) look();
      else lookSoon();
    });
  };

  /**
   * What an answer gave that was long on its way, or found us standing still, may be in other hands by now: its lease is renewed before it is worked on.
   * What is not renewed soon is asked for anew.
   */
  const stillHeld = async (claimed: readonly Claimed[], askedMs: number): Promise<readonly Claimed[]> => {
    const tookMs = clock.monotonicMs() - askedMs;
    if (claimed.length === 0 || tookMs < loop.leaseMs / 3) return claimed;
    log.warn('loop.claim-late', { loop: loop.name, tookMs: Math.round(tookMs), leaseMs: loop.leaseMs, records: claimed.length });
    const renewMs = clock.monotonicMs();
    const answers = await Promise.all(
      claimed.map(({ record: { partition, id, epoch } }) => store.renew({ partition, id, epoch, leaseMs: loop.leaseMs }).catch(() => ({ held: false }))),
    );
    // Behind it the lease is renewed every third of it.
    if (clock.monotonicMs() - renewMs >= loop.leaseMs / 2) return [];
    return claimed.filter((_, index) => answers[index]?.held === true);
  };

  /** When to look again by itself, if there is anything to come. */
  const claim = async (): Promise<number | undefined> => {
    const free = loop.together === true ? (inHand.size === 0 ? loop.limit : 0) : loop.limit - inHand.size;
    if (free <= 0) return undefined;
    const askedMs = clock.monotonicMs();
    const { claimed, nextMs } = await store.claim({
      kinds: loop.kinds,
      owner,
      limit: free,
      leaseMs: loop.leaseMs,
      ...(loop.mostBytes === undefined ? {} : { mostBytes: loop.mostBytes }),
      ...(loop.inTurnBy === undefined ? {} : { inTurnBy: loop.inTurnBy }),
    });
    const held = await stillHeld(claimed, askedMs);
    if (loop.together === true && held.length > 0) hold(held);
    else for (const one of held) hold([one]);
    if (claimed.length === free || held.length < claimed.length) again = true;
    // What should be due by our clock and was not handed out is not due yet by the store's.
    if (nextMs === undefined || claimed.length > 0) {
      lateMs = LATE_MS;
      return nextMs;
    }
    const nowMs = clock.nowMs();
    const soonestMs = nowMs + lateMs;
    lateMs = nextMs <= nowMs ? Math.min(LONGEST_LATE_MS, 2 * lateMs) : LATE_MS;
    return Math.max(nextMs, soonestMs);
  };

  const look = (): void => {
    if (looking) {
      again = true;
      return;
    }
    if (stopping.signal.aborted) return;
    looking = true;
    again = false;
    cancelTimer();
    lookAtMs = undefined;
    claim()
      .then(
        (nextMs) => nextMs,
        (error: unknown) => {
          log.warn('loop.claim-failed', { loop: loop.name, code: errorCode(error), reason: errorText(error) });
          return clock.nowMs() + TROUBLE_MS;
        },
      )
      .then((nextMs) => {
        looking = false;
        if (stopping.signal.aborted) return;
        lookAtMs = nextMs;
        if (nextMs !== undefined) cancelTimer = clock.after(Math.min(LONGEST_MS, Math.max(1, nextMs - clock.nowMs())), look);
        if (again) look();
      })
      .catch((error: unknown) => log.error('loop.broken', { loop: loop.name, reason: errorText(error) }));
  };

  const lookSoon = (): void => {
    if (loop.lingerMs === undefined) return look();
    if (lingering) return;
    lingering = true;
    clock.after(Math.max(loop.lingerMs, Math.min(LONGEST_LINGER_MS, LINGER_TIMES * tookMs)), () => {
      lingering = false;
      look();
    });
  };

  const forget = store.onChange((due) => {
    const dueMs = due === undefined ? clock.nowMs() : Math.min(...loop.kinds.map((kind) => due.get(kind) ?? Number.POSITIVE_INFINITY));
    // What is due later than the next look anyway is found then.
    if (dueMs === Number.POSITIVE_INFINITY || (lookAtMs !== undefined && dueMs >= lookAtMs && dueMs > clock.nowMs())) return;
    lookSoon();
  });
  look();
  return {
    async stop() {
      stopping.abort();
      forget();
      cancelTimer();
      while (inHand.size > 0) await Promise.allSettled(inHand);
    },
  };
}

function nameOf({ partition, id }: Claimed['record']): string {
  return `${partition} ${id}`;
}
