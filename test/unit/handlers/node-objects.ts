import type { KubeObject } from '../../../src/model/object.ts';
import { MARK } from '../../../src/model/object.ts';
import { STEP_KEY } from './about.ts';
import { NOW } from './velero-objects.ts';

type Status = 'True' | 'False' | 'Unknown';
type Made = {
  readonly name?: string;
  readonly uid?: string;
  readonly ready?: Status;
  /** For how long it has been so. */
  readonly forMs?: number;
  readonly cordonedBy?: string;
  readonly marks?: { readonly [name: string]: string };
  readonly taints?: readonly string[];
  readonly conditions?: readonly string[];
  readonly zone?: string;
  readonly kubelet?: string;
  readonly madeMs?: number;
  readonly labels?: { readonly [name: string]: string };
  readonly annotations?: { readonly [name: string]: string };
};

export const timestamp = (ms: number): string => new Date(ms).toISOString();

/** The marks that `node.cordon` leaves for the step of these tests. */
export const OUR_MARKS = { [MARK.run]: 'run/0123456789abcdef-1', [MARK.step]: STEP_KEY, [MARK.before]: 'false' };

/** A Node as the server gives it. */
export function node({
  name = 'w1',
  uid = `uid-${name}`,
  ready = 'True',
  forMs = 3_600_000,
  cordonedBy,
  marks = {},
  taints = [],
  conditions = [],
  zone,
  kubelet,
  madeMs = NOW - 30 * 86_400_000,
  ...rest
}: Made = {}): KubeObject {
  const managedFields =
    cordonedBy === undefined
      ? []
      : [{ manager: cordonedBy, operation: 'Update', time: '2026-11-21T10:00:00Z', fieldsV1: { 'f:spec': { 'f:unschedulable': {} } } }];
  const lastTransitionTime = timestamp(NOW - forMs);
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      uid,
      resourceVersion: '7',
      creationTimestamp: timestamp(madeMs),
      labels: { ...rest.labels, ...(zone && { 'topology.kubernetes.io/zone': zone }) },
      annotations: { ...rest.annotations, ...marks },
      managedFields,
    },
    spec: {
      ...(cordonedBy === undefined ? {} : { unschedulable: true }),
      ...(taints.length === 0 ? {} : { taints: taints.map((key) => ({ key, effect: 'NoExecute', timeAdded: lastTransitionTime })) }),
    },
    status: {
      conditions: [
        { type: 'Ready', status: ready, reason: 'R', message: `ready is ${ready}`, lastTransitionTime },
        ...conditions.map((type) => ({ type, status: 'True', reason: type, message: '', lastTransitionTime })),
      ],
      ...(kubelet === undefined ? {} : { nodeInfo: { kubeletVersion: kubelet } }),
    },
  };
}

/** The lease of a kubelet that was renewed so long ago. */
export const lease = (renewedMs: number, name = 'w1'): KubeObject => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name, namespace: 'kube-node-lease' },
  spec: { renewTime: timestamp(NOW - renewedMs), leaseDurationSeconds: 40 },
});

/** A pod on w1 as its ReplicaSet made it. */
export function pod(name: string, { spec = {}, annotations = {}, owner = 'ReplicaSet', deletedMs }: PodParts = {}): KubeObject {
  const [namespace = '', short = ''] = name.split('/');
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace,
      name: short,
      uid: `uid-${short}`,
      annotations: { ...annotations },
      labels: { app: short.split('-')[0] ?? '' },
      ...(owner === 'none' ? {} : { ownerReferences: [{ apiVersion: 'apps/v1', kind: owner, name: 'o', uid: 'o', controller: true }] }),
      ...(deletedMs === undefined ? {} : { deletionTimestamp: timestamp(NOW - deletedMs) }),
    },
    spec: { nodeName: 'w1', containers: [], ...spec },
    status: { phase: 'Running' },
  };
}
type PodParts = {
  readonly spec?: object;
  readonly annotations?: { readonly [name: string]: string };
  readonly owner?: string;
  readonly deletedMs?: number;
};
