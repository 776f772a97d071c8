import { check, z } from '../src/action/contract.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { nodeRef } from '../src/domain/node/kinds.ts';
import { readNode } from '../src/domain/node/node.ts';
import { timeText } from '../src/domain/velero/time-text.ts';

/**
 * Whether anything is heard of a node again, well or not; or whether it was taken out of the cluster. To wait until it is Ready would be too late for
 * what its taints keep away: pods of the network that do not tolerate them have to run there before it can be.
 */
export const nodeHeard = check({
  id: 'node.heard',
  summary: 'Wait until the kubelet of a node is heard again, or the node is taken out of the cluster',
  needs: ['get nodes'],
  params: z.strictObject({ node: z.string().refine(isDnsSubdomain, 'expected the name of a node') }),
  facts: z.strictObject({ node: z.string(), gone: z.boolean() }),

  async run({ params, kube }) {
    const { node: name } = params;
    const found = await kube.find(nodeRef(name));
    if (found === undefined) return { ok: true, facts: { node: name, gone: true }, evidence: [`${name} is no longer in the cluster`] };
    const { ready } = readNode(found);
    const since = ready.sinceMs === undefined ? '' : ` since ${timeText(ready.sinceMs)}`;
    if (ready.status !== 'Unknown')
      return {
        ok: true,
        facts: { node: name, gone: false },
        evidence: [`${name} is heard again${since}: Ready=${ready.status}, ${ready.message || ready.reason}`],
      };
    return { ok: false, reason: `nothing is heard of ${name}${since}; if it never returns: salvor run node-replace --param node=${name}`, again: true };
  },
});
