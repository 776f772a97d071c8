import { z } from 'zod';
import type { JsonObject } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import { count, flag, object, text, timeMs } from '../lenient.ts';
import { parseQuantity } from '../quantity.ts';

export type Toleration = { readonly key: string; readonly operator: string; readonly value: string; readonly effect: string; readonly seconds?: number };

/** A Pod as far as draining, moving and mending ask about it. */
export type Pod = {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Empty: not placed yet. */
  readonly node: string;
  readonly phase: string;
  readonly isReady: boolean;
  /** Since when it is Ready, or is not. */
  readonly readySinceMs?: number;
  /** Why it is in its phase: `Evicted`, `NodeLost`. */
  readonly reason: string;
  /** What the scheduler says of it, where it found no node. */
  readonly unplaced?: string;
  /** When its deletion was to be over; undefined: nobody deleted it. */
  readonly deletionMs?: number;
  /** How long it has, or had, to stop. */
  readonly graceSeconds: number;
  /** Its controller. None: nothing makes it again. */
  readonly owner?: { readonly kind: string; readonly name: string; readonly uid: string };
  /** A static pod of the kubelet: the API shows a copy, and nothing done to the copy matters. */
  readonly isMirror: boolean;
  readonly isFinished: boolean;
  readonly finalizers: readonly string[];
  /** Names of its emptyDir volumes: what is in them is gone with it. */
  readonly emptyDirs: readonly string[];
  /** Paths on the node that it mounts. */
  readonly hostPaths: readonly string[];
  /** Names of its PersistentVolumeClaims. */
  readonly claims: readonly string[];
  readonly tolerations: readonly Toleration[];
  readonly labels: { readonly [name: string]: string };
  readonly annotations: { readonly [name: string]: string };
  /** What the scheduler counts: the greater of the sum of its containers and of its largest init container, and its overhead. */
  readonly requests: { readonly cpu: number; readonly memory: number };
  readonly containers: readonly ContainerState[];
  readonly initContainers: readonly ContainerState[];
  readonly madeMs: number;
  /** nodeSelector, affinity and topologySpreadConstraints, as written. */
  readonly placement: JsonObject;
};

export type ContainerState = {
  readonly name: string;
  readonly isReady: boolean;
  readonly isRunning: boolean;
  readonly restarts: number;
  /** `CrashLoopBackOff` and the like, where it waits. */
  readonly waiting?: { readonly reason: string; readonly message: string };
  /** How it ended the last time. */
  readonly ended?: { readonly reason: string; readonly exitCode: number; readonly atMs?: number };
};

const Resources = z
  .looseObject({
    requests: z
      .record(z.string(), z.union([z.string(), z.number()]))
      .optional()
      .catch(undefined),
  })
  .optional()
  .catch(undefined);
const Containers = z
  .array(z.looseObject({ resources: Resources }))
  .nullish()
  .catch(undefined);
const Ended = z.looseObject({ reason: text, exitCode: count, finishedAt: text }).optional().catch(undefined);
const State = z
  .looseObject({ waiting: z.looseObject({ reason: text, message: text }).optional().catch(undefined), running: object, terminated: Ended })
  .optional()
  .catch(undefined);

const States = z
  .array(z.looseObject({ name: z.string(), ready: flag, restartCount: count, state: State, lastState: State }))
  .nullish()
  .catch(undefined);

const Parts = z.looseObject({
  spec: z.looseObject({
    nodeName: text,
    terminationGracePeriodSeconds: count,
    containers: Containers,
    initContainers: Containers,
    overhead: z
      .record(z.string(), z.union([z.string(), z.number()]))
      .optional()
      .catch(undefined),
    volumes: z
      .array(
        z.looseObject({
          name: z.string(),
          emptyDir: object,
          hostPath: z.looseObject({ path: text }).optional().catch(undefined),
          persistentVolumeClaim: z.looseObject({ claimName: text }).optional().catch(undefined),
        }),
      )
      .nullish()
      .catch(undefined),
    tolerations: z
      .array(z.looseObject({ key: text, operator: text, value: text, effect: text, tolerationSeconds: z.number().optional().catch(undefined) }))
      .nullish()
      .catch(undefined),
    nodeSelector: object,
    affinity: object,
    topologySpreadConstraints: z.array(z.custom<JsonObject>()).nullish().catch(undefined),
  }),
  status: z
    .looseObject({
      phase: text,
      reason: text,
      conditions: z
        .array(z.looseObject({ type: z.string(), status: z.string(), reason: text, message: text, lastTransitionTime: text }))
        .nullish()
        .catch(undefined),
      containerStatuses: States,
      initContainerStatuses: States,
    })
    .optional()
    .catch(undefined),
});

const DEFAULT_GRACE_SECONDS = 30;

