import type { JsonObject } from '../../../model/json.ts';
import { MARK, type Manifest } from '../../../model/object.ts';
import { VELERO_API } from '../kinds.ts';

/** What a restore asks Velero for. */
export type Wish = {
  readonly backup: string;
  readonly source: string;
  readonly target: string;
  readonly existing: 'leave' | 'update';
  readonly resources?: readonly string[] | undefined;
  readonly selector?: { readonly [label: string]: string } | undefined;
  readonly excluded?: readonly string[] | undefined;
  /** A ConfigMap beside Velero with changes that are made to objects on their way. */
  readonly modifier?: string | undefined;
};

/** Cluster-scoped objects are left out, but for what a claim brings with it: one namespace is restored, not a cluster. */
export function restoreSpec({ backup, source, target, existing, resources, selector, excluded, modifier }: Wish): JsonObject {
  return {
    backupName: backup,
    includedNamespaces: [source],
    ...(source === target ? {} : { namespaceMapping: { [source]: target } }),
    ...(resources === undefined ? {} : { includedResources: resources }),
    ...(excluded === undefined ? {} : { excludedResources: excluded }),
    ...(selector === undefined ? {} : { labelSelector: { matchLabels: selector } }),
    ...(modifier === undefined ? {} : { resourceModifier: { kind: 'ConfigMap', name: modifier } }),
    existingResourcePolicy: existing === 'update' ? 'update' : 'none',
  };
}

export function restoreManifest(of: {
  readonly name: string;
  readonly namespace: string;
  readonly spec: JsonObject;
  readonly stepKey: string;
  readonly run: string;
  /** What is to be known later about the time before. */
  readonly before: string;
}): Manifest {
  const { name, namespace, spec, stepKey, run, before } = of;
  return {
    apiVersion: VELERO_API,
    kind: 'Restore',
    metadata: { name, namespace, annotations: { [MARK.step]: stepKey, [MARK.run]: run, [MARK.before]: before } },
    spec,
  };
}
