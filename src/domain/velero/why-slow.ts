import { counted } from '../../model/counted.ts';
import { formatDuration } from '../../model/duration.ts';
import { formatBytes } from '../../model/when.ts';
import { type Backup, newestFirst, overMs } from './backup.ts';
import { isMoving, type Movement, movesOf } from './movement.ts';
import { isQueued, isRestorable, isRunning } from './phase.ts';
import { progressText } from './second-try.ts';
import { median } from './stuck-backup.ts';

const SHOWN = 7;
/** So much more than before is a change, not noise. */
const MORE = 1.5;
/** Volumes that take this share of a backup's time are what it waits for. */
const MOST = 0.5;

export type Slow = {
  readonly reason: string;
  readonly lines: readonly string[];
  /** What to change, in Git: nothing of it is done from here. */
  readonly hints: readonly string[];
  readonly newestMs?: number;
  readonly usualMs?: number;
};

/** How long the backups of a family take, whether the newest took longer, and where the time went. */
export function whySlow(
  name: string,
  {
    family,
    all,
    moves,
    nowMs,
  }: { readonly family: readonly Backup[]; readonly all: readonly Backup[]; readonly moves: readonly Movement[]; readonly nowMs: number },
): Slow {
  const over = newestFirst(family).filter(({ phase }) => isRestorable(phase));
  const running = newestFirst(family).find(({ phase }) => isRunning(phase));
  const [newest, ...before] = over;
  const about = running ?? newest;
  if (about === undefined) return { reason: `${name} has no backup that came to an end`, lines: [], hints: [] };
  const earlier = running === undefined ? before : over;
  const usualMs = median(earlier.slice(0, SHOWN).map(tookMs));
  const usualItems = median(earlier.slice(0, SHOWN).map(({ items }) => items.total));
  const newestMs = running === undefined ? tookMs(about) : nowMs - about.madeMs;

  const compared = usualMs === undefined ? 'there is none to compare it with' : `those before it ${formatDuration(usualMs)}`;
  const reason =
    running === undefined
      ? `${about.name} took ${formatDuration(newestMs)}; ${compared}`
      : `${about.name} is ${progressText(about)} for ${formatDuration(newestMs)}; ${compared}`;
  const own = movesOf(moves, about.name);
  const slowest = [...own].sort((a, b) => lastedMs(b, nowMs) - lastedMs(a, nowMs))[0];
  const waiting = newestFirst(all).filter(({ phase }) => isQueued(phase));
  const lines = [
    ...(over.length === 0
      ? []
      : [
          `newest first: ${over
            .slice(0, SHOWN)
            .map((one) => `${formatDuration(tookMs(one))} for ${counted(one.items.total, 'item')}`)
            .join(', ')}`,
        ]),
    ...volumeLines(own, nowMs),
    ...waiting.map((one) => `${one.name} is ${progressText(one)}`),
  ];
  const grew = usualItems !== undefined && about.items.total > usualItems * MORE;
  const slower = usualMs !== undefined && newestMs > usualMs * MORE;
  const byVolumes = slowest !== undefined && lastedMs(slowest, nowMs) > newestMs * MOST;
  const hints = [
    ...(grew && slower
      ? [
          `It holds ${about.items.total} items, those before it ${usualItems}: look at what was added, and leave out what nobody restores (Events, ReplicaSets of old rollouts)`,
        ]
      : []),
    ...(byVolumes
      ? [
          `Most of the time went into volumes, most of all ${slowest.volume}${slowest.node === '' ? '' : ` on ${slowest.node}`}: raise loadConcurrency of the node agent, or give that node less of them`,
        ]
      : []),
    ...(slower && !grew && !byVolumes
      ? [
          'Neither more objects nor volumes explain it: look at the storage and the API server in that time, and at the CPU and memory limits of the Velero server',
        ]
      : []),
    ...(waiting.length > 0
      ? ['Backups run one at a time: move the times of schedules apart (salvor run schedule-lint), or set --concurrent-backups of the server']
      : []),
  ];
  return { reason, lines, hints, newestMs, ...(usualMs !== undefined && { usualMs }) };
}

const tookMs = (backup: Backup): number => overMs(backup) - backup.madeMs;
const lastedMs = (move: Movement, nowMs: number): number => (move.overMs ?? nowMs) - move.sinceMs;

function volumeLines(moves: readonly Movement[], nowMs: number): readonly string[] {
  if (moves.length === 0) return [];
  const bytes = moves.reduce((sum, { doneBytes }) => sum + doneBytes, 0);
  const open = moves.filter(isMoving);
  return [
    `${counted(moves.length, 'volume')} to the storage, ${formatBytes(bytes)}${open.length === 0 ? '' : `, ${open.length} on their way`}`,
    ...[...moves]
      .sort((a, b) => lastedMs(b, nowMs) - lastedMs(a, nowMs))
      .slice(0, 5)
      .map((move) => {
        const forMs = lastedMs(move, nowMs);
        const rate = forMs > 0 ? `, ${formatBytes(Math.round((move.doneBytes * 1000) / forMs))}/s` : '';
        return `${move.volume}${move.node === '' ? '' : ` on ${move.node}`}: ${move.phase || 'New'} for ${formatDuration(forMs)}, ${formatBytes(move.doneBytes)} of ${formatBytes(move.totalBytes)}${rate}`;
      }),
  ];
}
