import { type Clock, sleep } from './clock.ts';

type InTime<T> = { readonly done: true; readonly value: T } | { readonly done: false };

/** What became of work by the time somebody must be told: its result, or that it goes on. A fault of the work is the caller's, at either time. */
export async function inTime<T>(work: Promise<T>, { clock, withinMs }: { readonly clock: Clock; readonly withinMs: number }): Promise<InTime<T>> {
  const waiting = new AbortController();
  try {
    const result = work.then((value): InTime<T> => ({ done: true, value }));
    return await Promise.race([result, sleep(clock, withinMs, waiting.signal).then((): InTime<T> => ({ done: false }))]);
  } finally {
    waiting.abort();
  }
}
