import { formatDuration, parseDuration } from '../../model/duration.ts';
import { type Backup, newestFirst, overMs } from './backup.ts';
import { type Movement, movesOf, stuckMove } from './movement.ts';
import { isGood, isRunning } from './phase.ts';
import { progressText } from './second-try.ts';

/** What Velero gives the volumes of a backup unless its spec says otherwise. */
const ITEM_OPERATION_TIMEOUT_MS = 4 * 3_600_000;
/** A backup that runs so many times as long as it usually does is not only slow. */
const USUAL_TIMES = 6;
const LEAST_MS = 3_600_000;

export type Stuck = {
  readonly backup: Backup;
  readonly why: string;
  /** The volumes that can be let go, so that the backup comes to an end. None: only a restart of the server ends it. */
  readonly moves: readonly Movement[];
};

/** A backup that runs and will not end by itself. `family`: backups of the same schedule, for what is usual. */
export function stuckBackup(
  running: Backup,
  { family, moves, nowMs }: { readonly family: readonly Backup[]; readonly moves: readonly Movement[]; readonly nowMs: number },
): Stuck | undefined {
  if (!isRunning(running.phase)) return undefined;
  const withinMs = operationTimeoutMs(running);
  const held = movesOf(moves, running.name)
    .map((move) => ({ move, why: stuckMove(move, nowMs, withinMs) }))
    .filter(({ move, why }) => why !== undefined && !move.isCancelled);
  const [first] = held;
  const what = `${running.name} is ${progressText(running)}`;
  if (first?.why !== undefined) {
    const more = held.length === 1 ? '' : `, and ${held.length - 1} more`;
    return { backup: running, why: `${what}, and waits for a volume: ${first.why}${more}`, moves: held.map(({ move }) => move) };
  }
  const forMs = nowMs - running.madeMs;
  const usualMs = usualDurationMs(family);
  const mostMs = usualMs === undefined ? withinMs : Math.min(withinMs, Math.max(usualMs * USUAL_TIMES, LEAST_MS));
  if (forMs <= mostMs) return undefined;
  const usual = usualMs === undefined ? '' : `, and it usually takes ${formatDuration(usualMs)}`;
  return { backup: running, why: `${what} for ${formatDuration(forMs)}${usual}`, moves: [] };
}

export function operationTimeoutMs({ spec }: Backup): number {
  const written = typeof spec.itemOperationTimeout === 'string' ? parseDuration(spec.itemOperationTimeout) : undefined;
  return written === undefined || written === 0 ? ITEM_OPERATION_TIMEOUT_MS : written;
}

/** The median of the last seven good ones. */
export function usualDurationMs(family: readonly Backup[]): number | undefined {
  const took = newestFirst(family)
    .filter(({ phase }) => isGood(phase))
    .slice(0, 7)
    .map((one) => overMs(one) - one.madeMs);
  return median(took);
}

export function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) return undefined;
  const lower = sorted[middle - 1];
  return sorted.length % 2 === 1 || lower === undefined ? upper : (lower + upper) / 2;
}
