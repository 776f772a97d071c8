import { z } from 'zod';
import type { KubeObject, ObjectRef } from '../../model/object.ts';
import { refOf } from '../../model/object.ts';
import { count, text } from '../lenient.ts';
import { type Pod, readPod } from '../pod/pod.ts';

/** A Deployment or StatefulSet whose pods mount a claim, and that can stand still while the claim gets another volume. */
export type Halting = { readonly ref: ObjectRef; readonly uid: string; readonly replicas: number; readonly ready: number };

export type Users = {
  readonly workloads: readonly Halting[];
  /** Pods on the claims that are not over, whoever made them. */
  readonly pods: readonly Pod[];
  /** Of them those that would not end by it: nothing known keeps them. */
  readonly alone: readonly Pod[];
  /** Why a swap must not be begun, in words: what would not stand still, or not come back. */
  readonly obstacles: readonly string[];
};

/** What is read of one namespace. */
export type Inside = { readonly workloads: readonly KubeObject[]; readonly replicaSets: readonly KubeObject[]; readonly pods: readonly KubeObject[] };

const Parts = z.looseObject({
  status: z.looseObject({ readyReplicas: count }).nullish().catch(undefined),
  spec: z
    .looseObject({
      replicas: count,
      template: z
        .looseObject({
          spec: z
            .looseObject({
              volumes: z.array(z.looseObject({ persistentVolumeClaim: z.looseObject({ claimName: text }).nullish().catch(undefined) })).nullish(),
            })
            .nullish()
            .catch(undefined),
        })
        .nullish()
        .catch(undefined),
      volumeClaimTemplates: z
        .array(z.looseObject({ metadata: z.looseObject({ name: text }) }))
        .nullish()
        .catch(undefined),
      persistentVolumeClaimRetentionPolicy: z.looseObject({ whenScaled: text }).nullish().catch(undefined),
    })
    .optional()
    .catch(undefined),
});

/** Who uses these claims of one namespace, as templates and pods say. */
export function usersOf(claims: readonly string[], { workloads, replicaSets, pods }: Inside): Users {
  const wanted = new Set(claims);
  const on = pods.map(readPod).filter((pod) => !pod.isFinished && pod.claims.some((claim) => wanted.has(claim)));
  const owners = new Map(replicaSets.map((set) => [set.metadata.uid, ownerUid(set)] as const));
  const made = new Set(on.map(({ owner }) => owners.get(owner?.uid) ?? owner?.uid));
  const users = workloads.filter((workload) => made.has(workload.metadata.uid) || mounts(workload, wanted));
  const known = new Set(users.map(({ metadata }) => metadata.uid));
  const strange = on.filter(({ owner }) => !known.has(owners.get(owner?.uid) ?? owner?.uid));
  return {
    workloads: users.map(haltingOf),
    pods: on,
    alone: strange,
    obstacles: [...strange.map(strangeText), ...users.flatMap(workloadTexts)],
  };
}

function haltingOf(workload: KubeObject): Halting {
  const { spec, status } = Parts.parse(workload);
  return { ref: refOf(workload), uid: workload.metadata.uid ?? '', replicas: spec?.replicas ?? 1, ready: status?.readyReplicas ?? 0 };
}

function mounts(workload: KubeObject, wanted: ReadonlySet<string>): boolean {
  const { spec } = Parts.parse(workload);
  const named = (spec?.template?.spec?.volumes ?? []).flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []);
  if (named.some((claim) => wanted.has(claim))) return true;
  const starts = (spec?.volumeClaimTemplates ?? []).map(({ metadata }) => `${metadata.name ?? ''}-${workload.metadata.name}-`);
  return [...wanted].some((claim) => starts.some((start) => claim.startsWith(start) && /^\d{1,6}$/.test(claim.slice(start.length))));
}

const ownerUid = (object: KubeObject): string | undefined =>
  (object.metadata.ownerReferences ?? []).find((one) => one['controller'] === true)?.uid ?? object.metadata.uid;

function strangeText({ name, owner }: Pod): string {
  const who = owner === undefined ? 'nothing that would make it again' : `${owner.kind} ${owner.name}, which does not stand still when it is asked to`;
  return `the pod ${name} uses it and belongs to ${who}: end it first`;
}

function workloadTexts(workload: KubeObject): readonly string[] {
  const { kind, metadata } = workload;
  const owner = (metadata.ownerReferences ?? []).find((one) => one['controller'] === true);
  const retention = Parts.parse(workload).spec?.persistentVolumeClaimRetentionPolicy?.whenScaled;
  return [
    ...(owner === undefined
      ? []
      : [`${kind} ${metadata.name} belongs to ${owner.kind} ${owner.name}, whose operator would start it again: use the operator's own recovery`]),
    ...(retention === 'Delete'
      ? [`StatefulSet ${metadata.name} deletes its claims when it is scaled down: set persistentVolumeClaimRetentionPolicy.whenScaled to Retain first`]
      : []),
  ];
}
