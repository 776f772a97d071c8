import type { Clock } from '../../port/clock.ts';
import { listAt, microTimestamp, objectAt, textAt, timestamp, type WorldObject } from '../object.ts';
import type { Objects } from '../objects.ts';
import type { ReadScenario } from '../scenario.ts';
import { NETWORK, type NodeState, reported, stateOf, UNHEARD, withConditions } from './conditions.ts';
import { LEASE, LEASE_NAMESPACE, NODE } from './kinds.ts';
import type { Kubelets } from './kubelets.ts';
import { isOfLoss, lostTaints, OUT_OF_SERVICE, withTaints } from './taints.ts';
import type { Timing } from './timing.ts';

type Wanted = NonNullable<ReadScenario['nodes']>[number];
type Place = { readonly objects: Objects; readonly clock: Clock; readonly kubelets: Kubelets; readonly timing: Timing };

const DAY_MS = 86_400_000;

/**
 * Makes a node, or changes it. `ready` says how it is, with all that the node controller has written by then; a `kubelet` that falls silent
 * or answers again without it is what happens now, and the controllers do the rest in their time.
 */
export function putNode(place: Place, wanted: Wanted): void {
  const { objects, clock, kubelets, timing } = place;
  const { name, since = 0 } = wanted;
  const before = objects.find(NODE, undefined, name);
  if (wanted.gone === true) {
    kubelets.forget(name);
    objects.remove(NODE, undefined, name);
    objects.remove(LEASE, LEASE_NAMESPACE, name);
    return;
  }
  const state = stateWanted(wanted, before);
  const isSilent = state === undefined || state === 'ready' ? wanted.kubelet === 'silent' : state === 'unreachable';
  const base = described(before ?? blank(name, clock.nowMs() - (wanted.age ?? 30 * DAY_MS)), wanted);
  const node = state === undefined ? base : inState(base, state, { wanted, place });
  if (isSilent && kubelets.answers(name)) kubelets.silence(name, state === 'unreachable' ? since + timing.nodeGraceMs : since);
  // A new node is put as a whole: it must not look as if it had just come back.
  if (before === undefined) objects.insert(NODE, { ...node, metadata: madeOf(node) });
  else objects.replace(NODE, node);
  if (!isSilent && (wanted.ready !== undefined || wanted.kubelet === 'answers')) kubelets.answer(name);
  const lease = objects.find(LEASE, LEASE_NAMESPACE, name);
  const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime: microTimestamp(kubelets.heardMs(name)) };
  if (lease === undefined) objects.insert(LEASE, { metadata: { name, namespace: LEASE_NAMESPACE }, spec });
  else if (isSilent) objects.replace(LEASE, { ...lease, spec });
}

/** What a draft says of a node: the rest is the server's. */
function madeOf({ metadata }: WorldObject) {
  const { uid: _uid, resourceVersion: _version, ...made } = metadata;
  return made;
}

/** How the node is from now on; undefined: as it was. */
function stateWanted({ ready, kubelet }: Wanted, before: WorldObject | undefined): NodeState | undefined {
  if (ready === undefined) return before === undefined ? 'ready' : undefined;
  if (ready) return 'ready';
  return kubelet === 'answers' ? 'not-ready' : 'unreachable';
}

type Being = { readonly wanted: Wanted; readonly place: Place };

/** The node as its kubelet and the node controller leave it in this state. */
function inState(node: WorldObject, state: NodeState, { wanted, place: { clock, kubelets, timing } }: Being): WorldObject {
  const { name, since = 0, pressure = [] } = wanted;
  const changedMs = clock.nowMs() - since;
  // Of a silent one nothing was heard since before it was found out.
  const heardMs = Math.min(kubelets.reportedMs(name), changedMs - timing.nodeGraceMs);
  if (node.metadata.uid !== '' && stateOf(node) === state && wanted.pressure === undefined && wanted.since === undefined) return node;
  const said = state === 'unreachable' ? UNHEARD : reported(state === 'ready', pressure);
  const told = withConditions(node, said, { changedMs, heartbeatMs: state === 'unreachable' ? heardMs : clock.nowMs() });
  if (state === 'ready') return told;
  const own = listAt(told, 'spec', 'taints').filter((taint) => !isOfLoss(textAt(taint, 'key')));
  return withTaints(told, [...own, ...lostTaints(state, timestamp(changedMs))]);
}

/** What a scenario says of the machine, its labels, its owner's marks. */
function described(node: WorldObject, wanted: Wanted): WorldObject {
  const { zone, labels, annotations, cordoned, outOfService, taints, capacity, bootId, providerId } = wanted;
  const own = listAt(node, 'spec', 'taints').filter((taint) => textAt(taint, 'key') !== OUT_OF_SERVICE || outOfService === undefined);
  const off = outOfService === true ? [{ key: OUT_OF_SERVICE, value: 'nodeshutdown', effect: 'NoExecute' }] : [];
  const { unschedulable, ...spec } = objectAt(node, 'spec');
  const isCordoned = cordoned ?? unschedulable === true;
  const size = { ...objectAt(node, 'status', 'allocatable'), ...capacity };
  const info = { ...objectAt(node, 'status', 'nodeInfo'), ...(bootId === undefined ? {} : { bootID: bootId }) };
  const kept =
    taints === undefined ? own : own.filter((taint) => taints.every(({ key, effect }) => textAt(taint, 'key') !== key || textAt(taint, 'effect') !== effect));
  return withTaints(
    {
      ...node,
      metadata: {
        ...node.metadata,
        labels: { ...node.metadata.labels, ...(zone === undefined ? {} : { 'topology.kubernetes.io/zone': zone }), ...labels },
        ...(annotations === undefined ? {} : { annotations: { ...node.metadata.annotations, ...annotations } }),
      },
      spec: { ...spec, ...(providerId === undefined ? {} : { providerID: providerId }), ...(isCordoned ? { unschedulable: true } : {}) },
      status: { ...objectAt(node, 'status'), nodeInfo: info, ...(capacity === undefined ? {} : { capacity: size, allocatable: size }) },
    },
    [...kept, ...off, ...(taints ?? []).map(({ key, value, effect }) => ({ effect, key, ...(value === undefined ? {} : { value }) }))],
  );
}

function blank(name: string, madeMs: number): WorldObject {
  const creationTimestamp = timestamp(madeMs);
  const size = { cpu: '8', memory: '32Gi', pods: '110' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: '', resourceVersion: '', creationTimestamp, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' } },
    spec: { podCIDR: '10.244.0.0/24' },
    status: {
      capacity: size,
      allocatable: size,
      conditions: [{ lastHeartbeatTime: creationTimestamp, lastTransitionTime: creationTimestamp, ...NETWORK }],
      nodeInfo: { kubeletVersion: 'v1.37.1', osImage: 'Debian GNU/Linux 12', bootID: name },
    },
  };
}
