import { check, z } from '../src/action/contract.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { nodeRef } from '../src/domain/node/kinds.ts';

/** Whether a Node is no longer in the cluster; another one under its name is another node. */
export const nodeGone = check({
  id: 'node.gone',
  summary: 'Wait until a node is deleted',
  needs: ['get nodes'],
  params: z.strictObject({ node: z.string().refine(isDnsSubdomain, 'expected the name of a node'), uid: z.string() }),
  facts: z.strictObject({ node: z.string() }),

  async run({ params, kube }) {
    const { node, uid } = params;
    const found = await kube.find(nodeRef(node));
    if (found?.metadata.uid === uid) return { ok: false, reason: `the Node ${node} is still there: kubectl delete node ${node}`, again: true };
    return { ok: true, facts: { node }, evidence: [`the Node ${node} is deleted`] };
  },
});
