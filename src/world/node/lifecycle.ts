import { isObject } from '../../model/json.ts';
import type { Clock } from '../../port/clock.ts';
import { BY_NODE } from '../index-of.ts';
import { listAt, patchStatus, textAt, timestamp, type WorldObject } from '../object.ts';
import { type Change, change, type Objects } from '../objects.ts';
import { agenda } from './agenda.ts';
import { isReady, isTrue, stateOf, UNHEARD, withConditions } from './conditions.ts';
import type { Tell } from './events.ts';
import { NODE, POD } from './kinds.ts';
import { type Kubelets, withReported } from './kubelets.ts';
import { evictingKey, withEvicting, withKeepingOff } from './taints.ts';
import { monitorEveryMs, type Timing } from './timing.ts';
import { evictEveryMs, type Zone, zoneOf, zonesOf } from './zones.ts';

type Place = { readonly objects: Objects; readonly clock: Clock; readonly kubelets: Kubelets; readonly timing: Timing; readonly tell: Tell };

/** How often the controller looks whether a node is to be emptied, and how long it takes to see a change. */
const LOOK_MS = 100;

/**
 * The node lifecycle controller: silent kubelets are found out after the grace period, their nodes are Unknown, their pods not ready; taints keep
 * new pods off at once and evict one node in ten seconds per zone. When all nodes are lost it takes the blame on itself and evicts nothing.
 * Source  Kubernetes' pkg/controller/nodelifecycle, and what was measured of it.
 */
export function nodeLifecycle(place: Place): (change: Change) => void {
  const { objects, clock, kubelets, timing, tell } = place;
  const due = agenda(clock);
  /** Nodes to be emptied, in order, by zone; and when a zone may be asked again. */
  const waiting = new Map<string, Set<string>>();
  const freeAtMs = new Map<string, number>();
  let allLost = false;

  const now = (): string => timestamp(clock.nowMs());

  const findOut = (name: string): void => {
    const node = objects.find(NODE, undefined, name);
    if (node === undefined || kubelets.answers(name) || stateOf(node) === 'unreachable') return;
    objects.replace(NODE, withConditions(node, UNHEARD, { changedMs: clock.nowMs() }));
  };

  /** A kubelet that fell silent is found out at the first look after its grace. */
  kubelets.onTurn((name) => {
    const node = objects.find(NODE, undefined, name);
    if (kubelets.answers(name)) {
      due.drop(`find out ${name}`);
      return;
    }
    // What it reported last stays to be read.
    if (node) objects.replace(NODE, withReported(node, kubelets.reportedMs(name)));
    const everyMs = monitorEveryMs(timing);
    const atMs = Math.floor((kubelets.heardMs(name) + timing.nodeGraceMs) / everyMs + 1) * everyMs;
    due.put(`find out ${name}`, atMs - clock.nowMs(), () => findOut(name));
  });

  const seen = ({ object: node, before }: Change): void => {
    if (before !== undefined && isReady(before) && !isReady(node)) {
      tell(node, { reason: 'NodeNotReady', message: `Node ${node.metadata.name} status is now: NodeNotReady`, component: 'node-controller' });
      for (const pod of objects.pick(BY_NODE, node.metadata.name)) notServing(place, pod);
    }
    change(objects, node, (one) => withKeepingOff(one, now()));
    due.once('look', LOOK_MS, look);
  };

  const look = (): void => {
    const nodes = objects.all(NODE);
    const zones = zonesOf(nodes);
    const wereAllLost = allLost;
    allLost = zones.size > 0 && [...zones.values()].every(({ mode }) => mode === 'lost');
    if (allLost) {
      waiting.clear();
      for (const node of nodes) change(objects, node, (one) => withEvicting(one, undefined, now()));
      return;
    }
    if (wereAllLost) freeAtMs.clear();
    for (const node of nodes) {
      const key = evictingKey(node);
      const zone = zoneOf(node);
      if (key === undefined) {
        waiting.get(zone)?.delete(node.metadata.name);
        change(objects, node, (one) => withEvicting(one, undefined, now()));
      } else if (withEvicting(node, key, '') !== node) {
        const queue = waiting.get(zone) ?? new Set();
        waiting.set(zone, queue.add(node.metadata.name));
      }
    }
    for (const [zone, how] of zones) empty(zone, how);
  };

  /** Taints the next node of a zone, as often as the zone's state lets it. */
  const empty = (zone: string, how: Zone): void => {
    const queue = waiting.get(zone) ?? new Set();
    const everyMs = evictEveryMs(how);
    for (const name of queue) {
      if (!Number.isFinite(everyMs)) return;
      const restMs = (freeAtMs.get(zone) ?? 0) - clock.monotonicMs();
      if (restMs > 0) {
        due.put(`empty ${zone}`, restMs, look);
        return;
      }
      queue.delete(name);
      freeAtMs.set(zone, clock.monotonicMs() + everyMs);
      const node = objects.find(NODE, undefined, name);
      if (node) objects.replace(NODE, withEvicting(node, evictingKey(node), now()));
    }
  };

  return (seenChange) => {
    const { type, kind, object } = seenChange;
    if (kind === NODE) {
      if (type === 'DELETED') due.once('look', LOOK_MS, look);
      else seen(seenChange);
    } else if (kind === POD && type === 'ADDED' && isTrue(object, 'Ready')) {
      const node = objects.find(NODE, undefined, textAt(object, 'spec', 'nodeName'));
      if (node !== undefined && stateOf(node) === 'unreachable') notServing(place, object);
    }
  };
}

/** A pod of a node that is not ready does not serve: its Ready is False, and nothing else of it changes. */
function notServing({ objects, clock, tell }: Place, pod: WorldObject): void {
  if (!isTrue(pod, 'Ready')) return;
  const changed = { status: 'False', lastTransitionTime: timestamp(clock.nowMs()) };
  change(objects, pod, (one) =>
    patchStatus(one, {
      conditions: listAt(one, 'status', 'conditions').map((each) => (isObject(each) && textAt(each, 'type') === 'Ready' ? { ...each, ...changed } : each)),
    }),
  );
  tell(pod, { type: 'Warning', reason: 'NodeNotReady', message: 'Node is not ready', component: 'node-controller' });
}
