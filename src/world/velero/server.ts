import { canonical } from '../../model/json.ts';
import type { Clock } from '../../port/clock.ts';
import type { Ids } from '../../port/ids.ts';
import type { WorldObject } from '../object.ts';
import type { Objects } from '../objects.ts';
import { backupController } from './backups.ts';
import { collectExpired } from './collector.ts';
import { LOCATION, type Plan, POD_VOLUME_BACKUP, RESTORE, SCHEDULE, type Velero } from './context.ts';
import { locationController } from './locations.ts';
import type { VeleroMetrics } from './metrics.ts';
import { DATA_UPLOAD, moveController } from './moves.ts';
import { requestController } from './requests.ts';
import { restoreController } from './restores.ts';
import { scheduleController } from './schedules.ts';
import type { ObjectStorage } from './storage.ts';

/** How long a server that was down takes until it works. */
const STARTUP_MS = 1000;
/** When a server that started counts the objects for its metrics, and how often after that. */
const FIRST_COUNT_MS = 5000;
const COUNT_MS = 60_000;

/** Kinds whose spec people change while Velero looks. */
const SPEC_MATTERS = new Set([SCHEDULE, LOCATION, DATA_UPLOAD, POD_VOLUME_BACKUP]);

/** The Velero server of one cluster: one process with all its controllers, which can die and come back. */
export type VeleroServer = {
  /** It runs, and did before the world began. */
  run(): void;
  /** It starts. */
  up(): void;
  down(): void;
  restart(): void;
  /** The process stays and looks well, and does nothing any more until it is started again. */
  wedge(): void;
  isUp(): boolean;
};

type Parts = {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly objects: Objects;
  readonly storage: ObjectStorage;
  readonly metrics: VeleroMetrics;
  readonly plan: Plan;
  readonly namespace: () => string;
  /** Told when the server comes or goes, so that its Deployment can show it. */
  readonly onUp: (isUp: boolean) => void;
};

export function veleroServer(parts: Parts): VeleroServer {
  const { clock, objects, metrics, onUp } = parts;
  const timers = new Set<() => void>();
  let isUp = false;
  let stopWatching: (() => void) | undefined;

  const after = (delayMs: number, callback: () => void): void => {
    const cancel = clock.after(delayMs, () => {
      timers.delete(cancel);
      callback();
    });
    timers.add(cancel);
  };

  const recount = (): void => {
    metrics.recount();
    after(COUNT_MS, recount);
  };

  const work = (wasRunning: boolean): void => {
    const velero: Velero = { ...parts, wasRunning, after, restart };
    const backups = backupController(velero);
    const restores = restoreController(velero);
    const schedules = scheduleController(velero);
    const locations = locationController(velero);
    const requests = requestController(velero);
    const moves = moveController(velero);
    const collector = collectExpired(velero);
    const seen = (object: WorldObject): void => {
      if (object.kind === 'Backup') {
        backups.seen(object);
        collector.seen(object);
      } else if (object.kind === 'Restore') restores.seen(object);
      else if (object.kind === 'Schedule') schedules.seen(object);
      else if (object.kind === 'BackupStorageLocation') locations.seen(object);
      else if (object.kind === 'DataUpload' || object.kind === 'PodVolumeBackup') moves.seen(object);
      else requests.seen(object);
    };
    stopWatching = objects.onChange(({ type, kind, object, before }) => {
      if (kind.group !== 'velero.io' || object.metadata.namespace !== parts.namespace()) return;
      // A new object, one whose deletion begins, or a schedule or location whose spec somebody changed. Their own writes the controllers know.
      if (type === 'DELETED') {
        if (kind === SCHEDULE) metrics.forget(object.metadata.name);
      } else if (type === 'ADDED') seen(object);
      else if (kind === RESTORE && object.metadata.deletionTimestamp !== undefined) restores.deleted(object);
      else if (SPEC_MATTERS.has(kind) && canonical(before?.['spec']) !== canonical(object['spec'])) seen(object);
    });
    for (const controller of [locations, backups, restores, schedules, requests, moves, collector]) controller.started();
    for (const schedule of objects.all(SCHEDULE, parts.namespace())) schedules.seen(schedule);
    if (wasRunning) recount();
    else after(FIRST_COUNT_MS, recount);
  };

  const begin = (wasRunning: boolean): void => {
    if (isUp) return;
    isUp = true;
    metrics.reset();
    if (wasRunning) work(true);
    else after(STARTUP_MS, () => work(false));
    onUp(true);
  };
  const wedge = (): void => {
    stopWatching?.();
    for (const cancel of timers) cancel();
    timers.clear();
  };
  const down = (): void => {
    if (!isUp) return;
    isUp = false;
    wedge();
    onUp(false);
  };
  const restart = (): void => {
    down();
    begin(false);
  };
  return { run: () => begin(true), up: () => begin(false), down, restart, wedge, isUp: () => isUp };
}
