import { theKind } from '../kinds.ts';

export const NODE = theKind('v1', 'Node');
export const POD = theKind('v1', 'Pod');
export const EVENT = theKind('v1', 'Event');
export const CLAIM = theKind('v1', 'PersistentVolumeClaim');
export const VOLUME = theKind('v1', 'PersistentVolume');
export const ATTACHMENT = theKind('storage.k8s.io/v1', 'VolumeAttachment');
export const LEASE = theKind('coordination.k8s.io/v1', 'Lease');
export const BUDGET = theKind('policy/v1', 'PodDisruptionBudget');
export const DEPLOYMENT = theKind('apps/v1', 'Deployment');
export const REPLICA_SET = theKind('apps/v1', 'ReplicaSet');
export const STATEFUL_SET = theKind('apps/v1', 'StatefulSet');
export const DAEMON_SET = theKind('apps/v1', 'DaemonSet');
export const JOB = theKind('batch/v1', 'Job');

export const LEASE_NAMESPACE = 'kube-node-lease';
