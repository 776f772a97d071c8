import { type KubeObject, type Manifest, type RemediationAction, remediation, type StepPlan, z } from '../src/action/contract.ts';
import { backupRef, DEFAULT_NAMESPACE, VELERO_API } from '../src/domain/velero/kinds.ts';
import { isTerminal, phaseMeaning } from '../src/domain/velero/phase.ts';
import { againName, askedSpec, namespacesOf } from '../src/domain/velero/restore/again.ts';
import { namespaceRef, restoreRef } from '../src/domain/velero/restore/kinds.ts';
import { Name, NamespaceName } from '../src/domain/velero/restore/params.ts';
import { readRestore, restoreFailureText, restoreProgress } from '../src/domain/velero/restore/restore.ts';
import { SalvorError } from '../src/model/error.ts';
import type { JsonObject } from '../src/model/json.ts';
import { MARK, type ObjectRef, objectName } from '../src/model/object.ts';

type Reader = Parameters<RemediationAction['verify']>[0]['kube'];
type Writer = Parameters<RemediationAction['execute']>[0]['kube'];

const Params = z.strictObject({
  restore: Name,
  /** Into this namespace instead of the one that it was for; only where it was for one. */
  into: NamespaceName.optional(),
  /** Claims ask for this storage class instead of their own. */
  class: Name.optional(),
  namespace: NamespaceName.default(DEFAULT_NAMESPACE),
});
type Params = z.output<typeof Params>;
const Result = z.strictObject({ namespace: z.string(), name: z.string(), uid: z.string(), target: z.string() });

/**
 * Make a failed restore again, once: what it asked for, as it was or into another namespace or with another storage class.
 *
 * Writes  one Restore, and a ConfigMap beside Velero where a storage class is changed; with annotations that name the run and the step.
 * Voids   an approval when the failed restore, the backup or one of the namespaces (its uid, or that it is absent) changes.
 * Errors  kube.not-found (restore or backup gone), request.invalid (several namespaces cannot go into one), never retried.
 */
export const restoreAgain = remediation({
  id: 'restore.again',
  summary: 'Make a failed restore again, as it was or in another way',
  risk: 'destructive',
  needs: ['get backups.velero.io', 'get restores.velero.io', 'create restores.velero.io', 'get configmaps', 'create configmaps'],
  everywhere: { needs: ['get namespaces'] },
  params: Params,
  result: Result,

  async plan({ params, kube, stepKey }) {
    const { namespace } = params;
    const failed = readRestore(await kube.get(restoreRef(namespace, params.restore)));
    const backup = await kube.get(backupRef(namespace, failed.backup));
    const name = againName(failed.name, stepKey);
    const made = await kube.find(restoreRef(namespace, name));
    const spec = specOf(askedSpec(failed), params, name);
    const targets = await Promise.all([...namespacesOf(spec).values()].map(async (one) => [one, await kube.find(namespaceRef(one))] as const));
    const live = targets.filter(([, found]) => found !== undefined).map(([one]) => one);
    // A restore that names no namespace is for all of them.
    const risk = live.length === 0 && targets.length > 0 ? 'reversible' : 'destructive';
    const modifier =
      params.class === undefined
        ? []
        : [{ verb: 'create' as const, object: objectName(modifierRef(namespace, name)), to: classRules(params.class), risk: 'reversible' as const }];
    const was = made?.metadata.annotations?.[MARK.before];
    const plan: StepPlan = {
      summary: `Restore ${failed.backup} again, once`,
      changes: [...modifier, { verb: 'create', object: objectName(restoreRef(namespace, name)), to: spec, risk }],
      undo: [],
      facts: {
        failed: failed.uid,
        backup: backup.metadata.uid,
        // Once it is made, the namespaces are its own work.
        targets: was ?? targetsText(targets),
      },
      notes: [
        `It asks for what ${failed.name} asked for${params.into === undefined ? '' : `, into ${params.into}`}${params.class === undefined ? '' : `, with storage class ${params.class}`}`,
        ...(live.length === 0
          ? []
          : [
              `${live.join(', ')} exist${live.length === 1 ? 's' : ''}: what is there, also from the one that failed, is ${spec.existingResourcePolicy === 'update' ? 'overwritten where it differs' : 'left as it is'}. Claims that exist keep what is in their volumes`,
            ]),
      ],
    };
    return plan;
  },

  async execute({ params, kube, stepKey, run }) {
    const { namespace } = params;
    const failed = readRestore(await kube.get(restoreRef(namespace, params.restore)));
    const name = againName(failed.name, stepKey);
    const spec = specOf(askedSpec(failed), params, name);
    const annotations = { [MARK.step]: stepKey, [MARK.run]: run };
    const places = namespacesOf(spec);
    if (params.class !== undefined) {
      const ref = modifierRef(namespace, name);
      await make(
        kube,
        { apiVersion: ref.apiVersion, kind: ref.kind, metadata: { name: ref.name, namespace, annotations }, data: classRules(params.class) },
        stepKey,
      );
    }
    const there = await kube.find(restoreRef(namespace, name));
    const targets = await Promise.all([...places.values()].map(async (one) => [one, await kube.find(namespaceRef(one))] as const));
    const before = there?.metadata.annotations?.[MARK.before] ?? targetsText(targets);
    const made = await make(
      kube,
      { apiVersion: VELERO_API, kind: 'Restore', metadata: { name, namespace, annotations: { ...annotations, [MARK.before]: before } }, spec },
      stepKey,
    );
    return { namespace, name, uid: made.metadata.uid ?? '', target: [...places.values()][0] ?? '' };
  },

  async observe({ kube, result }) {
    const found = await own(kube, result);
    if (found === undefined) return { state: 'failed', reason: `${result.name} was deleted by somebody else` };
    const restore = readRestore(found);
    if (phaseMeaning(restore.phase) === 'bad') return { state: 'failed', reason: restoreFailureText(restore) };
    return isTerminal(restore.phase) ? { state: 'done' } : { state: 'pending', progress: restoreProgress(restore) };
  },

  async verify({ kube, result }) {
    const found = await own(kube, result);
    if (found === undefined) return { ok: false, reason: `${result.name} was deleted by somebody else` };
    const restore = readRestore(found);
    if (phaseMeaning(restore.phase) !== 'good') return { ok: false, reason: restoreFailureText(restore) };
    return { ok: true, evidence: [`${result.name}: ${restoreProgress(restore)}`] };
  },

  rollback: { impossible: 'A restore takes nothing away and puts what it brings among what the failed one left: nobody can tell later which of it is whose.' },
});

