import { type Backup, readBackup } from '../domain/velero/backup.ts';
import { backupsQuery, DATA_UPLOAD, locationsQuery, POD_VOLUME_BACKUP, schedulesQuery } from '../domain/velero/kinds.ts';
import { type Location, readLocation } from '../domain/velero/location.ts';
import { type Movement, readMovement } from '../domain/velero/movement.ts';
import { readSchedule, type Schedule } from '../domain/velero/schedule.ts';
import { errorCode } from '../model/error.ts';
import type { Reader } from '../port/kube.ts';
import { noSuchKind } from './failure-files.ts';

/**
 * What several actions ask of one Velero, each kind in one list. A list of backups holds the history of every schedule at once: nobody lists them by
 * schedule.
 */
export type VeleroLists = {
  readonly backups: readonly Backup[];
  readonly schedules: readonly Schedule[];
  readonly locations: readonly Location[];
};

type Lister = Pick<Reader, 'list'>;

export async function listVelero(kube: Lister, namespace: string): Promise<VeleroLists> {
  const [backups, schedules, locations] = await Promise.all([
    kube.list(backupsQuery(namespace)),
    kube.list(schedulesQuery(namespace)),
    kube.list(locationsQuery(namespace)),
  ]);
  return { backups: backups.map(readBackup), schedules: schedules.map(readSchedule), locations: locations.map(readLocation) };
}

/** Every volume that is or was on its way to the storage. `missing`: kinds that may not be listed. A kind that is not served has none. */
export async function listMoves(kube: Lister, namespace: string): Promise<{ readonly moves: readonly Movement[]; readonly missing: readonly string[] }> {
  const missing: string[] = [];
  const found = await Promise.all(
    [DATA_UPLOAD, POD_VOLUME_BACKUP].map((kind) =>
      kube.list({ ...kind, namespace }).catch((error: unknown) => {
        if (errorCode(error) !== 'kube.forbidden') return noSuchKind(error);
        missing.push(`not seen, since the right is missing: list ${kind.kind}`);
        return [];
      }),
    ),
  );
  return { moves: found.flat().map(readMovement), missing };
}