export function readPod(found: KubeObject): Pod {
  const { spec, status } = Parts.parse(found);
  const { metadata } = found;
  const { annotations = {}, labels = {}, ownerReferences = [] } = metadata;
  const phase = status?.phase ?? '';
  const owner = ownerReferences.find((one) => one['controller'] === true);
  const deletionMs = timeMs(metadata.deletionTimestamp);
  const unplaced = status?.conditions?.find(({ type, status: is }) => type === 'PodScheduled' && is === 'False');
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const readySinceMs = timeMs(ready?.lastTransitionTime);
  const volumes = spec.volumes ?? [];
  const { topologySpreadConstraints: spread } = spec;
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    uid: metadata.uid ?? '',
    node: spec.nodeName ?? '',
    phase,
    isReady: ready?.status === 'True',
    ...(readySinceMs === undefined ? {} : { readySinceMs }),
    reason: status?.reason ?? '',
    ...(unplaced === undefined ? {} : { unplaced: unplaced.message ?? unplaced.reason ?? '' }),
    ...(deletionMs === undefined ? {} : { deletionMs }),
    graceSeconds: count.parse(metadata['deletionGracePeriodSeconds']) ?? spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS,
    ...(owner === undefined ? {} : { owner: { kind: owner.kind, name: owner.name, uid: owner.uid } }),
    isMirror: Object.hasOwn(annotations, 'kubernetes.io/config.mirror'),
    isFinished: phase === 'Succeeded' || phase === 'Failed',
    finalizers: metadata.finalizers ?? [],
    emptyDirs: volumes.flatMap(({ name, emptyDir }) => (emptyDir === undefined ? [] : [name])),
    hostPaths: volumes.flatMap(({ hostPath }) => (hostPath?.path === undefined ? [] : [hostPath.path])),
    claims: volumes.flatMap(({ persistentVolumeClaim: claim }) => (claim?.claimName === undefined ? [] : [claim.claimName])),
    tolerations: (spec.tolerations ?? []).map(({ key = '', operator = 'Equal', value = '', effect = '', tolerationSeconds: seconds }) => ({
      key,
      operator,
      value,
      effect,
      ...(seconds === undefined ? {} : { seconds }),
    })),
    labels,
    annotations,
    requests: { cpu: requested(spec, 'cpu'), memory: requested(spec, 'memory') },
    containers: (status?.containerStatuses ?? []).map(readContainer),
    initContainers: (status?.initContainerStatuses ?? []).map(readContainer),
    madeMs: timeMs(metadata.creationTimestamp) ?? 0,
    placement: {
      ...(spec.nodeSelector === undefined ? {} : { nodeSelector: spec.nodeSelector }),
      ...(spec.affinity === undefined ? {} : { affinity: spec.affinity }),
      ...(spread === undefined || spread === null ? {} : { topologySpreadConstraints: spread }),
    },
  };
}

type Spec = z.output<typeof Parts>['spec'];
type Status = NonNullable<z.output<typeof States>>[number];

function requested({ containers, initContainers, overhead }: Spec, resource: string): number {
  const of = ({ resources }: NonNullable<Spec['containers']>[number]): number => parseQuantity(String(resources?.requests?.[resource] ?? '')) ?? 0;
  const together = (containers ?? []).reduce((sum, one) => sum + of(one), 0);
  const largest = Math.max(0, ...(initContainers ?? []).map(of));
  return Math.max(together, largest) + (parseQuantity(String(overhead?.[resource] ?? '')) ?? 0);
}

function readContainer({ name, ready = false, restartCount = 0, state, lastState }: Status): ContainerState {
  const ended = state?.terminated ?? lastState?.terminated;
  const atMs = timeMs(ended?.finishedAt);
  return {
    name,
    isReady: ready,
    isRunning: state?.running !== undefined,
    restarts: restartCount,
    ...(state?.waiting === undefined ? {} : { waiting: { reason: state.waiting.reason ?? '', message: state.waiting.message ?? '' } }),
    ...(ended === undefined ? {} : { ended: { reason: ended.reason ?? '', exitCode: ended.exitCode ?? 0, ...(atMs === undefined ? {} : { atMs }) } }),
  };
}

/** A pod's name for people, and its key among many. */
export const podName = ({ namespace, name }: Pick<Pod, 'namespace' | 'name'>): string => `${namespace}/${name}`;

/** Whether the pod puts up with a taint, and for how long: `Infinity` for ever, undefined not at all. */
export function toleratesMs(
  pod: Pick<Pod, 'tolerations'>,
  taint: { readonly key: string; readonly value: string; readonly effect: string },
): number | undefined {
  const fitting = pod.tolerations.filter(({ key, operator, value, effect }) => {
    if (effect !== '' && effect !== taint.effect) return false;
    if (operator === 'Exists') return key === '' || key === taint.key;
    return key === taint.key && value === taint.value;
  });
  if (fitting.length === 0) return undefined;
  // The shortest counts: the control plane evicts when the first of them is over.
  return Math.min(...fitting.map(({ seconds }) => (seconds === undefined ? Number.POSITIVE_INFINITY : Math.max(0, seconds) * 1000)));
}
