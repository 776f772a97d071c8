import type { Clock } from '../port/clock.ts';

/** Every step of every run asks the same few things of a cluster: an answer counts this long, and who asks meanwhile shares it. */
const SHARED_MS = 1000;
/** More answers than this are not kept. */
const MOST_KEPT = 1000;

/** Asks once for all who ask the same within a second. What went wrong, and what `counts` does not let count, is asked again at once. */
export function sharing<T>(clock: Clock, counts: (answer: T) => boolean = () => true): (key: string, ask: () => Promise<T>) => Promise<T> {
  const known = new Map<string, { readonly atMs: number; readonly answer: Promise<T> }>();
  return (key, ask) => {
    const nowMs = clock.monotonicMs();
    const before = known.get(key);
    if (before !== undefined && nowMs - before.atMs < SHARED_MS) return before.answer;
    const asked = { atMs: nowMs, answer: ask() };
    if (known.size >= MOST_KEPT) known.clear();
    known.set(key, asked);
    const forget = (): void => {
      if (known.get(key) === asked) known.delete(key);
    };
    asked.answer.then((answer) => (counts(answer) ? undefined : forget()), forget);
    return asked.answer;
  };
}
