import { type RemediationAction, remediation, type StepPlan, z } from '../src/action/contract.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { namesText, readHeld, stuckText } from '../src/domain/node/held.ts';
import { nodeRef } from '../src/domain/node/kinds.ts';
import { isReady, readNode } from '../src/domain/node/node.ts';
import { podName } from '../src/domain/pod/pod.ts';
import { SalvorError } from '../src/model/error.ts';
import { objectName } from '../src/model/object.ts';

type Reader = Parameters<RemediationAction['verify']>[0]['kube'];

const AGAIN_MS = 15_000;

/**
 * Delete the Node of a machine that was replaced. The control plane forgets it, with its lease and what is left of its pods.
 *
 * Writes  one deletion, bound to the Node by uid and by the version that was looked at: only while it is not Ready and holds nothing.
 * Voids   an approval when it is another Node under this name. One that is Ready is handed over: the machine that was to be off runs.
 * Errors  kube.forbidden (the right is off by default; never retried), kube.conflict (it changed: it looks again).
 */
export const nodeDelete = remediation({
  id: 'node.delete',
  summary: 'Delete the Node of a machine that was replaced',
  risk: 'destructive',
  needs: ['get nodes', 'list pods', 'list volumeattachments.storage.k8s.io'],
  offByDefault: ['delete nodes'],
  params: z.strictObject({ node: z.string().refine(isDnsSubdomain, 'expected the name of a node'), uid: z.string().min(1) }),
  result: z.strictObject({ node: z.string(), uid: z.string() }),

  async plan({ params, kube }) {
    const { node: name, uid } = params;
    const seen = await look(kube, params);
    if (seen.kind === 'gone') return { summary: `the Node ${name} is gone already`, changes: [], undo: [], facts: { node: uid } };
    if (seen.kind === 'ready') throw new SalvorError('action.failed', `${name} is Ready: the machine that was to be off runs, so its Node is not deleted`);
    if (!(await kube.mayI({ verb: 'delete', group: '', resource: 'nodes', name })))
      throw new SalvorError(
        'kube.forbidden',
        `Salvor may not delete Nodes, which is off by default: kubectl delete node ${name}, or salvor rbac --with node.delete gives the right`,
      );
    const plan: StepPlan = {
      summary: `Delete the Node ${name}`,
      changes: [{ verb: 'delete', object: objectName(nodeRef(name)), note: `only the Node ${uid}` }],
      undo: [],
      facts: { node: uid },
      notes: [
        ...(seen.kind === 'held' ? [`Now it may not be: ${seen.why}`] : []),
        'Its labels, taints and annotations are in this run, and nowhere else afterwards',
        'A kubelet that still runs registers it anew, without them',
      ],
    };
    return plan;
  },

  async execute({ params, kube }) {
    const seen = await look(kube, params);
    if (seen.kind === 'ready') return { more: AGAIN_MS, progress: `${params.node} is not deleted: it is Ready` };
    if (seen.kind === 'held') return { more: AGAIN_MS, progress: `${params.node} is not deleted yet: ${seen.why}` };
    if (seen.kind === 'free') await kube.delete(nodeRef(params.node), { uid: params.uid, resourceVersion: seen.resourceVersion });
    return { node: params.node, uid: params.uid };
  },

  async verify({ params, kube }) {
    const seen = await look(kube, params);
    if (seen.kind === 'gone') return { ok: true, evidence: [`the Node ${params.node} is deleted`] };
    return { ok: false, reason: `the Node ${params.node} is still there`, again: true };
  },

  rollback: { impossible: 'A Node that was deleted comes back only when its kubelet registers it anew, without what people had given it.' },
});

type Seen = { readonly kind: 'gone' | 'ready' } | { readonly kind: 'held'; readonly why: string } | { readonly kind: 'free'; readonly resourceVersion: string };

async function look(kube: Reader, { node: name, uid }: { readonly node: string; readonly uid: string }): Promise<Seen> {
  const found = await kube.find(nodeRef(name));
  if (found === undefined || found.metadata.uid !== uid) return { kind: 'gone' };
  const node = readNode(found);
  if (isReady(node)) return { kind: 'ready' };
  const held = await readHeld(kube, name);
  const why = stuckText(held) ?? (held.staying.length === 0 ? undefined : namesText(held.staying.map(podName), 'pod'));
  return why === undefined ? { kind: 'free', resourceVersion: node.resourceVersion } : { kind: 'held', why };
}
