import type { Optional } from '../node/machinery.ts';
import { quorumHold } from '../node/storage-quorum.ts';
import { readBackup } from '../velero/backup.ts';
import { VELERO_API } from '../velero/kinds.ts';
import { judge, names, roomFor, toEvict } from './drain-plan.ts';
import type { DrainSight } from './drain-sight.ts';
import { lastBackups, lastBackupText } from './last-backup.ts';

/** Rights that only some clusters need: where Velero or Rook run. */
export const BEGIN_OPTIONAL = ['list backups.velero.io', 'list cephclusters.ceph.rook.io'] as const;

type Asked = {
  readonly emptyDir: 'keep' | 'delete';
  readonly force: boolean;
  readonly pending: 'hold' | 'accept';
  /** How young the last good backup of what moves has to be; absent: it is only told. */
  readonly backupWithin?: number | undefined;
};

/**
 * What has to be so before the first eviction, and cannot be asked later, because by then the drain itself has changed it: room elsewhere, the quorum of the
 * storage, and a backup young enough. `hold` is one sentence; `told` is for the card.
 */
export async function seeBegin(
  optional: Optional,
  sight: DrainSight,
  { asked, nowMs }: { readonly asked: Asked; readonly nowMs: number },
): Promise<{ readonly hold?: string; readonly told: readonly string[] }> {
  const judged = judge(sight, asked);
  const missing = asked.pending === 'accept' ? [] : roomFor(sight, judged).missing;
  const [quorum, found] = await Promise.all([
    quorumHold(optional, sight.here),
    optional.list({ apiVersion: VELERO_API, kind: 'Backup' }, 'how old the last backups are'),
  ]);
  const last = found === undefined ? [] : lastBackups(toEvict(judged), found.map(readBackup), nowMs);
  const holds = [
    ...(missing.length === 0 ? [] : [`there is no room elsewhere: ${names(missing)} (pending: accept goes on all the same)`]),
    ...(quorum === undefined ? [] : [quorum]),
    ...staleText(asked.backupWithin, found === undefined ? undefined : last.filter(({ ageMs }) => ageMs > (asked.backupWithin ?? 0)).map(lastBackupText)),
  ];
  const [hold] = holds;
  return { ...(hold === undefined ? {} : { hold }), told: [...last.map(lastBackupText), ...optional.missing()] };
}

function staleText(withinMs: number | undefined, stale: readonly string[] | undefined): readonly string[] {
  if (withinMs === undefined || stale?.length === 0) return [];
  return [stale === undefined ? 'how old the last backups are cannot be read' : `${names(stale)} (make one first: salvor run backup-run)`];
}
