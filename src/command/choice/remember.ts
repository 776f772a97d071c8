import { errorText } from '../../model/error.ts';
import { type Clock, sleep } from '../../port/clock.ts';

/** What a cluster said, and when; or why nobody knows. */
export type Remembered<T> = { readonly found: T; readonly atMs: number } | { readonly unknown: string };

/** An answer counts so long before the cluster is asked again. */
const FRESH_MS = 30_000;
/** Where the cluster does not answer, an older one is better than none: names rarely change. */
const OLD_MS = 600_000;
/** Whoever chooses waits no longer; Slack gives up after 3 s. */
const PATIENCE_MS = 1200;
/** A question that hangs is not waited for by everybody who asks after it. */
const ABANDONED_MS = 15_000;
const MOST_KEPT = 200;

type Kept<T> = { answer?: { readonly found: T; readonly atMs: number }; asking?: { readonly promise: Promise<T>; readonly sinceMs: number } };

/** Asks for something that may take long or hang, in short time: one question for all who ask at once, and its answer for 30 s. Never rejects. */
export function remember<T>(clock: Clock): (key: string, ask: () => Promise<T>) => Promise<Remembered<T>> {
  const all = new Map<string, Kept<T>>();

  const question = (kept: Kept<T>, ask: () => Promise<T>): Promise<T> => {
    const sinceMs = clock.monotonicMs();
    if (kept.asking !== undefined && sinceMs - kept.asking.sinceMs < ABANDONED_MS) return kept.asking.promise;
    const promise = ask();
    const asking = { promise, sinceMs };
    kept.asking = asking;
    const over = (): void => {
      if (kept.asking === asking) delete kept.asking;
    };
    promise.then((found) => {
      // As old as the question: what changed meanwhile may not be in it.
      if (kept.answer === undefined || kept.answer.atMs <= sinceMs) kept.answer = { found, atMs: sinceMs };
      over();
    }, over);
    return promise;
  };

  return async (key, ask) => {
    const kept: Kept<T> = all.get(key) ?? {};
    if (!all.has(key) && all.size >= MOST_KEPT) all.clear();
    all.set(key, kept);
    const age = (): number => (kept.answer === undefined ? Number.POSITIVE_INFINITY : clock.monotonicMs() - kept.answer.atMs);
    const known = (): Remembered<T> | undefined => (kept.answer === undefined ? undefined : { found: kept.answer.found, atMs: clock.nowMs() - age() });
    if (age() < FRESH_MS) return known() ?? { unknown: '' };
    const waiting = new AbortController();
    try {
      const late = sleep(clock, PATIENCE_MS, waiting.signal).then(() => 'late' as const);
      const met = await Promise.race([question(kept, ask).then(() => 'answered' as const), late]);
      const now = age() < OLD_MS ? known() : undefined;
      return now ?? { unknown: met === 'late' ? 'it does not answer in time' : '' };
    } catch (error) {
      const now = age() < OLD_MS ? known() : undefined;
      return now ?? { unknown: errorText(error) };
    } finally {
      waiting.abort();
    }
  };
}
