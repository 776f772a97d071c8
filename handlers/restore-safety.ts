import { type KubeObject, remediation, type StepPlan, z } from '../src/action/contract.ts';
import { readBackup } from '../src/domain/velero/backup.ts';
import { backupManifest } from '../src/domain/velero/backup-manifest.ts';
import { failureText, proveBackup } from '../src/domain/velero/backup-proof.ts';
import { backupRef, DEFAULT_NAMESPACE, volumeBackupsQuery } from '../src/domain/velero/kinds.ts';
import { isGood, isTerminal } from '../src/domain/velero/phase.ts';
import { namespaceRef, safetyName } from '../src/domain/velero/restore/kinds.ts';
import { NamespaceName } from '../src/domain/velero/restore/params.ts';
import { progressText } from '../src/domain/velero/second-try.ts';
import { readVolumeBackup } from '../src/domain/velero/volume-backup.ts';
import { SalvorError } from '../src/model/error.ts';
import { MARK, objectName } from '../src/model/object.ts';

const Result = z.strictObject({ namespace: z.string(), name: z.string(), uid: z.string(), made: z.boolean() });

/** Long enough to find out, after a month, that the restore was a mistake. */
const KEPT_FOR = '720h0m0s';

/**
 * Back up a namespace as it is before a restore writes into it. Where it does not exist, or a person said that none is wanted, there is nothing to do.
 * A backup that is only partial does not count: nothing is restored over what is not safe.
 *
 * Writes  one Backup, with annotations that name the run and the step.
 */
export const restoreSafety = remediation({
  id: 'restore.safety',
  summary: 'Back up a namespace before a restore writes into it',
  risk: 'reversible',
  needs: ['get backups.velero.io', 'create backups.velero.io', 'list podvolumebackups.velero.io'],
  everywhere: { needs: ['get namespaces'] },
  params: z.strictObject({ target: NamespaceName, wanted: z.boolean().default(true), namespace: NamespaceName.default(DEFAULT_NAMESPACE) }),
  result: Result,

  async plan({ params, kube, stepKey }) {
    const { target, namespace, wanted } = params;
    const there = await kube.find(namespaceRef(target));
    const none: StepPlan = { summary: `No backup of ${target} before it is written to`, changes: [], undo: [], facts: {} };
    // Whether it is there decides about the approval of the restore itself, which comes next.
    if (there === undefined) return { ...none, notes: [`${target} does not exist, so there is nothing to back up first`] };
    if (!wanted) return { ...none, facts: { wanted: false }, notes: [`Nothing is backed up first, as was asked: what is written over in ${target} is lost`] };
    return {
      summary: `Back up ${target} as it is now`,
      changes: [{ verb: 'create', object: objectName(backupRef(namespace, safetyName(target, stepKey))), to: specFor(target) }],
      undo: [],
      facts: {},
      notes: [`It is kept for ${KEPT_FOR}. Only when it is Completed does the restore begin`],
    };
  },

  async execute({ params, kube, stepKey, run, approved = [] }) {
    const { target, namespace } = params;
    const name = safetyName(target, stepKey);
    if (approved.length === 0) return { namespace, name: '', uid: '', made: false };
    const manifest = backupManifest({ name, namespace, recipe: { spec: specFor(target), labels: {} }, stepKey, run });
    try {
      return resultOf(await kube.create(manifest));
    } catch (error) {
      if (!(error instanceof SalvorError) || error.code !== 'kube.exists') throw error;
      const there = await kube.get(backupRef(namespace, name));
      if (there.metadata.annotations?.[MARK.step] !== stepKey) throw error;
      return resultOf(there);
    }
  },

  async observe({ kube, result }) {
    if (!result.made) return { state: 'done' };
    const found = await kube.find(backupRef(result.namespace, result.name));
    if (found === undefined || found.metadata.uid !== result.uid) return { state: 'failed', reason: `${result.name} was deleted by somebody else` };
    const backup = readBackup(found);
    if (isGood(backup.phase)) return { state: 'done' };
    if (isTerminal(backup.phase)) return { state: 'failed', reason: `nothing is restored, because what is there is not safe: ${failureText(backup)}` };
    return { state: 'pending', progress: progressText(backup) };
  },

  async verify({ kube, result, nowMs }) {
    if (!result.made) return { ok: true, evidence: ['there was nothing to back up first'] };
    const found = await kube.find(backupRef(result.namespace, result.name));
    if (found === undefined || found.metadata.uid !== result.uid) return { ok: false, reason: `${result.name} was deleted by somebody else` };
    const copies = await kube.list(volumeBackupsQuery(result.namespace, result.name)).catch(noSuchKind);
    return proveBackup({ backup: readBackup(found), copies: copies.map(readVolumeBackup), nowMs });
  },

  rollback: { impossible: 'A backup that was made stays: it is what the time before can be brought back from. It goes when its ttl is over.' },
});

const specFor = (target: string) => ({ includedNamespaces: [target], ttl: KEPT_FOR });

function resultOf({ metadata }: KubeObject): z.input<typeof Result> {
  return { namespace: metadata.namespace ?? '', name: metadata.name, uid: metadata.uid ?? '', made: true };
}

function noSuchKind(error: unknown): readonly never[] {
  if (error instanceof SalvorError && (error.code === 'kube.not-found' || error.code === 'kube.unknown-kind')) return [];
  throw error;
}
