import { type KubeObject, type RemediationAction, remediation, type StepPlan, z } from '../src/action/contract.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { isHeard } from '../src/domain/node/death.ts';
import { type Held, namesText, readHeld, volumeName } from '../src/domain/node/held.ts';
import { leaseRef, nodeRef } from '../src/domain/node/kinds.ts';
import { readLease } from '../src/domain/node/lease.ts';
import { isReady, type Node, readNode } from '../src/domain/node/node.ts';
import { isOutOfService, OUT_OF_SERVICE, OUT_OF_SERVICE_MARK, outOfServicePatch, taintText } from '../src/domain/node/taints.ts';
import { podName } from '../src/domain/pod/pod.ts';
import { SalvorError } from '../src/model/error.ts';
import { objectName } from '../src/model/object.ts';

type Reader = Parameters<RemediationAction['verify']>[0]['kube'];

/** Shorter than a lease: a kubelet that begins to speak again is heard before the control plane says so. */
const SILENT_MS = 20_000;
const TAINT = taintText(OUT_OF_SERVICE);

/**
 * Declare a machine that is powered off to be out of service: the control plane removes its Terminating pods without waiting for their kubelet,
 * and detaches its volumes at once. While the machine still runs, two writers corrupt the data; so a person has to know that it does not.
 *
 * Writes  one taint of the Node, and an annotation with the key of the step that set it; every other taint stays.
 * Voids   an approval when it is another Node under this name, or when its kubelet is heard again.
 * Undoes  only a taint that this step set. On a node that came back it keeps every ordinary pod away.
 * Errors  kube.conflict (the node changed at the very moment of the write: it looks again), kube.forbidden (never retried).
 * Source  Kubernetes documentation, "Non-graceful node shutdown handling".
 */
export const nodeOutOfService = remediation({
  id: 'node.out-of-service',
  summary: 'Declare a powered-off machine to be out of service, so that its pods and volumes come free',
  risk: 'destructive',
  needs: ['get nodes', 'patch nodes', 'get leases.coordination.k8s.io', 'list pods', 'list volumeattachments.storage.k8s.io'],
  params: z.strictObject({ node: z.string().refine(isDnsSubdomain, 'expected the name of a node') }),
  /** `set`: the taint is this step's. Otherwise nothing was written, because the node is back, gone, or tainted by somebody else. */
  result: z.strictObject({ set: z.boolean(), uid: z.string().optional() }),

  async plan({ params, kube, stepKey, nowMs }) {
    const seen = await look(kube, params.node, { stepKey, nowMs });
    if (seen.kind !== 'silent') return { summary: seen.why, changes: [], undo: [], facts: { node: seen.uid, kubelet: seen.kind } };
    const { node } = seen;
    const change = { verb: 'patch', object: objectName(nodeRef(node.name)), field: 'spec.taints' } as const;
    const plan: StepPlan = {
      summary: `Take ${node.name} out of service: its pods and volumes are let go of without its word`,
      changes: [{ ...change, to: TAINT, note: 'added to its taints; the others stay' }],
      undo: [{ ...change, from: TAINT, note: 'taken away when the machine is heard again, and at every other end of this run' }],
      // Since when it is silent: a machine that was heard in between is not the one that the proof was about.
      facts: { node: node.uid, kubelet: 'silent', since: node.ready.sinceMs },
      notes: notesOf(await readHeld(kube, node.name)),
    };
    return plan;
  },

  async execute({ params, kube, stepKey, nowMs }) {
    const seen = await look(kube, params.node, { stepKey, nowMs });
    if (seen.kind !== 'silent') return { set: false, uid: seen.uid };
    const { node, found } = seen;
    const { uid, resourceVersion } = node;
    if (node.annotations[OUT_OF_SERVICE_MARK] !== stepKey) await kube.patch(nodeRef(node.name), outOfServicePatch(found, stepKey), { uid, resourceVersion });
    else if (!isOutOfService(node)) throw new SalvorError('action.failed', `somebody took the out-of-service taint of ${node.name} away again`);
    return { set: true, uid };
  },

  async verify({ params, kube, result }) {
    if (!result.set) return { ok: true, evidence: [`${params.node} was left as it is`] };
    const found = await kube.find(nodeRef(params.node));
    if (found === undefined || found.metadata.uid !== result.uid) return { ok: true, evidence: [`${params.node} was taken out of the cluster`] };
    const node = readNode(found);
    if (isOutOfService(node)) return { ok: true, evidence: [`${params.node} carries ${TAINT}`] };
    if (node.ready.status !== 'Unknown') return { ok: true, evidence: [`${params.node} is heard again`] };
    return { ok: false, reason: `${params.node} has lost its out-of-service taint: somebody took it away` };
  },

  async rollback({ params, kube, stepKey }) {
    const ref = nodeRef(params.node);
    const found = await kube.find(ref);
    if (found === undefined) return { kind: 'undone', evidence: `${params.node} is no longer in the cluster, and its taint with it` };
    const node = readNode(found);
    if (node.annotations[OUT_OF_SERVICE_MARK] !== stepKey) return { kind: 'undone', evidence: `${params.node} carries no out-of-service taint of this step` };
    const { uid, resourceVersion } = node;
    await kube.patch(ref, outOfServicePatch(found, undefined), { uid, resourceVersion });
    const evidence = isReady(node) ? 'it is Ready and takes pods again' : 'it is not Ready, and takes no pods until it is';
    return { kind: 'undone', evidence: `the out-of-service taint of ${params.node} is taken away: ${evidence}` };
  },
});

type Seen =
  | { readonly kind: 'gone' | 'heard' | 'tainted'; readonly uid?: string; readonly why: string }
  | { readonly kind: 'silent'; readonly node: Node; readonly found: KubeObject };

/** Read anew before every write: whether the machine is still silent, and nobody else has declared it to be off. */
async function look(kube: Reader, name: string, { stepKey, nowMs }: { readonly stepKey: string; readonly nowMs: number }): Promise<Seen> {
  const [found, lease] = await Promise.all([kube.find(nodeRef(name)), kube.find(leaseRef(name))]);
  if (found === undefined) return { kind: 'gone', why: `${name} is no longer in the cluster: nothing to take out of service` };
  const node = readNode(found);
  const { uid } = node;
  if (node.ready.status !== 'Unknown') return { kind: 'heard', uid, why: `the kubelet of ${name} answers: it is not taken out of service` };
  if (isHeard(lease && readLease(lease).renewedMs, nowMs, SILENT_MS))
    return { kind: 'heard', uid, why: `the kubelet of ${name} renews its lease: it is not taken out of service` };
  const isOurs = node.annotations[OUT_OF_SERVICE_MARK] === stepKey;
  if (isOutOfService(node) && !isOurs) return { kind: 'tainted', uid, why: `${name} was taken out of service by somebody else` };
  return { kind: 'silent', node, found };
}

function notesOf({ terminating, staying, attachments }: Held): readonly string[] {
  const pods = [...terminating, ...staying].map(podName);
  return [
    'If the machine still runs, two writers corrupt the data of its volumes: approve only what was proven',
    ...(pods.length === 0 ? [] : [`Removed without the word of their kubelet: ${namesText(pods, 'pod')}`]),
    ...(attachments.length === 0 ? [] : [`Detached at once: ${namesText(attachments.map(volumeName), 'volume')}`]),
    'Budgets are not asked. Data that was only on its own disks (emptyDir, hostPath) stays there',
    'The taint goes when the machine is heard again, when the run is cancelled, and at every other end of it',
  ];
}
