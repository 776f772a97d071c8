import { z } from 'zod';
import { formatDuration } from '../../model/duration.ts';
import type { KubeObject } from '../../model/object.ts';
import { formatBytes } from '../../model/when.ts';
import { count, flag, text, timeMs } from '../lenient.ts';
import { LABEL, labelValue } from './kinds.ts';

/**
 * A volume on its way to the storage: a DataUpload (of a snapshot) or a PodVolumeBackup (of a file system). Both can be stopped by `spec.cancel`.
 * Source  Velero 1.18, pkg/apis/velero/v2alpha1/data_upload_types.go, v1/pod_volume_backup_types.go.
 */
export type Movement = {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  /** The value of the label: Velero shortens long names in it. */
  readonly backup: string;
  readonly volume: string;
  readonly phase: string;
  readonly message: string;
  readonly node: string;
  readonly sinceMs: number;
  readonly overMs?: number;
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** What it held that the copies before it did not. Velero 1.18 tells it where the first copy is not the only one. */
  readonly newBytes?: number;
  /** The namespace whose volumes share a repository with it. */
  readonly volumeNamespace: string;
  readonly isCancelled: boolean;
};

const MINUTE = 60_000;
/** Velero itself gives a move up that is not prepared after half an hour. */
const PREPARED_WITHIN_MS = 30 * MINUTE;
/** One that has moved no byte in an hour does not move. */
const FIRST_BYTE_WITHIN_MS = 60 * MINUTE;

const Parts = z.looseObject({
  spec: z
    .looseObject({
      cancel: flag,
      node: text,
      volume: text,
      sourceNamespace: text,
      sourcePVC: text,
      pod: z.looseObject({ namespace: text, name: text }).nullish(),
    })
    .optional()
    .catch(undefined),
  status: z
    .looseObject({
      phase: text,
      message: text,
      node: text,
      startTimestamp: text,
      acceptedTimestamp: text,
      completionTimestamp: text,
      incrementalBytes: count,
      progress: z.looseObject({ bytesDone: count, totalBytes: count }).nullish().catch(undefined),
    })
    .nullish()
    .catch(undefined),
});

export function readMovement(found: KubeObject): Movement {
  const { spec, status } = Parts.parse(found);
  const { name, namespace = '', uid = '', labels = {}, creationTimestamp } = found.metadata;
  const source =
    spec?.sourcePVC === undefined
      ? `${spec?.volume ?? '?'} of ${spec?.pod?.namespace ?? '?'}/${spec?.pod?.name ?? '?'}`
      : `${spec.sourceNamespace ?? '?'}/${spec.sourcePVC}`;
  const overMs = timeMs(status?.completionTimestamp);
  return {
    kind: found.kind,
    name,
    namespace,
    uid,
    backup: labels[LABEL.backup] ?? '',
    volume: source,
    phase: status?.phase ?? '',
    message: status?.message ?? '',
    node: status?.node ?? spec?.node ?? '',
    sinceMs: timeMs(status?.startTimestamp) ?? timeMs(status?.acceptedTimestamp) ?? timeMs(creationTimestamp) ?? 0,
    ...(overMs === undefined ? {} : { overMs }),
    doneBytes: status?.progress?.bytesDone ?? 0,
    totalBytes: status?.progress?.totalBytes ?? 0,
    ...(status?.incrementalBytes === undefined ? {} : { newBytes: status.incrementalBytes }),
    volumeNamespace: spec?.sourceNamespace ?? spec?.pod?.namespace ?? '',
    isCancelled: spec?.cancel ?? false,
  };
}

const OVER: ReadonlySet<string> = new Set(['Completed', 'Failed', 'Canceled']);
export const isMoving = ({ phase }: Movement): boolean => !OVER.has(phase);

/** The moves of one backup. */
export function movesOf(moves: readonly Movement[], backup: string): readonly Movement[] {
  return moves.filter((move) => move.backup === labelValue(backup) || move.backup === backup);
}

/** Why a move does not come to its end, or undefined. `withinMs`: what the backup itself gives it (`itemOperationTimeout`). */
export function stuckMove(move: Movement, nowMs: number, withinMs: number): string | undefined {
  if (!isMoving(move)) return undefined;
  const forMs = nowMs - move.sinceMs;
  const what = `${move.kind} ${move.name} (${move.volume}${move.node === '' ? '' : ` on ${move.node}`})`;
  const forText = `for ${formatDuration(forMs)}`;
  if (move.phase !== 'InProgress' && move.phase !== 'Canceling')
    return forMs > PREPARED_WITHIN_MS ? `${what} is ${move.phase || 'not looked at'} ${forText}: no node agent takes it up` : undefined;
  if (forMs > withinMs) return `${what} is ${move.phase} ${forText}, ${formatBytes(move.doneBytes)} of ${formatBytes(move.totalBytes)}`;
  return move.doneBytes === 0 && forMs > FIRST_BYTE_WITHIN_MS ? `${what} is ${move.phase} ${forText} and has moved nothing` : undefined;
}
