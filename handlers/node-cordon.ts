import { type KubeObject, remediation, z } from '../src/action/contract.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { type Cordon, cordonOf, cordonText } from '../src/domain/node/cordon.ts';
import { nodeRef } from '../src/domain/node/kinds.ts';
import { isReady, type Node, readNode } from '../src/domain/node/node.ts';
import { MARK, objectName } from '../src/model/object.ts';

/**
 * Keep new pods away from one node; those on it stay. A cordon that is there already stays whose it is.
 *
 * Writes  Node.spec.unschedulable, and annotations that name the run, the step and what was there before.
 * Voids   an approval when it is another machine under this name, or when the node comes back or goes away.
 * Undoes  only while the cordon is still ours: who uncordoned the node, or cordoned it again, has decided since.
 * Errors  kube.not-found (never retried), kube.conflict (somebody else wrote at the same time: it looks again).
 * Source  Kubernetes documentation, "Safely Drain a Node"; `kubectl cordon`.
 */
export const nodeCordon = remediation({
  id: 'node.cordon',
  summary: 'Keep new pods away from a node',
  risk: 'reversible',
  needs: ['get nodes', 'patch nodes'],
  params: z.strictObject({ node: z.string().refine(isDnsSubdomain, 'expected the name of a node') }),
  /** `wasCordoned`: somebody else had cordoned it, so nobody of ours uncordons it. */
  result: z.strictObject({ wasCordoned: z.boolean(), uid: z.string() }),

  async plan({ params, kube, stepKey }) {
    const found = await kube.get(nodeRef(params.node));
    const node = readNode(found);
    const facts = { uid: node.uid, ready: isReady(node) };
    const cordon = before(found, stepKey);
    if (cordon.kind !== 'none') return { summary: `${node.name} is cordoned already: ${cordonText(cordon)}`, changes: [], undo: [], facts };
    const change = { verb: 'patch', object: objectName(nodeRef(node.name)), field: 'spec.unschedulable', from: false, to: true } as const;
    return {
      summary: `Cordon ${node.name}: no new pods, those on it stay`,
      changes: [change],
      undo: [{ ...change, from: true, to: false }],
      facts,
      notes: notesOf(node),
    };
  },

  async execute({ params, kube, stepKey, run }) {
    const ref = nodeRef(params.node);
    const found = await kube.get(ref);
    const { uid, resourceVersion, mark } = readNode(found);
    // After a crash between the write and its record the node carries this step's mark already, whatever people did to it since.
    if (mark?.stepKey === stepKey) return { wasCordoned: mark.before === 'true', uid };
    const cordon = cordonOf(found);
    if (cordon.kind !== 'none') return { wasCordoned: cordon.kind === 'theirs', uid };
    const annotations = { [MARK.run]: run, [MARK.step]: stepKey, [MARK.before]: 'false' };
    await kube.patch(ref, { metadata: { annotations }, spec: { unschedulable: true } }, { uid, resourceVersion });
    return { wasCordoned: false, uid };
  },

  async verify({ params, kube, result }) {
    const found = await kube.find(nodeRef(params.node));
    if (found === undefined || found.metadata.uid !== result.uid) return { ok: false, reason: `${params.node} was taken out of the cluster` };
    const cordon = cordonOf(found);
    if (cordon.kind === 'none') return { ok: false, reason: `${params.node} takes pods again: somebody uncordoned it` };
    return { ok: true, evidence: [`${params.node} takes no new pods: ${cordonText(cordon)}`] };
  },

  async rollback({ params, kube, stepKey }) {
    const ref = nodeRef(params.node);
    const found = await kube.find(ref);
    if (found === undefined) return { kind: 'undone', evidence: `${params.node} is no longer in the cluster` };
    const { uid, resourceVersion, mark } = readNode(found);
    const cordon = cordonOf(found);
    if (mark?.stepKey !== stepKey && cordon.kind === 'none') return { kind: 'undone', evidence: `${params.node} takes pods: there is nothing to give back` };
    if (mark?.stepKey !== stepKey) return { kind: 'undone', evidence: `${params.node} was not cordoned by this step: left as it is, ${cordonText(cordon)}` };
    if (cordon.kind !== 'ours') return { kind: 'undone', evidence: `somebody has decided about ${params.node} since: left as it is, ${cordonText(cordon)}` };
    const annotations = { [MARK.run]: null, [MARK.step]: null, [MARK.before]: null };
    await kube.patch(ref, { metadata: { annotations }, spec: { unschedulable: null } }, { uid, resourceVersion });
    return { kind: 'undone', evidence: `${params.node} takes pods again` };
  },
});

/** Whose cordon there was before this step's own. */
function before(found: KubeObject, stepKey: string): Cordon {
  return readNode(found).mark?.stepKey === stepKey ? { kind: 'none' } : cordonOf(found);
}

function notesOf(node: Node): readonly string[] {
  return [
    'Cloud load balancers that count nodes leave a cordoned one out',
    'Alerts about nodes that are not ready leave cordoned ones out: the alert resolves, and this run goes on',
    `It is given back when ${node.name} returns; where a person ends the work before, by salvor run node-uncordon --param node=${node.name}`,
    ...(node.isControlPlane ? [`${node.name} is of the control plane`] : []),
  ];
}
