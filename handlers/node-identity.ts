import { diagnosis, type Finding, z } from '../src/action/contract.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { namesText, readHeld, stuckText } from '../src/domain/node/held.ts';
import { identityOf, PlainTaint } from '../src/domain/node/identity.ts';
import { nodeRef, podsOn } from '../src/domain/node/kinds.ts';
import { isReady, type Node, readNode } from '../src/domain/node/node.ts';
import { taintText } from '../src/domain/node/taints.ts';
import { podName, readPod } from '../src/domain/pod/pod.ts';

const Texts = z.record(z.string(), z.string());

/**
 * Save what a node is before its machine is replaced: the labels and taints that people gave it, its annotations, the DaemonSets that run there. What
 * machine and cloud say of themselves is left out: the new one says its own.
 *
 * Reads   the Node, its Pods, VolumeAttachments; asks whether Nodes may be deleted.
 * Errors  kube.* of the API server.
 */
export const nodeIdentity = diagnosis({
  id: 'node.identity',
  summary: 'Save the labels and taints of a node that is to be replaced, and see whether it can be',
  needs: ['get nodes', 'list pods', 'list volumeattachments.storage.k8s.io'],
  params: z.strictObject({ node: z.string().refine(isDnsSubdomain, 'expected the name of a node') }),
  facts: z.strictObject({
    node: z.string(),
    uid: z.string(),
    machine: z.string().optional(),
    labels: Texts,
    taints: z.array(PlainTaint),
    annotations: Texts,
    /** DaemonSets that have a pod on it, as `namespace/name`. */
    daemonSets: z.array(z.string()),
    /** False: a person deletes the Node. */
    mayDelete: z.boolean(),
  }),

  async run({ params, kube }) {
    const found = await kube.find(nodeRef(params.node));
    const mayDelete = await kube.mayI({ verb: 'delete', group: '', resource: 'nodes' });
    if (found === undefined) {
      const hints = ['Look at the names: kubectl get nodes', 'Was it deleted already, its labels and taints are in the backup of the cluster, if anywhere'];
      const finding: Finding = { kind: 'hand-over', reason: `there is no node ${params.node}`, hints };
      const nothing = { uid: '', labels: {}, taints: [], annotations: {}, daemonSets: [] };
      return { finding, facts: { node: params.node, ...nothing, mayDelete }, evidence: [finding.reason] };
    }
    const node = readNode(found);
    const held = await readHeld(kube, node.name);
    const pods = (await kube.list(podsOn(node.name))).map(readPod);
    const daemonSets = pods.flatMap((pod) => (pod.owner?.kind === 'DaemonSet' ? [podName({ namespace: pod.namespace, name: pod.owner.name })] : []));
    const { labels, taints, annotations } = identityOf(node);
    const stuck = stuckText(held);
    const finding = findingOf(node, held.staying.map(podName));
    return {
      finding,
      facts: {
        node: node.name,
        uid: node.uid,
        machine: node.providerId,
        labels: { ...labels },
        taints: [...taints],
        annotations: { ...annotations },
        daemonSets: [...new Set(daemonSets)].sort(),
        mayDelete,
      },
      evidence: [
        finding.reason,
        `labels to give to the new node: ${
          Object.entries(labels)
            .map(([name, value]) => `${name}=${value}`)
            .join(', ') || 'none'
        }`,
        `taints to give to the new node: ${taints.map(({ value = '', ...taint }) => taintText({ ...taint, value })).join(', ') || 'none'}`,
        ...Object.entries(annotations).map(([name, value]) => `annotation, kept here only: ${name}=${value}`),
        `${daemonSets.length} of its pods are of DaemonSets${daemonSets.length === 0 ? '' : `: ${[...new Set(daemonSets)].sort().join(', ')}`}`,
        ...(stuck === undefined ? [] : [`on it: ${stuck}; if the machine is off: salvor run node-out-of-service --param node=${node.name}`]),
        ...(mayDelete
          ? []
          : ['Salvor may not delete Nodes, which is off by default: a person does it in the end, or salvor rbac --with node.delete gives the right']),
      ],
    };
  },
});

function findingOf(node: Node, staying: readonly string[]): Finding {
  const { name } = node;
  if (node.isControlPlane)
    return {
      kind: 'hand-over',
      reason: `${name} is of the control plane: replacing it is about the members of etcd, too`,
      hints: ['Take its etcd member out before the machine: etcdctl member list', 'Follow the guide of whoever installed this control plane'],
    };
  if (isReady(node) && staying.length > 0)
    return {
      kind: 'hand-over',
      reason: `${name} is Ready and runs ${namesText(staying, 'pod')}`,
      hints: [`Move them in good order first: salvor run node-drain --param node=${name}`],
    };
  return { kind: 'act', reason: `${name} can be replaced: ${isReady(node) ? 'it is Ready, and empty' : 'it is not Ready'}` };
}
