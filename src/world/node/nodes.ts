import type { JsonObject } from '../../model/json.ts';
import type { Clock } from '../../port/clock.ts';
import { theKind } from '../kinds.ts';
import { at, type Draft, listAt, microTimestamp, objectAt, textAt, timestamp, type WorldObject } from '../object.ts';
import type { Objects } from '../objects.ts';
import type { ReadScenario } from '../scenario.ts';

export const NODE = theKind('v1', 'Node');
export const POD = theKind('v1', 'Pod');
export const LEASE = theKind('coordination.k8s.io/v1', 'Lease');

type Wanted = NonNullable<ReadScenario['nodes']>[number];

/** Which kubelets answer: what is not in here does. */
export type Kubelets = Map<string, 'answers' | 'silent'>;

type Place = { readonly objects: Objects; readonly clock: Clock; readonly kubelets: Kubelets };

const PRESSURES = ['MemoryPressure', 'DiskPressure', 'PIDPressure'] as const;
const LEASE_NAMESPACE = 'kube-node-lease';

/** Makes a node, or changes it: conditions and taints as the node controller writes them. */
export function putNode({ objects, clock, kubelets }: Place, wanted: Wanted): void {
  const { name, gone, since = 0 } = wanted;
  const before = objects.find(NODE, undefined, name);
  if (gone === true) {
    objects.remove(NODE, undefined, name);
    objects.remove(LEASE, LEASE_NAMESPACE, name);
    return;
  }
  const ready = wanted.ready ?? (before === undefined ? true : isReady(before));
  const kubelet = wanted.kubelet ?? (ready ? 'answers' : wanted.ready === undefined ? (kubelets.get(name) ?? 'answers') : 'silent');
  kubelets.set(name, kubelet);
  const changedAt = timestamp(clock.nowMs() - since);
  const state = ready ? 'ready' : kubelet === 'answers' ? 'not-ready' : 'unreachable';

  const base = before ?? blank(name, timestamp(clock.nowMs() - 30 * 86_400_000));
  const labels = {
    ...objectAt(base, 'metadata', 'labels'),
    ...(wanted.zone === undefined ? {} : { 'topology.kubernetes.io/zone': wanted.zone }),
    ...wanted.labels,
  };
  const own = listAt(base, 'spec', 'taints').filter((taint) => !LOST.has(textAt(taint, 'key')) && textAt(taint, 'key') !== OUT_OF_SERVICE);
  const outOfService = wanted.outOfService === true ? [{ key: OUT_OF_SERVICE, value: 'nodeshutdown', effect: 'NoExecute' }] : [];
  const taints = [...own, ...lostTaints(state, changedAt), ...outOfService];
  const cordoned = wanted.cordoned ?? at(base, 'spec', 'unschedulable') === true;
  const spec = {
    ...objectWithout(base['spec'], 'taints', 'unschedulable'),
    ...(taints.length === 0 ? {} : { taints }),
    ...(cordoned ? { unschedulable: true } : {}),
  };
  const was = before === undefined ? undefined : stateOf(before);
  const status = { ...objectAt(base, 'status'), ...(was === state ? {} : { conditions: nodeConditions(state, changedAt) }) };
  // A new node is put as a whole: it must not look as if it had just come back.
  if (before === undefined) objects.insert(NODE, { ...base, metadata: { ...base.metadata, labels }, spec, status });
  else objects.replace(NODE, { ...before, metadata: { ...before.metadata, labels }, spec, status });
  if (!objects.find(LEASE, LEASE_NAMESPACE, name)) {
    const renewTime = microTimestamp(clock.nowMs() - since);
    objects.insert(LEASE, { metadata: { name, namespace: LEASE_NAMESPACE }, spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime } });
  } else if (kubelet === 'silent' && was !== state) renew({ objects, clock, kubelets }, name, since);
}

const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';
const LOST = new Set(['node.kubernetes.io/unreachable', 'node.kubernetes.io/not-ready']);

type State = 'ready' | 'not-ready' | 'unreachable';

function stateOf(node: WorldObject): State {
  const ready = listAt(node, 'status', 'conditions').find((one) => textAt(one, 'type') === 'Ready');
  return textAt(ready, 'status') === 'True' ? 'ready' : textAt(ready, 'status') === 'False' ? 'not-ready' : 'unreachable';
}

export function isReady(node: WorldObject): boolean {
  return stateOf(node) === 'ready';
}

function lostTaints(state: State, timeAdded: string): readonly JsonObject[] {
  if (state === 'ready') return [];
  const key = `node.kubernetes.io/${state === 'unreachable' ? 'unreachable' : 'not-ready'}`;
  return [
    { effect: 'NoSchedule', key, timeAdded },
    { effect: 'NoExecute', key, timeAdded },
  ];
}

function nodeConditions(state: State, changedAt: string): readonly JsonObject[] {
  const times = { lastHeartbeatTime: changedAt, lastTransitionTime: changedAt };
  const lost = { status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' };
  const ready = {
    ready: { status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' },
    'not-ready': { status: 'False', reason: 'KubeletNotReady', message: 'container runtime network not ready: NetworkReady=false' },
    unreachable: lost,
  }[state];
  return [
    ...PRESSURES.map((type) => ({
      ...times,
      type,
      ...(state === 'unreachable'
        ? lost
        : {
            status: 'False',
            reason: `KubeletHas${type === 'MemoryPressure' ? 'SufficientMemory' : type === 'DiskPressure' ? 'NoDiskPressure' : 'SufficientPID'}`,
            message: 'kubelet has enough',
          }),
    })),
    { ...times, type: 'Ready', ...ready },
  ];
}

function blank(name: string, creationTimestamp: string): Draft {
  return {
    metadata: { name, creationTimestamp, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' } },
    spec: { podCIDR: '10.244.0.0/24' },
    status: {
      capacity: { cpu: '8', memory: '32Gi', pods: '110' },
      allocatable: { cpu: '8', memory: '32Gi', pods: '110' },
      nodeInfo: { kubeletVersion: 'v1.37.1', osImage: 'Debian GNU/Linux 12', bootID: name },
    },
  };
}

function objectWithout(value: WorldObject[string], ...names: readonly string[]): JsonObject {
  const entries = Object.entries(typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {});
  return Object.fromEntries(entries.filter(([name]) => !names.includes(name)));
}

function renew({ objects, clock }: Place, name: string, sinceMs: number): void {
  const lease = objects.find(LEASE, LEASE_NAMESPACE, name);
  if (lease) objects.replace(LEASE, { ...lease, spec: { ...objectWithout(lease['spec']), renewTime: microTimestamp(clock.nowMs() - sinceMs) } });
}

/** How a reader sees an object: the lease of a live node was renewed a moment ago, without a write for each time. */
export function liveView({ clock, kubelets }: Omit<Place, 'objects'>, object: WorldObject): WorldObject {
  if (object.kind !== 'Lease' || object.metadata.namespace !== LEASE_NAMESPACE || kubelets.get(object.metadata.name) === 'silent') return object;
  const renewedMs = Math.floor(clock.nowMs() / 10_000) * 10_000;
  return { ...object, spec: { ...objectWithout(object['spec']), renewTime: microTimestamp(renewedMs) } };
}
