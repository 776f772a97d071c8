import { type KubeObject, type Manifest, type RemediationAction, remediation, z } from '../src/action/contract.ts';
import { DEFAULT_NAMESPACE } from '../src/domain/velero/kinds.ts';
import { CLOSED, modifierName, modifierRules, PURPOSE_LABEL, TEST_PURPOSE, testNamespace } from '../src/domain/velero/restore/isolation.ts';
import { namespaceRef } from '../src/domain/velero/restore/kinds.ts';
import { NamespaceName } from '../src/domain/velero/restore/params.ts';
import { SalvorError } from '../src/model/error.ts';
import { MARK, type ObjectRef, objectName } from '../src/model/object.ts';

type Writer = Parameters<RemediationAction['execute']>[0]['kube'];

const LOOK_AGAIN_MS = 2000;
const Result = z.strictObject({ name: z.string(), uid: z.string(), modifier: z.string() });

/**
 * Make a closed namespace for a test restore: nothing leaves it but questions to DNS, and what is restored into it is changed on the way so that it
 * starts nothing, is reached from nowhere and belongs to no GitOps. Its rollback deletes it with all that is in it.
 *
 * Writes  one Namespace, one NetworkPolicy in it, one ConfigMap beside Velero; each with annotations that name the run and the step.
 * Errors  kube.exists (a name is somebody else's), never retried.
 */
export const restoreIsolate = remediation({
  id: 'restore.isolate',
  summary: 'Make a closed namespace for a test restore, and take it away again',
  risk: 'reversible',
  needs: ['get configmaps', 'create configmaps', 'delete configmaps'],
  everywhere: {
    needs: ['get namespaces', 'create namespaces', 'delete namespaces', 'get networkpolicies.networking.k8s.io', 'create networkpolicies.networking.k8s.io'],
  },
  params: z.strictObject({ source: NamespaceName, namespace: NamespaceName.default(DEFAULT_NAMESPACE) }),
  result: Result,

  async plan({ params, run }) {
    const refs = refsOf(params, run);
    const name = refs.home.name;
    return {
      summary: `Make the closed namespace ${name}`,
      changes: [refs.home, refs.door, refs.modifier].map((ref) => ({ verb: 'create' as const, object: objectName(ref) })),
      undo: [refs.home, refs.modifier].map((ref) => ({ verb: 'delete' as const, object: objectName(ref) })),
      facts: {},
      notes: [
        `${name} is deleted at the end with all that is in it; after a failure four hours later, so that one can look`,
        'Nothing leaves it but questions to DNS. CronJobs come suspended, services without a door to the outside, and no Ingress, certificate or autoscaler comes at all',
      ],
    };
  },

  async execute({ params, kube, run, stepKey }) {
    const refs = refsOf(params, run);
    const home = await make(kube, { ...manifest(refs.home), metadata: { name: refs.home.name, labels: { [PURPOSE_LABEL]: TEST_PURPOSE } } }, stepKey);
    await make(kube, { ...manifest(refs.door), spec: CLOSED }, stepKey);
    await make(kube, { ...manifest(refs.modifier), data: { 'modifiers.yaml': modifierRules(params.source) } }, stepKey);
    return { name: refs.home.name, uid: home.metadata.uid ?? '', modifier: refs.modifier.name };
  },

  async verify({ params, kube, run }) {
    const refs = refsOf(params, run);
    const door = await kube.find(refs.door);
    if (door === undefined) return { ok: false, reason: `the policy that closes ${refs.home.name} is gone: somebody deleted it` };
    return { ok: true, evidence: [`${refs.home.name} is closed`] };
  },

  async rollback({ params, kube, run, stepKey }) {
    const refs = refsOf(params, run);
    const modifier = await ours(kube, refs.modifier, stepKey);
    if (modifier !== undefined) await kube.delete(refs.modifier, { uid: modifier.metadata.uid ?? '' });
    const home = await ours(kube, refs.home, stepKey);
    if (home === undefined) return { kind: 'undone', evidence: `${refs.home.name} is gone with all that was in it` };
    if (home.metadata.labels?.[PURPOSE_LABEL] !== TEST_PURPOSE)
      return {
        kind: 'failed',
        reason: `${refs.home.name} does not say any more that it is for a test: somebody uses it. Delete it by hand, or put the label back`,
      };
    if (home.metadata.deletionTimestamp === undefined) await kube.delete(refs.home, { uid: home.metadata.uid ?? '' });
    return { kind: 'more', more: LOOK_AGAIN_MS, progress: `${refs.home.name} is being deleted` };
  },
});

type Refs = { readonly home: ObjectRef; readonly door: ObjectRef; readonly modifier: ObjectRef };

function refsOf({ source, namespace }: { readonly source: string; readonly namespace: string }, run: string): Refs {
  const home = testNamespace(source, run);
  return {
    home: namespaceRef(home),
    door: { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', namespace: home, name: 'salvor-closed' },
    modifier: { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: modifierName(home) },
  };
}

const manifest = ({ apiVersion, kind, namespace, name }: ObjectRef): Manifest => ({
  apiVersion,
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
});

/** Makes it, or finds that this step made it before. */
async function make(kube: Writer, wanted: Manifest, stepKey: string): Promise<KubeObject> {
  const { name = '', namespace } = wanted.metadata;
  const ref: ObjectRef = { apiVersion: wanted.apiVersion, kind: wanted.kind, name, ...(namespace === undefined ? {} : { namespace }) };
  try {
    return await kube.create({ ...wanted, metadata: { ...wanted.metadata, annotations: { [MARK.step]: stepKey } } });
  } catch (error) {
    const there = error instanceof SalvorError && error.code === 'kube.exists' ? await ours(kube, ref, stepKey) : undefined;
    if (there === undefined) throw error;
    return there;
  }
}

/** What is there under this name, if this step made it. */
async function ours(kube: Writer, ref: ObjectRef, stepKey: string): Promise<KubeObject | undefined> {
  const there = await kube.find(ref);
  return there?.metadata.annotations?.[MARK.step] === stepKey ? there : undefined;
}
