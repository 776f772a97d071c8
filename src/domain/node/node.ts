import { z } from 'zod';
import { type KubeObject, MARK } from '../../model/object.ts';
import { flag, text, timeMs } from '../lenient.ts';
import { parseQuantity } from '../quantity.ts';

/** A taint of a node. */
export type Taint = { readonly key: string; readonly value: string; readonly effect: string; readonly addedMs?: number };

/** One condition of a node: `Unknown` where nobody has said anything for longer than the control plane waits. */
export type Condition = {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly sinceMs?: number;
  readonly heartbeatMs?: number;
};

/** A Node as far as people and playbooks ask about it. */
export type Node = {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Cordoned, by whomever. */
  readonly unschedulable: boolean;
  readonly taints: readonly Taint[];
  readonly conditions: readonly Condition[];
  /** `Unknown` also where there is no such condition. */
  readonly ready: Condition;
  readonly labels: { readonly [name: string]: string };
  readonly annotations: { readonly [name: string]: string };
  /** Where Salvor wrote to it: the step, and what was there before. */
  readonly mark?: { readonly stepKey: string; readonly before?: string };
  readonly zone?: string;
  readonly region?: string;
  readonly providerId?: string;
  readonly kubeletVersion?: string;
  readonly bootId?: string;
  /** What runs on it, by what people call it: `kubelet`, `OS`, `kernel`, `container runtime`. */
  readonly software: { readonly [part: string]: string };
  readonly isControlPlane: boolean;
  readonly madeMs: number;
  readonly allocatable: { readonly cpu: number; readonly memory: number; readonly pods: number };
};

const Status = z.enum(['True', 'False', 'Unknown']).catch('Unknown');
const Parts = z.looseObject({
  spec: z
    .looseObject({
      unschedulable: flag,
      providerID: text,
      taints: z
        .array(z.looseObject({ key: z.string(), value: text, effect: text, timeAdded: text }))
        .nullish()
        .catch(undefined),
    })
    .optional()
    .catch(undefined),
  status: z
    .looseObject({
      conditions: z
        .array(z.looseObject({ type: z.string(), status: Status, reason: text, message: text, lastTransitionTime: text, lastHeartbeatTime: text }))
        .nullish()
        .catch(undefined),
      allocatable: z
        .record(z.string(), z.union([z.string(), z.number()]))
        .optional()
        .catch(undefined),
      nodeInfo: z
        .looseObject({ kubeletVersion: text, bootID: text, osImage: text, kernelVersion: text, containerRuntimeVersion: text })
        .optional()
        .catch(undefined),
    })
    .optional()
    .catch(undefined),
});

const ROLES = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master', 'node-role.kubernetes.io/etcd'];
const NEVER_HEARD: Condition = { type: 'Ready', status: 'Unknown', reason: '', message: '' };

export function readNode(found: KubeObject): Node {
  const { spec, status } = Parts.parse(found);
  const { name, uid = '', resourceVersion = '', labels = {}, annotations = {}, creationTimestamp } = found.metadata;
  const conditions = (status?.conditions ?? []).map((one): Condition => {
    const sinceMs = timeMs(one.lastTransitionTime);
    const heartbeatMs = timeMs(one.lastHeartbeatTime);
    return {
      type: one.type,
      status: one.status,
      reason: one.reason ?? '',
      message: one.message ?? '',
      ...(sinceMs === undefined ? {} : { sinceMs }),
      ...(heartbeatMs === undefined ? {} : { heartbeatMs }),
    };
  });
  const stepKey = annotations[MARK.step];
  const before = annotations[MARK.before];
  const zone = labels['topology.kubernetes.io/zone'] ?? labels['failure-domain.beta.kubernetes.io/zone'];
  const region = labels['topology.kubernetes.io/region'] ?? labels['failure-domain.beta.kubernetes.io/region'];
  const amount = (resource: string): number => parseQuantity(String(status?.allocatable?.[resource] ?? '')) ?? 0;
  return {
    name,
    uid,
    resourceVersion,
    unschedulable: spec?.unschedulable ?? false,
    taints: (spec?.taints ?? []).map(({ key, value = '', effect = '', timeAdded }) => {
      const addedMs = timeMs(timeAdded);
      return { key, value, effect, ...(addedMs === undefined ? {} : { addedMs }) };
    }),
    conditions,
    ready: conditions.find(({ type }) => type === 'Ready') ?? NEVER_HEARD,
    labels,
    annotations,
    ...(stepKey === undefined ? {} : { mark: { stepKey, ...(before === undefined ? {} : { before }) } }),
    ...(zone === undefined ? {} : { zone }),
    ...(region === undefined ? {} : { region }),
    ...(spec?.providerID === undefined ? {} : { providerId: spec.providerID }),
    ...(status?.nodeInfo?.kubeletVersion === undefined ? {} : { kubeletVersion: status.nodeInfo.kubeletVersion }),
    ...(status?.nodeInfo?.bootID === undefined ? {} : { bootId: status.nodeInfo.bootID }),
    software: softwareOf(status?.nodeInfo),
    isControlPlane: ROLES.some((role) => Object.hasOwn(labels, role)),
    madeMs: timeMs(creationTimestamp) ?? 0,
    allocatable: { cpu: amount('cpu'), memory: amount('memory'), pods: amount('pods') },
  };
}

function softwareOf(said: NonNullable<z.output<typeof Parts>['status']>['nodeInfo']): Node['software'] {
  const parts = { kubelet: said?.kubeletVersion, OS: said?.osImage, kernel: said?.kernelVersion, 'container runtime': said?.containerRuntimeVersion };
  return Object.fromEntries(Object.entries(parts).flatMap(([part, version]) => (version === undefined || version === '' ? [] : [[part, version]])));
}

export const isReady = (node: Node): boolean => node.ready.status === 'True';
