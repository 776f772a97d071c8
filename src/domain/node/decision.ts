import { counted } from '../../model/counted.ts';
import { formatDuration } from '../../model/duration.ts';
import type { Finding } from '../../model/finding.ts';
import { timeText } from '../velero/time-text.ts';
import type { Actor } from './acting.ts';
import { crowdText } from './crowd.ts';
import type { History } from './history.ts';
import type { Lease } from './lease.ts';
import { isReady, type Node } from './node.ts';

/** How long things have to be so before they count; ms. */
export type Patience = {
  /** A kubelet that says it is not ready: shorter is its restart. */
  readonly notReadyMs: number;
  /** A kubelet that says nothing: shorter is a reboot. */
  readonly silentMs: number;
  /** Ready again: shorter may be a flap. */
  readonly steadyMs: number;
};

/** What is known of one node. */
export type Sight = {
  readonly node: Node;
  /** Every node of the cluster, this one too. */
  readonly nodes: readonly Node[];
  readonly lease: Lease | undefined;
  readonly history: History;
  readonly actor: Actor | undefined;
  readonly patience: Patience;
  /** As many may be sick, this one with them, before it is more than one machine's trouble. */
  readonly atOnce: number;
  /** An operator lets nodes of the control plane be handled like others. */
  readonly controlPlane: boolean;
  /** The stepKeys of what the run has begun. */
  readonly begun: readonly string[];
  readonly nowMs: number;
};

/** A kubelet renews every ten seconds, and is given up after forty: a longer duration in its lease is no longer sign of life. */
const LEASE_MS = 40_000;
const SOON_MS = 15_000;
/** Others take their time; what they change on the node is heard of at once anyway. */
const LATER_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Longer than the time within which node-not-ready makes one run of many (`storm.within`, 6m); who waits longer than that waits alone. */
const CROWD_MS = 420_000;
/** The control plane needs less than a minute to see that a kubelet is silent; where it does not, a person has to look. */
const SILENT_MS = 900_000;
const PRESSURE_MS = 1_800_000;
/** Lost as often within an hour, it is not well although it is ready now. */
const FLAPS = 3;

/** Does its kubelet live? It renews its lease every ten seconds or so, whatever it says about being ready. */
export function kubeletAnswers({ node, lease, nowMs }: Pick<Sight, 'node' | 'lease' | 'nowMs'>): boolean {
  if (lease?.renewedMs === undefined) return node.ready.status !== 'Unknown';
  return nowMs - lease.renewedMs < Math.min(lease.durationMs, LEASE_MS);
}

/**
 * What to do about one node, from what is known of it.
 *
 * A kubelet that answers and is not ready: cordon, then drain. One that is silent for long enough, alone: cordon; a person proves that the machine is off.
 * More than one machine: no node is touched. Pressure: the kubelet frees what it can by itself. Somebody else at work: wait for them.
 */
export function decide(sight: Sight): Finding {
  return isReady(sight.node) ? whenReady(sight) : whenLost(sight);
}

function whenReady(sight: Sight): Finding {
  const { node, nowMs, patience, history } = sight;
  const since = node.ready.sinceMs ?? 0;
  const wait = (reason: string, giveUpMs: number): Finding => ({ kind: 'wait', reason, lookAgainMs: SOON_MS, giveUpMs });
  if (!kubeletAnswers(sight))
    return wait(`${node.name} still counts as ready, and its kubelet last renewed its lease ${renewedText(sight)}: silent, or its clock is behind`, SILENT_MS);
  const pressures = pressuresOf(node);
  if (pressures.length > 0)
    return wait(
      `${node.name} is ready and short of ${pressures.join(', ')}: no new pods come to it, and its kubelet evicts what it must by itself`,
      PRESSURE_MS,
    );
  if (nowMs - since < patience.steadyMs)
    return wait(`${node.name} is ready again since ${timeText(since)}; it counts when it stays so for ${formatDuration(patience.steadyMs)}`, HOUR_MS);
  if (history.lost >= FLAPS)
    return {
      kind: 'hand-over',
      reason: `${node.name} is ready now, and was lost ${history.lost} times within the last hour`,
      hints: [
        `Look at its kubelet, its network and its clock: kubectl describe node ${node.name}`,
        `To move its work away before the next time: salvor run node-drain --param node=${node.name}`,
      ],
    };
  return { kind: 'recovered', reason: `${node.name} is ready since ${timeText(since)}` };
}