function specOf(asked: JsonObject, params: Params, name: string): JsonObject {
  const { into } = params;
  const [source, ...more] = namespacesOf(asked).keys();
  if (into !== undefined && (source === undefined || more.length > 0))
    throw new SalvorError('request.invalid', 'only a restore of one namespace can go into another one: this one is for several, so restore them one by one');
  return {
    ...asked,
    ...(into === undefined || source === undefined ? {} : { namespaceMapping: { [source]: into } }),
    ...(params.class === undefined ? {} : { resourceModifier: { kind: 'ConfigMap', name: modifierRef(params.namespace, name).name } }),
  };
}

function classRules(storageClass: string): JsonObject {
  const patchData = JSON.stringify({ spec: { storageClassName: storageClass } });
  const rules = [{ conditions: { groupResource: 'persistentvolumeclaims' }, mergePatches: [{ patchData }] }];
  return { 'modifiers.yaml': JSON.stringify({ version: 'v1', resourceModifierRules: rules }) };
}

const modifierRef = (namespace: string, name: string): ObjectRef => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  namespace,
  name: `${name}-class`.slice(-63).replace(/^-+/, ''),
});

function targetsText(targets: readonly (readonly [string, KubeObject | undefined])[]): string {
  return targets.map(([name, found]) => `${name}:${found?.metadata.uid ?? 'absent'}`).join(' ');
}

/** Makes it, or finds that this step made it before. */
async function make(kube: Writer, manifest: Manifest, stepKey: string): Promise<KubeObject> {
  const { name = '', namespace } = manifest.metadata;
  try {
    return await kube.create(manifest);
  } catch (error) {
    if (!(error instanceof SalvorError) || error.code !== 'kube.exists') throw error;
    const there = await kube.get({ apiVersion: manifest.apiVersion, kind: manifest.kind, name, ...(namespace === undefined ? {} : { namespace }) });
    if (there.metadata.annotations?.[MARK.step] !== stepKey) throw error;
    return there;
  }
}

async function own(kube: Reader, { namespace, name, uid }: z.output<typeof Result>): Promise<KubeObject | undefined> {
  const found = await kube.find(restoreRef(namespace, name));
  return found?.metadata.uid === uid ? found : undefined;
}
