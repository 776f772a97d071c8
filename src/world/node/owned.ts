import { selectorChooses } from '../../domain/label-selector.ts';
import type { JsonObject } from '../../model/json.ts';
import { withDefaults } from '../api/defaults.ts';
import { BY_OWNER } from '../index-of.ts';
import { at, type Draft, type Owner, objectAt, patchStatus, textAt, texts, type WorldObject } from '../object.ts';
import { change, type Objects } from '../objects.ts';
import { isTrue } from './conditions.ts';
import { DEPLOYMENT, POD, REPLICA_SET, STATEFUL_SET } from './kinds.ts';

export function controllerOf({ metadata: { ownerReferences } }: WorldObject): Owner | undefined {
  return ownerReferences?.find((one) => one.controller === true) ?? ownerReferences?.[0];
}

/** The pods of a workload, oldest first. */
export function podsOf(objects: Objects, workload: WorldObject): readonly WorldObject[] {
  const { uid } = workload.metadata;
  return objects.pick(BY_OWNER, uid).filter((one) => one.kind === 'Pod' && controllerOf(one)?.uid === uid);
}

/** A workload that a scenario or Velero shows without anything behind it. */
export function hasNoPods(workload: WorldObject): boolean {
  return textAt(workload, 'metadata', 'annotations', 'world.salvor.io/no-pods') === 'true';
}

export function isLeaving(object: WorldObject): boolean {
  return object.metadata.deletionTimestamp !== undefined;
}

/** A new pod of a workload, with the marks that its controller adds. */
export function podDraft(
  workload: WorldObject,
  name: string,
  { labels = {}, spec = {} }: { readonly labels?: JsonObject; readonly spec?: JsonObject } = {},
): Draft {
  const template = objectAt(workload, 'spec', 'template');
  const { apiVersion, kind, metadata } = workload;
  const owner: JsonObject = { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true, blockOwnerDeletion: true };
  const { nodeName: _node, ...own } = objectAt(template, 'spec');
  const annotations = texts(at(template, 'metadata', 'annotations'));
  return withDefaults(POD, {
    metadata: {
      name,
      namespace: metadata.namespace ?? 'default',
      labels: { ...texts(at(template, 'metadata', 'labels')), ...labels },
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ownerReferences: [owner],
    },
    spec: { ...own, ...spec },
  });
}

/** A new workload takes what it selects and nobody has: a restore makes pods before what they belong to, and names no owners. */
export function adopt(objects: Objects, workload: WorldObject): void {
  const kind = workload.kind === DEPLOYMENT.kind ? REPLICA_SET : workload.kind === STATEFUL_SET.kind || workload.kind === REPLICA_SET.kind ? POD : undefined;
  if (kind === undefined || isLeaving(workload)) return;
  const { apiVersion, metadata } = workload;
  const owner = { apiVersion, kind: workload.kind, name: metadata.name, uid: metadata.uid, controller: true, blockOwnerDeletion: true };
  const selector = at(workload, 'spec', 'selector');
  for (const orphan of objects.all(kind, metadata.namespace)) {
    if (controllerOf(orphan) !== undefined || isLeaving(orphan) || !selectorChooses(selector, orphan.metadata.labels ?? {})) continue;
    change(objects, orphan, (one) => ({ ...one, metadata: { ...one.metadata, ownerReferences: [owner] } }));
  }
}

/** How many pods there are and serve, as workloads say it. */
export function tellReplicas(objects: Objects, workload: WorldObject, pods: readonly WorldObject[]): void {
  const living = pods.filter((pod) => !isLeaving(pod));
  const ready = living.filter((pod) => isTrue(pod, 'Ready')).length;
  const counts = { replicas: living.length, readyReplicas: ready, availableReplicas: ready, updatedReplicas: living.length };
  change(objects, workload, (one) => patchStatus(one, { ...counts, observedGeneration: one.metadata.generation ?? 1 }));
}
