import { formatDuration } from '../../model/duration.ts';
import type { Finding } from '../../model/finding.ts';
import { timeText } from '../velero/time-text.ts';
import { type Held, stuckText } from './held.ts';
import { isReady, type Node } from './node.ts';
import { isOutOfService, OUT_OF_SERVICE_MARK } from './taints.ts';

/** A kubelet renews its lease every ten seconds; the control plane gives it up after forty. */
const LEASE_MS = 40_000;

/** What is known about a node of which nothing is heard. */
export type Silence = {
  readonly node: Node;
  readonly held: Held;
  /** When its kubelet last renewed its lease. */
  readonly renewedMs: number | undefined;
  /** Every node of the cluster, this one too. */
  readonly nodes: readonly Node[];
  /** How long it has to be silent. */
  readonly forMs: number;
  readonly nowMs: number;
};

/** A kubelet that renewed its lease lately lives, whatever the node's conditions say yet. */
export const isHeard = (renewedMs: number | undefined, nowMs: number, withinMs = LEASE_MS): boolean => renewedMs !== undefined && nowMs - renewedMs < withinMs;

const LOOK_AGAIN_MS = 15_000;
const GIVE_UP_MS = 3_600_000;

/**
 * Whether a machine can be meant to be dead: its node is Unknown for long enough, its kubelet's lease is silent, at least half of the nodes are well (where
 * they are not, it is the network's or the control plane's trouble), and something hangs on it. That it is powered off nobody here can know: a person says so.
 * Source  Kubernetes documentation, "Non-graceful node shutdown handling"; node lifecycle controller of Kubernetes 1.37.
 */
export function silenceFinding({ node, held, renewedMs, nodes, forMs, nowMs }: Silence): Finding {
  const { name, ready } = node;
  if (isReady(node)) return { kind: 'recovered', reason: `${name} is Ready: its kubelet ends pods and gives volumes back by itself` };
  if (ready.status === 'False')
    return {
      kind: 'hand-over',
      reason: `the kubelet of ${name} answers, it only says that it is not ready: ${ready.message || ready.reason}`,
      hints: [
        'What runs there still runs: taking it out of service would start it a second time',
        `To move it in good order: salvor run node-drain --param node=${name}`,
      ],
    };
  const theirs = isOutOfService(node) && node.annotations[OUT_OF_SERVICE_MARK] === undefined;
  if (theirs)
    return {
      kind: 'hand-over',
      reason: `${name} was taken out of service already, and not by Salvor`,
      hints: [
        `Who did it takes the taint away when the machine is back: kubectl taint node ${name} node.kubernetes.io/out-of-service-`,
        ...(stuckText(held) === undefined ? [] : [`Left on it: ${stuckText(held)}`]),
      ],
    };
  const well = nodes.filter(isReady).length;
  if (well * 2 < nodes.length)
    return {
      kind: 'hand-over',
      reason: `${nodes.length - well} of ${nodes.length} nodes are not Ready: that is a zone, the network or the control plane, and not this machine`,
      hints: ['Look at the control plane first: kubectl get --raw /readyz?verbose', 'Nodes that come back free what they hold by themselves'],
    };
  const soon = { kind: 'wait', lookAgainMs: LOOK_AGAIN_MS, giveUpMs: Math.max(GIVE_UP_MS, 2 * forMs) } as const;
  if (isHeard(renewedMs, nowMs, Math.min(LEASE_MS, forMs)))
    return { ...soon, reason: `the kubelet of ${name} renewed its lease ${formatDuration(nowMs - (renewedMs ?? nowMs))} ago: it lives` };
  const silentMs = nowMs - (ready.sinceMs ?? nowMs);
  if (silentMs < forMs) return { ...soon, reason: `${name} is silent for ${formatDuration(silentMs)}; before ${formatDuration(forMs)} it may be a reboot` };
  const stuck = stuckText(held);
  if (stuck === undefined && held.staying.length === 0)
    return { kind: 'recovered', reason: `nothing hangs on ${name}: no pod is Terminating there, no volume is attached` };
  const since = ready.sinceMs === undefined ? '' : ` since ${timeText(ready.sinceMs)}`;
  return { kind: 'act', reason: `${name} is silent${since} and holds ${stuck ?? 'pods that nobody has deleted yet'}` };
}
