import { counted } from '../../../model/counted.ts';
import { formatDuration } from '../../../model/duration.ts';
import type { Backup } from '../backup.ts';
import { labelValue } from '../kinds.ts';
import { chooseLocation, isAvailable, type Location } from '../location.ts';
import { isTerminal, phaseMeaning } from '../phase.ts';
import { isUnderWay, type Restore } from '../restore/restore.ts';
import type { Schedule } from '../schedule.ts';
import { type Deletion, isOpen } from './deletion.ts';
import { floorOf } from './floor.ts';

/** Everything that decides whether a backup may be deleted, as it is now. */
export type RetentionSight = {
  readonly backups: readonly Backup[];
  readonly schedules: readonly Schedule[];
  readonly locations: readonly Location[];
  readonly restores: readonly Restore[];
  readonly deletions: readonly Deletion[];
  readonly nowMs: number;
};

/** Why a backup stays. `passing`: it may be otherwise in a while. */
export type Kept = {
  readonly by: 'hold' | 'unsettled' | 'deletion' | 'restore' | 'storage' | 'newest' | 'floor';
  readonly text: string;
  readonly passing?: true;
};

/** Whoever restored from it lately may do so again, and its restores would lose their records with it. */
const USED_WITHIN_MS = 86_400_000;

/**
 * Says of each backup why it must not be deleted, or undefined where it may be. One look at everything for all of them: a storage holds thousands.
 * `keep`: how many of each schedule stay at least.
 */
export function guardsOf(sight: RetentionSight, keep: number): (backup: Backup) => Kept | undefined {
  const { backups, schedules, locations, restores, deletions, nowMs } = sight;
  const holds = new Map(schedules.flatMap(({ name, hold }) => (hold === undefined ? [] : [[labelValue(name), hold] as const])));
  const used = new Map(restores.filter((one) => isUnderWay(one) || nowMs - one.madeMs < USED_WITHIN_MS).map((one) => [one.backup, one]));
  const asked = new Set(deletions.filter(isOpen).map(({ backup }) => backup));
  const newest = new Set<string>();
  const floor = new Map<string, number>();
  for (const [schedule, family] of Map.groupBy(backups, familyOf)) {
    if (schedule === undefined) continue;
    const stays = floorOf(family, keep, nowMs);
    if (stays.newest !== undefined) newest.add(stays.newest.uid);
    for (const one of stays.floor) floor.set(one.uid, stays.floor.length);
  }

  return (backup) => {
    const { name, uid, phase } = backup;
    const schedule = familyOf(backup);
    const hold = backup.hold ?? (schedule === undefined ? undefined : holds.get(schedule));
    if (hold !== undefined) return { by: 'hold', text: `it is under a legal hold (${hold})` };
    if (asked.has(name)) return { by: 'deletion', text: 'it is being deleted already', passing: true };
    // One that is called Deleting and that nobody works on was left half deleted.
    if (!isTerminal(phase) && phaseMeaning(phase) !== 'deleting') return { by: 'unsettled', text: `it is ${phase || 'not begun'}`, passing: true };
    const restore = used.get(name);
    if (restore !== undefined) return usedBy(restore, nowMs);
    const storage = storageKeeps(backup, locations);
    if (storage !== undefined) return storage;
    if (newest.has(uid)) return { by: 'newest', text: `it is the newest good backup of ${schedule ?? ''}` };
    const kept = floor.get(uid);
    return kept === undefined ? undefined : { by: 'floor', text: `it is one of the ${counted(kept, 'backup')} of ${schedule ?? ''} that stay` };
  };
}

/** The schedule that it counts for, as its label says it. */
export function familyOf({ schedule }: Backup): string | undefined {
  return schedule === undefined || schedule === '' ? undefined : labelValue(schedule);
}

function usedBy(restore: Restore, nowMs: number): Kept {
  if (isUnderWay(restore)) return { by: 'restore', text: `the restore ${restore.name} is made from it`, passing: true };
  return { by: 'restore', text: `the restore ${restore.name} was made from it ${formatDuration(Math.max(nowMs - restore.madeMs, 0))} ago`, passing: true };
}

/** Velero deletes nothing from a storage that it cannot write to. */
function storageKeeps({ storage }: Backup, locations: readonly Location[]): Kept | undefined {
  const location = chooseLocation(locations, storage);
  if (location === undefined) return { by: 'storage', text: `its storage "${storage ?? ''}" is not configured any more` };
  if (location.readOnly) return { by: 'storage', text: `its storage "${location.name}" is read-only` };
  return isAvailable(location) ? undefined : { by: 'storage', text: `its storage "${location.name}" is ${location.phase || 'not looked at'}`, passing: true };
}
