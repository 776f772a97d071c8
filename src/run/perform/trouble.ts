import { errorCode, errorText, SalvorError } from '../../model/error.ts';
import type { Run } from '../../model/run.ts';
import type { Observation } from '../observation.ts';
import { HeldFault } from '../writer.ts';

const LONGEST_MS = 60_000;

/**
 * What a fault means for a run: held, to be tried again later, or undefined where trying again cannot help (the caller says what that means).
 * A lost lease is nobody's observation: it goes up to the driver, which lets go.
 */
export function troubleOf(error: unknown, run: Run): Observation | undefined {
  if (error instanceof HeldFault) return { kind: 'held', hold: error.hold };
  if (errorCode(error) === 'run.fenced') throw error;
  if (!(error instanceof SalvorError) || error.retry === 'never') return undefined;
  return { kind: 'trouble', code: error.code, reason: errorText(error), afterMs: pauseMs(error, run) };
}

/** A conflict is tried again soon, a server that is away or busy ever more slowly, and never before the time that it asked for. */
function pauseMs(error: SalvorError, run: Run): number {
  const firstMs = error.retry === 'now' ? 100 : 1000;
  return Math.min(LONGEST_MS, Math.max(error.retryAfterMs ?? 0, firstMs * 2 ** Math.min(run.refusals, 10)));
}
