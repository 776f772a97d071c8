import { z } from 'zod';
import type { KubeObject, ObjectRef } from '../../model/object.ts';
import { count } from '../lenient.ts';
import type { Pod } from './pod.ts';
import { readReplicas } from './replicas.ts';

/** Controllers that make a pod again which was evicted, and whose number of pods we can read. */
const REMAKING: ReadonlySet<string> = new Set(['ReplicaSet', 'StatefulSet', 'DaemonSet']);

/** The controller that makes the pod again; undefined where none does, or one that we do not know. */
export function remakerOf({ owner, namespace }: Pick<Pod, 'owner' | 'namespace'>): ObjectRef | undefined {
  return owner !== undefined && REMAKING.has(owner.kind) ? { apiVersion: 'apps/v1', kind: owner.kind, namespace, name: owner.name } : undefined;
}

const Parts = z.looseObject({ status: z.looseObject({ desiredNumberScheduled: count }).optional().catch(undefined) });

/** How many pods a controller is to have. */
export function wantedPods(owner: KubeObject): number {
  return owner.kind === 'DaemonSet' ? (Parts.parse(owner).status?.desiredNumberScheduled ?? 0) : (readReplicas(owner) ?? 1);
}

/** The pods of the same controller that are to stay: not being deleted, not finished. */
export function livingPods(pods: readonly Pod[], ownerUid: string): readonly Pod[] {
  return pods.filter((pod) => pod.owner?.uid === ownerUid && pod.deletionMs === undefined && !pod.isFinished);
}
