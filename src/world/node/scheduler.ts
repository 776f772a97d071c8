import type { Clock } from '../../port/clock.ts';
import { BY_NODE } from '../index-of.ts';
import { at, listAt, objectAt, patchStatus, textAt, timestamp, type WorldObject } from '../object.ts';
import type { Change, Objects } from '../objects.ts';
import { agenda } from './agenda.ts';
import { allocatable, demandOf, takesRoom } from './demand.ts';
import type { Tell } from './events.ts';
import { NODE, POD } from './kinds.ts';
import { liking, nodeIsChosen } from './node-fit.ts';
import { keepsOthersAway, type Misfit, neighbourRule, type Rule, type Situation, spreadRule } from './pod-fit.ts';
import { tolerates } from './taints.ts';
import { claimMisfit, volumeMisfit } from './volume-fit.ts';

type Place = { readonly objects: Objects; readonly clock: Clock; readonly tell: Tell };

const SCHEDULE_MS = 200;
const CORDON = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
/** Kinds whose change may make room or lift an obstacle. */
const MATTERS: ReadonlySet<string> = new Set(['Node', 'PersistentVolume', 'PersistentVolumeClaim']);

/**
 * The scheduler, as far as rules go that keep a pod off a node: cordon, taints, node and pod affinity, room, volumes, spread. It does not preempt, and
 * of the nodes that fit it takes the one that the pod likes best, then the one with the fewest pods. What fits nowhere says why, in the real words, and is looked at again when something changed.
 */
export function scheduler({ objects, clock, tell }: Place): (change: Change) => void {
  const due = agenda(clock);
  const waiting = (): readonly WorldObject[] =>
    objects.pick(BY_NODE, '').filter((pod) => pod.metadata.deletionTimestamp === undefined && textAt(pod, 'status', 'phase') === 'Pending' && isForUs(pod));

  const pass = (): void => {
    const pods = waiting();
    if (pods.length === 0) return;
    const rooms = rooming(objects);
    for (const pod of pods) {
      const found = choose(objects, pod, rooms);
      if (found.kind === 'nowhere') {
        notPlaced(pod, found.message);
        continue;
      }
      rooms.take(found.node, pod);
      const conditions = [...withoutScheduled(pod), scheduled({ status: 'True' })];
      objects.replace(POD, patchStatus({ ...pod, spec: { ...objectAt(pod, 'spec'), nodeName: found.node } }, { conditions }));
    }
  };

  const scheduled = (fields: { readonly status: string; readonly reason?: string; readonly message?: string }) => ({
    lastProbeTime: null,
    lastTransitionTime: timestamp(clock.nowMs()),
    type: 'PodScheduled',
    ...fields,
  });

  const notPlaced = (pod: WorldObject, message: string): void => {
    const said = listAt(pod, 'status', 'conditions').find((one) => textAt(one, 'type') === 'PodScheduled');
    if (textAt(said, 'message') === message) return;
    const told = scheduled({ status: 'False', reason: 'Unschedulable', message });
    const lastTransitionTime = textAt(said, 'status') === 'False' ? textAt(said, 'lastTransitionTime') : told.lastTransitionTime;
    objects.replace(POD, patchStatus(pod, { conditions: [...withoutScheduled(pod), { ...told, lastTransitionTime }] }));
    tell(pod, { type: 'Warning', reason: 'FailedScheduling', message, component: 'default-scheduler' });
  };

  return ({ type, kind, object, before }) => {
    if (kind === POD) {
      const isNew = type === 'ADDED' && textAt(object, 'spec', 'nodeName') === '';
      const hasLeft = type === 'DELETED' || (before !== undefined && takesRoom(before) && !takesRoom(object));
      if (!isNew && !hasLeft) return;
    } else if (!MATTERS.has(kind.kind) || (type === 'MODIFIED' && before !== undefined && !isNews(object, before))) return;
    if (!due.has('pass') && objects.pick(BY_NODE, '').length > 0) due.put('pass', SCHEDULE_MS, pass);
  };
}

/** A heartbeat is none: labels, taints, cordon and size are. */
function isNews(object: WorldObject, before: WorldObject): boolean {
  return (
    object['spec'] !== before['spec'] ||
    object.metadata.labels !== before.metadata.labels ||
    at(object, 'status', 'allocatable') !== at(before, 'status', 'allocatable')
  );
}

/** A pod that a scenario wants pending is placed by nobody; others have a scheduler of their own. */
function isForUs(pod: WorldObject): boolean {
  return textAt(pod, 'status', 'reason') !== 'Scenario' && ['', 'default-scheduler'].includes(textAt(pod, 'spec', 'schedulerName'));
}

function withoutScheduled(pod: WorldObject) {
  return listAt(pod, 'status', 'conditions').filter((one) => textAt(one, 'type') !== 'PodScheduled');
}

type Rooms = Situation & {
  readonly used: (node: string) => { readonly cpu: number; readonly memory: number; readonly pods: number };
  readonly take: (node: string, pod: WorldObject) => void;
};

