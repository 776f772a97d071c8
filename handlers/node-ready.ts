import { check, z } from '../src/action/contract.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { nodeRef } from '../src/domain/node/kinds.ts';
import { isReady, type Node, readNode } from '../src/domain/node/node.ts';
import { timeText } from '../src/domain/velero/time-text.ts';
import { Duration, formatDuration } from '../src/model/duration.ts';

/** What the control plane taints a node with while it does not count as ready; both go a moment after it does. */
const LOST: ReadonlySet<string> = new Set(['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']);

/**
 * Whether a node is back: Ready without a break for `steady`, and free of the control plane's taints. A node that was taken out of the cluster holds
 * nothing up where `gone` is `fine`: what was done to it went with it.
 */
export const nodeReady = check({
  id: 'node.ready',
  summary: 'Wait until a node is ready, and stays so for a while',
  needs: ['get nodes'],
  params: z.strictObject({
    node: z.string().refine(isDnsSubdomain, 'expected the name of a node'),
    steady: Duration.default(60_000),
    gone: z.enum(['fine', 'wait']).default('fine'),
  }),
  facts: z.strictObject({ node: z.string(), gone: z.boolean(), uid: z.string().optional(), sinceMs: z.number().optional() }),

  async run({ params, kube, nowMs }) {
    const found = await kube.find(nodeRef(params.node));
    if (found === undefined) {
      const reason = `${params.node} is no longer in the cluster`;
      return params.gone === 'fine' ? { ok: true, facts: { node: params.node, gone: true }, evidence: [reason] } : { ok: false, reason, again: true };
    }
    const node = readNode(found);
    const missing = whatIsMissing(node, params.steady, nowMs);
    if (missing !== undefined) return { ok: false, reason: missing, again: true };
    const since = node.ready.sinceMs;
    return {
      ok: true,
      facts: { node: node.name, gone: false, uid: node.uid, sinceMs: since },
      evidence: [since === undefined ? `${node.name} is ready` : `${node.name} is ready since ${timeText(since)}`],
    };
  },
});

function whatIsMissing(node: Node, steadyMs: number, nowMs: number): string | undefined {
  if (!isReady(node)) return `${node.name} is not ready: ${node.ready.message || node.ready.reason || 'nobody has said anything of it'}`;
  const taint = node.taints.find(({ key }) => LOST.has(key));
  if (taint !== undefined) return `${node.name} is ready, and the control plane has yet to take away ${taint.key}`;
  const since = node.ready.sinceMs ?? 0;
  if (nowMs - since >= steadyMs) return undefined;
  return `${node.name} is ready since ${timeText(since)}, and counts when it stays so for ${formatDuration(steadyMs)}`;
}
