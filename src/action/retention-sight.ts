import type { Backup } from '../domain/velero/backup.ts';
import { DELETION_REQUEST } from '../domain/velero/kinds.ts';
import { REPOSITORY, type Repository, readRepository } from '../domain/velero/repository.ts';
import { restoresQuery } from '../domain/velero/restore/kinds.ts';
import { readRestore } from '../domain/velero/restore/restore.ts';
import { readDeletion } from '../domain/velero/retention/deletion.ts';
import type { RetentionSight } from '../domain/velero/retention/guards.ts';
import { type VolumeSpace, volumeSpace } from '../domain/velero/retention/space.ts';
import { errorCode } from '../model/error.ts';
import type { Reader } from '../port/kube.ts';
import { noSuchKind } from './failure-files.ts';
import { listMoves, listVelero } from './velero-lists.ts';

export const RETENTION_NEEDS = [
  'list backups.velero.io',
  'list schedules.velero.io',
  'list backupstoragelocations.velero.io',
  'list restores.velero.io',
  'list deletebackuprequests.velero.io',
] as const;
/** Without them nobody knows how large what goes is. */
export const SPACE_OPTIONAL = ['list podvolumebackups.velero.io', 'list datauploads.velero.io'] as const;

/** Everything that decides about deletions, each kind in one list. */
export async function readRetention(kube: Pick<Reader, 'list'>, namespace: string, nowMs: number): Promise<RetentionSight> {
  const [lists, restores, deletions] = await Promise.all([
    listVelero(kube, namespace),
    kube.list(restoresQuery(namespace)),
    kube.list({ ...DELETION_REQUEST, namespace }),
  ]);
  return { ...lists, restores: restores.map(readRestore), deletions: deletions.map(readDeletion), nowMs };
}

type Space = { readonly space: (backup: Pick<Backup, 'name'>) => VolumeSpace; readonly missing: readonly string[] };

/** What the volumes of backups take, where that may be seen. */
export async function readSpace(kube: Pick<Reader, 'list'>, namespace: string): Promise<Space> {
  const { moves, missing } = await listMoves(kube, namespace);
  return { space: volumeSpace(moves), missing };
}

/** The repositories that volumes are kept in; none where they may not be seen. */
export async function listRepositories(kube: Pick<Reader, 'list'>, namespace: string): Promise<readonly Repository[]> {
  const found = await kube.list({ ...REPOSITORY, namespace }).catch((error: unknown) => (errorCode(error) === 'kube.forbidden' ? [] : noSuchKind(error)));
  return found.map(readRepository);
}
