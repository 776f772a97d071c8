import { remediation, z } from '../src/action/contract.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { readBackup } from '../src/domain/velero/backup.ts';
import { backupRef, DATA_UPLOAD, DEFAULT_NAMESPACE, POD_VOLUME_BACKUP } from '../src/domain/velero/kinds.ts';
import { isMoving, type Movement, readMovement } from '../src/domain/velero/movement.ts';
import { isTerminal } from '../src/domain/velero/phase.ts';
import { progressText } from '../src/domain/velero/second-try.ts';
import { counted } from '../src/model/counted.ts';
import { formatDuration } from '../src/model/duration.ts';
import { type KubeObject, MARK, type ObjectRef, objectName } from '../src/model/object.ts';
import { formatBytes } from '../src/model/when.ts';

const Name = z.string().refine(isDnsSubdomain, 'expected the name of a Kubernetes object');
const KINDS = [DATA_UPLOAD, POD_VOLUME_BACKUP];
/** `DataUpload/daily-20261121020000-x7k2p`. */
const Move = z.string().regex(/^(DataUpload|PodVolumeBackup)\/[a-z0-9.-]{1,253}$/, 'expected DataUpload/name or PodVolumeBackup/name');

/**
 * Cancel volumes on their way to the storage, so that the backup that waits for them comes to an end. A Backup itself cannot be cancelled.
 *
 * Writes  `spec.cancel` of each DataUpload or PodVolumeBackup, with marks of run and step.
 * Voids   an approval when one of them ended, or is another object of this name.
 * Source  Velero 1.18, pkg/controller/data_upload_controller.go: `cancel` is the way to stop one.
 */
export const backupLetVolumesGo = remediation({
  id: 'backup.let-volumes-go',
  summary: 'Cancel volumes that hold up a backup, so that it ends',
  risk: 'reversible',
  needs: [
    'get backups.velero.io',
    'get podvolumebackups.velero.io',
    'patch podvolumebackups.velero.io',
    'get datauploads.velero.io',
    'patch datauploads.velero.io',
  ],
  params: z.strictObject({ backup: Name, moves: z.array(Move).min(1).max(500), namespace: Name.default(DEFAULT_NAMESPACE) }),
  result: z.strictObject({ backup: z.string(), namespace: z.string(), cancelled: z.number() }),

  async plan({ params, kube, stepKey, nowMs }) {
    const found = await Promise.all(params.moves.map((move) => kube.find(refTo(params.namespace, move))));
    const open = found.flatMap((object) => (object === undefined ? [] : isOpen(object, stepKey) ? [readMovement(object)] : []));
    return {
      summary: `Let ${counted(open.length, 'volume')} of ${params.backup} go, so that it ends`,
      changes: open.map((move) => ({ verb: 'patch', object: objectName(move), field: 'spec.cancel', from: false, to: true }) as const),
      undo: [],
      facts: { volumes: open.map(({ uid }) => uid) },
      notes: [
        ...open.map((move) => moveText(move, nowMs)),
        `${params.backup} ends PartiallyFailed: these volumes are not in it, everything else is, and can be restored`,
        'Backups run one at a time: those that wait behind it start then',
        'Look at the node agent of the node that is named, or the next backup gets stuck the same way',
      ],
    };
  },

  async execute({ params, kube, stepKey, run }) {
    for (const move of params.moves) {
      const ref = refTo(params.namespace, move);
      const found = await kube.find(ref);
      // Gone, over or cancelled, by us before a crash or by somebody else: nothing is left to do about this one.
      if (found === undefined || !isMoving(readMovement(found)) || readMovement(found).isCancelled) continue;
      const { uid = '' } = found.metadata;
      await kube.patch(ref, { metadata: { annotations: { [MARK.run]: run, [MARK.step]: stepKey } }, spec: { cancel: true } }, { uid });
    }
    return { backup: params.backup, namespace: params.namespace, cancelled: params.moves.length };
  },

  async observe({ kube, result }) {
    const found = await kube.find(backupRef(result.namespace, result.backup));
    if (found === undefined) return { state: 'done' };
    const backup = readBackup(found);
    return isTerminal(backup.phase) ? { state: 'done' } : { state: 'pending', progress: progressText(backup) };
  },

  async verify({ params, kube, result }) {
    const found = await Promise.all(params.moves.map((move) => kube.find(refTo(params.namespace, move))));
    const still = found.flatMap((object) => (object === undefined ? [] : [readMovement(object)])).filter(isMoving);
    const [first] = still;
    if (first !== undefined) return { ok: false, again: true, reason: `${first.kind} ${first.name} is ${first.phase}, although it was cancelled` };
    const backup = await kube.find(backupRef(result.namespace, result.backup));
    const ended = backup === undefined ? 'is gone' : `ended ${readBackup(backup).phase}`;
    return { ok: true, evidence: [`${result.backup} ${ended}: the queue of Velero moves again`] };
  },

  rollback: { impossible: 'A volume that was let go is not taken up again by this backup: the next one copies it.' },
});

function refTo(namespace: string, move: string): ObjectRef {
  const [kind, name = ''] = move.split('/');
  const of = KINDS.find((one) => one.kind === kind) ?? DATA_UPLOAD;
  return { ...of, namespace, name };
}

/** Before this step's own write: one that carries its mark was open. */
function isOpen(found: KubeObject, stepKey: string): boolean {
  const move = readMovement(found);
  return found.metadata.annotations?.[MARK.step] === stepKey || (isMoving(move) && !move.isCancelled);
}

function moveText({ volume, node, phase, sinceMs, doneBytes, totalBytes }: Movement, nowMs: number): string {
  return `${volume}${node === '' ? '' : ` on ${node}`}: ${phase} for ${formatDuration(nowMs - sinceMs)}, ${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`;
}
