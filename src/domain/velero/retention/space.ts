import { counted } from '../../../model/counted.ts';
import { formatDuration } from '../../../model/duration.ts';
import { formatBytes } from '../../../model/when.ts';
import type { Backup } from '../backup.ts';
import { labelValue } from '../kinds.ts';
import type { Movement } from '../movement.ts';
import type { Repository } from '../repository.ts';
import { timeText } from '../time-text.ts';

/** What of a backup's volumes was copied into the storage: their whole size, and what was new in them then where Velero tells it. */
export type VolumeSpace = { readonly volumes: number; readonly bytes: number; readonly newBytes?: number; readonly namespaces: readonly string[] };
const NOTHING: VolumeSpace = { volumes: 0, bytes: 0, namespaces: [] };

/** By the name of the backup, from one list of everything that was ever moved. */
export function volumeSpace(moves: readonly Movement[]): (backup: Pick<Backup, 'name'>) => VolumeSpace {
  const byBackup = Map.groupBy(
    moves.filter(({ phase }) => phase === 'Completed'),
    ({ backup }) => backup,
  );
  return ({ name }) => {
    const own = byBackup.get(labelValue(name));
    return own === undefined ? NOTHING : together(own);
  };
}

function together(moves: readonly Movement[]): VolumeSpace {
  const fresh = moves.flatMap(({ newBytes }) => newBytes ?? []);
  return {
    volumes: moves.length,
    bytes: sum(moves.map(({ totalBytes }) => totalBytes)),
    ...(fresh.length > 0 && { newBytes: sum(fresh) }),
    namespaces: [...new Set(moves.map(({ volumeNamespace }) => volumeNamespace).filter((name) => name !== ''))].sort(),
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/**
 * What a deletion frees, as far as it can be known. Archives and logs go at once. Volumes are kept in repositories, whose copies share what they have in
 * common: only what no other backup holds is freed, and only by their maintenance, which waits a day so that no running copy loses what it counts on.
 * Source  Velero 1.18 documentation, "Repository Maintenance"; kopia's full maintenance.
 */
export function freedLines(spaces: readonly VolumeSpace[]): readonly string[] {
  const volumes = sum(spaces.map((one) => one.volumes));
  if (volumes === 0) return ['Their archives and logs leave the storage at once; they hold no volume that was copied into it'];
  const bytes = sum(spaces.map((one) => one.bytes));
  return [
    'Their archives and logs leave the storage at once',
    `Their ${counted(volumes, 'volume')} free anything between nothing and ${formatBytes(bytes)}: copies share what they have in common, and only what no other backup holds goes`,
    'That space comes back with the maintenance of the repository, a day or two after the deletion, not at once',
  ];
}

const FULL_MAINTENANCE_MS = 86_400_000;

/** When to look at the storage again: after the repositories of these namespaces had a full maintenance, and another day passed. */
export function maintenanceLines(repositories: readonly Repository[], namespaces: readonly string[], nowMs: number): readonly string[] {
  const own = repositories.filter(({ volumeNamespace }) => namespaces.includes(volumeNamespace));
  const troubled = own.filter(({ phase, maintenance }) => phase === 'NotReady' || maintenance !== '');
  return [
    ...own.map(
      ({ name, maintainedMs }) =>
        `the repository ${name} was last maintained ${maintainedMs === undefined ? 'never' : `${formatDuration(Math.max(nowMs - maintainedMs, 0))} ago`}`,
    ),
    ...troubled.map(
      ({ name, maintenance, message }) => `the repository ${name} frees nothing until it works: ${maintenance || message || 'it cannot be opened'}`,
    ),
    ...(namespaces.length === 0 ? [] : [`space of volumes is to be expected by ${timeText(nowMs + 2 * FULL_MAINTENANCE_MS)}`]),
  ];
}
