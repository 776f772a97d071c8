import { counted } from '../../../model/counted.ts';
import { formatDuration, parseDuration } from '../../../model/duration.ts';
import { formatBytes } from '../../../model/when.ts';
import { type Backup, newestFirst } from '../backup.ts';
import { intervalOf } from '../freshness.ts';
import { labelValue } from '../kinds.ts';
import { isRestorable } from '../phase.ts';
import type { Schedule } from '../schedule.ts';
import { familyOf } from './guards.ts';
import type { VolumeSpace } from './space.ts';

const DAY_MS = 86_400_000;
const LAST = 7;

/** What one schedule puts into the storage. */
export type ScheduleGrowth = {
  readonly schedule: string;
  readonly count: number;
  /** What its newest backup's volumes hold in whole. */
  readonly wholeBytes: number;
  /** New data a day, by its last backups; undefined where Velero does not tell what was new in them. */
  readonly bytesPerDay?: number;
  readonly archiveBytes?: number;
};

type Sight = {
  readonly backups: readonly Backup[];
  readonly schedules: readonly Schedule[];
  readonly nowMs: number;
  readonly space: (backup: Backup) => VolumeSpace;
  /** The size of the newest archive by schedule, where a metric tells it. */
  readonly archives: ReadonlyMap<string, number>;
};

/** The schedules with backups, the one that grows fastest first. */
export function growthOf({ backups, space, archives }: Omit<Sight, 'schedules' | 'nowMs'>): readonly ScheduleGrowth[] {
  const families = [
    ...Map.groupBy(
      backups.filter(({ phase }) => isRestorable(phase)),
      familyOf,
    ),
  ];
  const grown = families.flatMap(([schedule, family]): readonly ScheduleGrowth[] => {
    if (schedule === undefined) return [];
    const last = newestFirst(family).slice(0, LAST);
    const perDay = newPerDay(last.map((one) => ({ madeMs: one.madeMs, newBytes: space(one).newBytes })));
    const archiveBytes = archives.get(schedule);
    return [
      {
        schedule,
        count: family.length,
        wholeBytes: last[0] === undefined ? 0 : space(last[0]).bytes,
        ...(perDay !== undefined && { bytesPerDay: perDay }),
        ...(archiveBytes !== undefined && { archiveBytes }),
      },
    ];
  });
  return grown.sort((a, b) => (b.bytesPerDay ?? 0) - (a.bytesPerDay ?? 0) || b.wholeBytes - a.wholeBytes || (a.schedule < b.schedule ? -1 : 1));
}

/** Newest first. What was new in the oldest of them came before the time that they span. */
function newPerDay(made: readonly { readonly madeMs: number; readonly newBytes: number | undefined }[]): number | undefined {
  const known = made.flatMap(({ madeMs, newBytes }) => (newBytes === undefined ? [] : [{ madeMs, newBytes }]));
  const [newest] = known;
  const oldest = known.at(-1);
  const spanMs = (newest?.madeMs ?? 0) - (oldest?.madeMs ?? 0);
  if (spanMs <= 0) return undefined;
  return Math.round((known.slice(0, -1).reduce((total, { newBytes }) => total + newBytes, 0) / spanMs) * DAY_MS);
}

/** `daily: 30 backups; volumes of 41.0 GiB, 1.2 GiB new a day; archive 3.1 MiB`. */
export function growthLine({ schedule, count, wholeBytes, bytesPerDay, archiveBytes }: ScheduleGrowth): string {
  const fresh = bytesPerDay === undefined ? '' : `, ${formatBytes(bytesPerDay)} new a day`;
  const volumes = wholeBytes === 0 ? 'no volume copied' : `volumes of ${formatBytes(wholeBytes)}${fresh}`;
  return `${schedule}: ${counted(count, 'backup')}; ${volumes}${archiveBytes === undefined ? '' : `; archive of ${formatBytes(archiveBytes)}`}`;
}

/** What would keep less from now on: a shorter ttl counts for new backups only, and belongs where the schedule is written. */
export function shorterTtl(grown: readonly ScheduleGrowth[], { schedules, nowMs }: Pick<Sight, 'schedules' | 'nowMs'>, keep: number): readonly string[] {
  return grown.slice(0, 3).flatMap(({ schedule, count }) => {
    const found = schedules.find(({ name }) => labelValue(name) === schedule);
    const intervalMs = found === undefined ? undefined : intervalOf(found.cron, nowMs);
    const ttl = typeof found?.template.ttl === 'string' ? found.template.ttl : undefined;
    if (found === undefined || intervalMs === undefined || count <= keep) return [];
    const enoughMs = intervalMs * (keep + 1);
    if (ttl !== undefined && (parseDuration(ttl) ?? Number.POSITIVE_INFINITY) <= enoughMs) return [];
    return [
      `For backups to come: a ttl of ${formatDuration(enoughMs)} in the template of ${found.name} keeps about ${keep + 1}; it is ${ttl ?? 'not set (Velero: 30d)'}`,
    ];
  });
}
