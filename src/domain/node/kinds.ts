import type { ObjectRef } from '../../model/object.ts';

/** References and lists of what belongs to a node. */
export const nodeRef = (name: string): ObjectRef => ({ apiVersion: 'v1', kind: 'Node', name });
