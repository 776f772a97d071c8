import type { Clock } from '../../port/clock.ts';
import type { Ids } from '../../port/ids.ts';
import { type Kind, theKind } from '../kinds.ts';
import type { WorldObject } from '../object.ts';
import type { Objects } from '../objects.ts';
import type { ReadScenario } from '../scenario.ts';
import type { VeleroMetrics } from './metrics.ts';
import type { ObjectStorage } from './storage.ts';

type NextBackup = NonNullable<ReadScenario['next']>[number];
type NextRestore = NonNullable<ReadScenario['nextRestores']>[number];

/** What the scenario says about things to come. */
export type Plan = {
  next: NextBackup[];
  nextRestores: NextRestore[];
  stuck: boolean;
  deletions: 'ok' | 'failing';
};

/** What the controllers of one Velero server work with. */
export type Velero = {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly objects: Objects;
  readonly storage: ObjectStorage;
  readonly metrics: VeleroMetrics;
  readonly plan: Plan;
  readonly namespace: () => string;
  /** True: it ran before the world began, so what is in progress is its own, and it goes on. */
  readonly wasRunning: boolean;
  /** A timer that dies with the server. */
  readonly after: (delayMs: number, callback: () => void) => void;
  /** The server dies and comes back. */
  readonly restart: () => void;
};

export const VELERO_API = 'velero.io/v1';
export const BACKUP = theKind(VELERO_API, 'Backup');
export const RESTORE = theKind(VELERO_API, 'Restore');
export const SCHEDULE = theKind(VELERO_API, 'Schedule');
export const LOCATION = theKind(VELERO_API, 'BackupStorageLocation');
export const DOWNLOAD = theKind(VELERO_API, 'DownloadRequest');
export const DELETION = theKind(VELERO_API, 'DeleteBackupRequest');
export const SERVER_STATUS = theKind(VELERO_API, 'ServerStatusRequest');
export const POD_VOLUME_BACKUP = theKind(VELERO_API, 'PodVolumeBackup');
export const VERSION = 'v1.18.3';

export const SCHEDULE_LABEL = 'velero.io/schedule-name';
export const STORAGE_LABEL = 'velero.io/storage-location';

/** Objects of a kind in Velero's own namespace. */
export function ours({ objects, namespace }: Pick<Velero, 'objects' | 'namespace'>, kind: Kind): readonly WorldObject[] {
  return objects.all(kind, namespace());
}

/** The schedule that a backup counts for, or an empty text. */
export function scheduleOf(backup: WorldObject): string {
  return backup.metadata.labels?.[SCHEDULE_LABEL] ?? '';
}
