import { check, z } from '../src/action/contract.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { readHeld, stuckText } from '../src/domain/node/held.ts';
import { nodeRef } from '../src/domain/node/kinds.ts';
import { readNode } from '../src/domain/node/node.ts';

/**
 * Whether nothing hangs on a machine any more: no pod is Terminating there, and the control plane counts no volume as attached to it. A node that is
 * heard again, or is no longer in the cluster, holds nothing up: its kubelet, or the garbage collector, does the rest.
 */
export const volumesDetached = check({
  id: 'volumes.detached',
  summary: 'Wait until no pod is Terminating on a node and no volume is attached to it',
  needs: ['get nodes', 'list pods', 'list volumeattachments.storage.k8s.io'],
  params: z.strictObject({ node: z.string().refine(isDnsSubdomain, 'expected the name of a node') }),
  facts: z.strictObject({ node: z.string(), heard: z.boolean() }),

  async run({ params, kube }) {
    const { node: name } = params;
    const found = await kube.find(nodeRef(name));
    const heard = found !== undefined && readNode(found).ready.status !== 'Unknown';
    if (heard) return { ok: true, facts: { node: name, heard }, evidence: [`${name} is heard again: its kubelet ends its pods and gives its volumes back`] };
    const stuck = stuckText(await readHeld(kube, name));
    if (stuck !== undefined) return { ok: false, reason: `still on ${name}: ${stuck}`, again: true };
    return { ok: true, facts: { node: name, heard }, evidence: [`nothing hangs on ${name} any more`] };
  },
});
