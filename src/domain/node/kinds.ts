import type { ObjectRef } from '../../model/object.ts';

/** References and lists of what belongs to a node. */
type Query = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
};

export const nodeRef = (name: string): ObjectRef => ({ apiVersion: 'v1', kind: 'Node', name });
export const NODES: Query = { apiVersion: 'v1', kind: 'Node' };

/** The kubelet renews it every ten seconds or so; the control plane believes it more than the node's status. */
export const leaseRef = (node: string): ObjectRef => ({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: 'kube-node-lease', name: node });

/** Every pod that is bound to the node, in all namespaces. */
export const podsOn = (node: string): Query => ({ apiVersion: 'v1', kind: 'Pod', fieldSelector: `spec.nodeName=${node}` });
export const BUDGETS: Query = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' };
export const ATTACHMENTS: Query = { apiVersion: 'storage.k8s.io/v1', kind: 'VolumeAttachment' };
export const podRef = (namespace: string, name: string): ObjectRef => ({ apiVersion: 'v1', kind: 'Pod', namespace, name });

/** What is told of one node, newest not first: the server gives them by name. */
export const eventsOf = (node: string): Query => ({
  apiVersion: 'v1',
  kind: 'Event',
  fieldSelector: `involvedObject.kind=Node,involvedObject.name=${node}`,
});