/** Reasons name moments, not ages: one that stays the same is told once, however often it is looked at. */
function whenLost(sight: Sight): Finding {
  const { node, nodes, actor, atOnce, nowMs, patience, begun } = sight;
  const { name, ready } = node;
  const wait = (reason: string, giveUpMs = HOUR_MS): Finding => ({ kind: 'wait', reason, lookAgainMs: SOON_MS, giveUpMs });
  if (node.mark?.before === 'false' && begun.includes(node.mark.stepKey) && !node.unschedulable)
    return {
      kind: 'hand-over',
      reason: `somebody uncordoned ${name} after this run cordoned it: a person has decided, and it is left alone`,
      hints: [`${name} is still not ready: ${said(node)}`, `To take it out again: salvor run node-not-ready --param node=${name}`],
    };
  if (actor !== undefined) return { kind: 'wait', reason: `${name}: ${actor.words}`, lookAgainMs: LATER_MS, giveUpMs: actor.patienceMs };
  const crowd = crowdText(node, nodes, atOnce);
  if (crowd !== undefined) return wait(`${crowd}. No node is touched: salvor run az-failure looks for what they have in common`, CROWD_MS);
  if (node.isControlPlane && !sight.controlPlane)
    return {
      kind: 'hand-over',
      reason: `${name} is of the control plane and not ready: Salvor leaves such nodes to people`,
      hints: [
        'Look whether etcd has its quorum: kubectl get --raw /readyz?verbose',
        `What it says: ${said(node)}`,
        'To let Salvor handle it: the parameter controlPlane',
      ],
    };
  const since = ready.sinceMs ?? nowMs;
  const answers = kubeletAnswers(sight);
  if (ready.status === 'Unknown') {
    if (answers) return wait(`${name} counts as lost, and its kubelet renews its lease: it is coming back`);
    if (nowMs - since < patience.silentMs)
      return wait(`${name} is silent since ${timeText(since)}; until ${timeText(since + patience.silentMs)} it may be a reboot`);
    return { kind: 'act', reason: `${name} is silent since ${timeText(since)}, and ${othersText(nodes)}: dead or cut off` };
  }
  if (!answers)
    return wait(`${name} is not ready, and its kubelet last renewed its lease ${renewedText(sight)}: falling silent, or its clock is behind`, SILENT_MS);
  if (nowMs - since < patience.notReadyMs)
    return wait(`${name} is not ready since ${timeText(since)}; until ${timeText(since + patience.notReadyMs)} it may be a restart`);
  return { kind: 'act', reason: `${name} is not ready since ${timeText(since)} and its kubelet answers: ${said(node)}` };
}

function othersText(nodes: readonly Node[]): string {
  const well = nodes.filter(isReady).length;
  return well === nodes.length - 1 ? `the other ${counted(well, 'node')} ${well === 1 ? 'is' : 'are'} well` : `${well} of ${nodes.length} nodes are well`;
}

const PRESSURES: ReadonlyMap<string, string> = new Map([
  ['MemoryPressure', 'memory'],
  ['DiskPressure', 'disk'],
  ['PIDPressure', 'process ids'],
]);

/** What it is short of, in words. */
export function pressuresOf({ conditions }: Node): readonly string[] {
  return conditions.flatMap(({ type, status }) => (status === 'True' ? (PRESSURES.get(type) ?? []) : []));
}

const said = ({ ready }: Node): string => ready.message || ready.reason || 'nobody says why';

const renewedText = ({ lease, nowMs }: Sight): string => `at ${timeText(lease?.renewedMs ?? nowMs)}`;
