import { z } from 'zod';
import type { JsonObject } from '../../model/json.ts';
import { type KubeObject, MARK } from '../../model/object.ts';
import { count, object, text, texts, timeMs } from '../lenient.ts';
import { LABEL, labelValue } from './kinds.ts';
import { heldBy } from './legal-hold.ts';
import { isGood, isTerminal } from './phase.ts';

/** A Backup as far as people and playbooks ask about it. Counts that Velero leaves out are 0. */
export type Backup = {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly phase: string;
  /** The schedule that it counts for. */
  readonly schedule?: string;
  readonly storage?: string;
  /** When its content was taken: its start, or its creation where it never started. */
  readonly madeMs: number;
  readonly completedMs?: number;
  readonly expiresMs?: number;
  readonly errors: number;
  readonly warnings: number;
  readonly failureReason?: string;
  readonly validationErrors: readonly string[];
  readonly queuePosition?: number;
  readonly items: { readonly done: number; readonly total: number };
  /** Snapshots of volumes, by drivers and by CSI. File system copies are objects of their own. */
  readonly volumes: { readonly attempted: number; readonly completed: number };
  readonly operations: { readonly attempted: number; readonly completed: number; readonly failed: number };
  readonly hooks: { readonly attempted: number; readonly failed: number };
  /** The stepKey, where Salvor made it. */
  readonly stepKey?: string;
  /** Why it must not be deleted, where somebody wrote that on it. */
  readonly hold?: string;
  readonly labels: { readonly [name: string]: string };
  readonly spec: JsonObject;
};

const Status = z
  .looseObject({
    phase: text,
    startTimestamp: text,
    completionTimestamp: text,
    expiration: text,
    errors: count,
    warnings: count,
    failureReason: text,
    validationErrors: texts,
    queuePosition: count,
    progress: z.looseObject({ totalItems: count, itemsBackedUp: count }).nullish().catch(undefined),
    volumeSnapshotsAttempted: count,
    volumeSnapshotsCompleted: count,
    csiVolumeSnapshotsAttempted: count,
    csiVolumeSnapshotsCompleted: count,
    backupItemOperationsAttempted: count,
    backupItemOperationsCompleted: count,
    backupItemOperationsFailed: count,
    hookStatus: z.looseObject({ hooksAttempted: count, hooksFailed: count }).nullish().catch(undefined),
  })
  .nullish()
  .catch(undefined);

const Parts = z.looseObject({ spec: object, status: Status });

export function readBackup(found: KubeObject): Backup {
  const { spec = {}, status } = Parts.parse(found);
  const { name, namespace = '', uid = '', labels = {}, annotations = {}, creationTimestamp } = found.metadata;
  const completedMs = timeMs(status?.completionTimestamp);
  const expiresMs = timeMs(status?.expiration);
  const schedule = labels[LABEL.schedule];
  const storage = typeof spec.storageLocation === 'string' && spec.storageLocation !== '' ? spec.storageLocation : labels[LABEL.storage];
  const stepKey = annotations[MARK.step];
  const hold = heldBy(found.metadata);
  return {
    name,
    namespace,
    uid,
    phase: status?.phase ?? '',
    ...(schedule === undefined ? {} : { schedule }),
    ...(storage === undefined ? {} : { storage }),
    // Velero makes objects again that it finds in the storage: then the creation is late, the start is true.
    madeMs: timeMs(status?.startTimestamp) ?? timeMs(creationTimestamp) ?? 0,
    ...(completedMs === undefined ? {} : { completedMs }),
    ...(expiresMs === undefined ? {} : { expiresMs }),
    errors: status?.errors ?? 0,
    warnings: status?.warnings ?? 0,
    ...(status?.failureReason === undefined ? {} : { failureReason: status.failureReason }),
    validationErrors: status?.validationErrors ?? [],
    ...(status?.queuePosition === undefined ? {} : { queuePosition: status.queuePosition }),
    items: { done: status?.progress?.itemsBackedUp ?? 0, total: status?.progress?.totalItems ?? 0 },
    volumes: {
      attempted: (status?.volumeSnapshotsAttempted ?? 0) + (status?.csiVolumeSnapshotsAttempted ?? 0),
      completed: (status?.volumeSnapshotsCompleted ?? 0) + (status?.csiVolumeSnapshotsCompleted ?? 0),
    },
    operations: {
      attempted: status?.backupItemOperationsAttempted ?? 0,
      completed: status?.backupItemOperationsCompleted ?? 0,
      failed: status?.backupItemOperationsFailed ?? 0,
    },
    hooks: { attempted: status?.hookStatus?.hooksAttempted ?? 0, failed: status?.hookStatus?.hooksFailed ?? 0 },
    ...(stepKey === undefined ? {} : { stepKey }),
    ...(hold === undefined ? {} : { hold }),
    labels,
    spec,
  };
}

/** Newest first; of two that were made in the same second, the one that is not good, since nobody knows which was later; else the later name. */
export function newestFirst(backups: readonly Backup[]): readonly Backup[] {
  return [...backups].sort((a, b) => b.madeMs - a.madeMs || Number(isGood(a.phase)) - Number(isGood(b.phase)) || (a.name < b.name ? 1 : -1));
}

export function newestOver(backups: readonly Backup[]): Backup | undefined {
  return newestFirst(backups).find(({ phase }) => isTerminal(phase));
}

/** The backups that count for a schedule; Velero shortens long names in the label. */
export function ofSchedule(backups: readonly Backup[], schedule: string): readonly Backup[] {
  return backups.filter((backup) => backup.schedule === labelValue(schedule) || backup.schedule === schedule);
}

/** When it was over. One that failed validation never started: its creation. */
export function overMs(backup: Backup): number {
  return backup.completedMs ?? backup.madeMs;
}
