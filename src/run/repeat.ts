import { errorText } from '../model/error.ts';
import { type Clock, sleep } from '../port/clock.ts';
import type { Log } from '../port/log.ts';

type RepeatDeps = { readonly clock: Clock; readonly log: Log; readonly signal: AbortSignal };

/** Does something now and then until the signal aborts; a failure is logged and the next time comes all the same. */
export async function repeat(
  { clock, log, signal }: RepeatDeps,
  { name, everyMs, act }: { readonly name: string; readonly everyMs: number; readonly act: () => Promise<void> },
): Promise<void> {
  while (!signal.aborted) {
    await sleep(clock, everyMs, signal);
    if (signal.aborted) return;
    try {
      await act();
    } catch (error) {
      log.warn('repeat.failed', { name, reason: errorText(error) });
    }
  }
}