/** The state of the cluster at the start of a pass, kept up to date while it places pods. */
function rooming(objects: Objects): Rooms {
  const nodes = objects.all(NODE);
  const byName = new Map(nodes.map((node) => [node.metadata.name, node]));
  const used = new Map<string, { cpu: number; memory: number; pods: number }>();
  let placed: WorldObject[] | undefined;
  let guarding: WorldObject[] | undefined;
  const placedPods = (): WorldObject[] => (placed ??= objects.all(POD).filter((pod) => textAt(pod, 'spec', 'nodeName') !== '' && takesRoom(pod)));
  const guards = (): WorldObject[] => (guarding ??= placedPods().filter(keepsOthersAway));
  const usedOn = (name: string): { cpu: number; memory: number; pods: number } => {
    const known = used.get(name);
    if (known !== undefined) return known;
    const sum = { cpu: 0, memory: 0, pods: 0 };
    used.set(name, sum);
    for (const pod of objects.pick(BY_NODE, name)) if (takesRoom(pod)) add(sum, pod);
    return sum;
  };
  return {
    nodes,
    nodeNamed: (name) => byName.get(name),
    placed: placedPods,
    guarding: guards,
    used: usedOn,
    take(node, pod) {
      add(usedOn(node), pod);
      const there = { ...pod, spec: { ...objectAt(pod, 'spec'), nodeName: node } };
      if (keepsOthersAway(pod)) guards().push(there);
      placed?.push(there);
    },
  };
}

function add(sum: { cpu: number; memory: number; pods: number }, pod: WorldObject): void {
  const { cpu, memory } = demandOf(pod);
  sum.cpu += cpu;
  sum.memory += memory;
  sum.pods += 1;
}

type Found = { readonly kind: 'node'; readonly node: string } | { readonly kind: 'nowhere'; readonly message: string };

function choose(objects: Objects, pod: WorldObject, rooms: Rooms): Found {
  const total = rooms.nodes.length;
  if (total === 0) return { kind: 'nowhere', message: 'no nodes available to schedule pods' };
  const claims = claimMisfit(objects, pod);
  if (claims !== undefined) return { kind: 'nowhere', message: `0/${total} nodes are available: ${claims}` };
  const rules = [spreadRule(pod, rooms), neighbourRule(pod, rooms)];
  let best: { readonly node: string; readonly likes: number; readonly pods: number } | undefined;
  const misfits: (readonly Misfit[])[] = [];
  for (const node of rooms.nodes) {
    const found = misfitsOf(objects, pod, { node, rooms, rules });
    if (found.length > 0) {
      misfits.push(found);
      continue;
    }
    const { name } = node.metadata;
    const one = { node: name, likes: liking(pod, node), pods: rooms.used(name).pods };
    if (best === undefined || one.likes > best.likes || (one.likes === best.likes && one.pods < best.pods)) best = one;
  }
  return best === undefined ? { kind: 'nowhere', message: unschedulable(misfits) } : { kind: 'node', node: best.node };
}

type Where = { readonly node: WorldObject; readonly rooms: Rooms; readonly rules: readonly Rule[] };

/** What keeps a pod off a node: the first rule that does, and all that it says. */
function misfitsOf(objects: Objects, pod: WorldObject, { node, rooms, rules }: Where): readonly Misfit[] {
  const final = (reason: string): readonly Misfit[] => [{ reason, final: true }];
  const isTolerated = (taint: Parameters<typeof tolerates>[1]): boolean => listAt(pod, 'spec', 'tolerations').some((one) => tolerates(one, taint));
  if (at(node, 'spec', 'unschedulable') === true && !isTolerated(CORDON)) return final('node(s) were unschedulable');
  const keeping = listAt(node, 'spec', 'taints').filter((taint) => textAt(taint, 'effect') !== 'PreferNoSchedule');
  if (!keeping.every(isTolerated)) return final('node(s) had untolerated taint(s)');
  if (!nodeIsChosen(pod, node)) return final("node(s) didn't match Pod's node affinity/selector");
  const full = roomMisfits(pod, node, rooms);
  if (full.length > 0) return full;
  const volume = volumeMisfit(objects, pod, node);
  if (volume !== undefined) return final(volume);
  for (const rule of rules) {
    const other = rule(node);
    if (other !== undefined) return [other];
  }
  return [];
}

function roomMisfits(pod: WorldObject, node: WorldObject, rooms: Rooms): readonly Misfit[] {
  const has = allocatable(node);
  const used = rooms.used(node.metadata.name);
  const asks = demandOf(pod);
  const found: Misfit[] = [];
  if (used.pods + 1 > has.pods) found.push({ reason: 'Too many pods', final: has.pods < 1 });
  if (asks.cpu > 0 && used.cpu + asks.cpu > has.cpu) found.push({ reason: 'Insufficient cpu', final: asks.cpu > has.cpu });
  if (asks.memory > 0 && used.memory + asks.memory > has.memory) found.push({ reason: 'Insufficient memory', final: asks.memory > has.memory });
  return found;
}

/** `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable. preemption: …` */
function unschedulable(misfits: readonly (readonly Misfit[])[]): string {
  const helpless = misfits.map((of) =>
    of.some(({ final }) => final) ? 'Preemption is not helpful for scheduling' : 'No preemption victims found for incoming pod',
  );
  const none = `0/${misfits.length} nodes are available:`;
  return `${none} ${histogram(misfits.flatMap((of) => of.map(({ reason }) => reason)))}. preemption: ${none} ${histogram(helpless)}.`;
}

function histogram(reasons: readonly string[]): string {
  return [...Map.groupBy(reasons, (reason) => reason)]
    .map(([reason, all]) => `${all.length} ${reason}`)
    .sort()
    .join(', ');
}
