import { check, z } from '../src/action/contract.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { namesText, readHeld, stuckText } from '../src/domain/node/held.ts';
import { nodeRef } from '../src/domain/node/kinds.ts';
import { isReady, readNode } from '../src/domain/node/node.ts';
import { podName } from '../src/domain/pod/pod.ts';

/**
 * Whether the Node of a machine that was replaced can be deleted: it is not Ready, and none of its pods or volumes is left. There is nothing to
 * delete where it is gone, or where the new machine came under the same name.
 */
export const nodeEmpty = check({
  id: 'node.empty',
  summary: 'Wait until a replaced node is not Ready and holds nothing any more',
  needs: ['get nodes', 'list pods', 'list volumeattachments.storage.k8s.io'],
  params: z.strictObject({
    node: z.string().refine(isDnsSubdomain, 'expected the name of a node'),
    /** Of the Node that is replaced. */
    uid: z.string(),
    successor: z.string(),
    mayDelete: z.boolean(),
  }),
  /** `by-hand`: Salvor may not delete Nodes. */
  facts: z.strictObject({ node: z.string(), left: z.enum(['delete', 'by-hand', 'nothing']) }),

  async run({ params, kube }) {
    const { node: name, uid, successor, mayDelete } = params;
    const found = await kube.find(nodeRef(name));
    const done = (left: 'delete' | 'by-hand' | 'nothing', why: string) => ({ ok: true, facts: { node: name, left }, evidence: [why] }) as const;
    if (found === undefined || found.metadata.uid !== uid) return done('nothing', `the old Node ${name} is gone`);
    if (successor === name) return done('nothing', `the new machine came as ${name}: it has taken over the Node, and there is none to delete`);
    const node = readNode(found);
    if (isReady(node)) return { ok: false, reason: `${name} is Ready: its machine still runs`, again: true };
    const held = await readHeld(kube, name);
    const stuck = stuckText(held);
    if (stuck !== undefined)
      return { ok: false, reason: `still on ${name}: ${stuck}; what frees it: salvor run node-out-of-service --param node=${name}`, again: true };
    if (held.staying.length > 0) return { ok: false, reason: `still on ${name}: ${namesText(held.staying.map(podName), 'pod')}`, again: true };
    return done(mayDelete ? 'delete' : 'by-hand', `${name} is not Ready and holds nothing`);
  },
});
