import { z } from 'zod';
import { parseJson } from '../../../model/json.ts';

/** One object that a backup holds, as its list of resources names it: nothing is known of what is in it. */
export type Held = { readonly apiVersion: string; readonly kind: string; readonly namespace?: string; readonly name: string };

const File = z.record(z.string(), z.array(z.string()).nullish().catch(undefined));

/** Reads a BackupResourceList file: `apps/v1/Deployment` → `shop/web`. Undefined where it is none: cut, or something else. */
export function readContents(content: string): readonly Held[] | undefined {
  const parsed = File.safeParse(parseJson(content));
  if (!parsed.success) return undefined;
  return Object.entries(parsed.data).flatMap(([key, paths]) => {
    const at = key.lastIndexOf('/');
    const [apiVersion, kind] = [key.slice(0, at), key.slice(at + 1)];
    return (paths ?? []).map((path) => {
      const slash = path.indexOf('/');
      return slash < 0 ? { apiVersion, kind, name: path } : { apiVersion, kind, namespace: path.slice(0, slash), name: path.slice(slash + 1) };
    });
  });
}

/** Kinds that no restore brings back. Source: Velero 1.18, nonRestorableResources. */
const NEVER_RESTORED: ReadonlySet<string> = new Set([
  'Node',
  'Event',
  'Backup.velero.io',
  'Restore.velero.io',
  'ResticRepository.velero.io',
  'CSINode.storage.k8s.io',
  'VolumeAttachment.storage.k8s.io',
  'BackupRepository.velero.io',
  'Event.events.k8s.io',
]);

/** `Deployment.apps`, or `Pod`. */
export function kindName({ apiVersion, kind }: Pick<Held, 'apiVersion' | 'kind'>): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? kind : `${kind}.${apiVersion.slice(0, slash)}`;
}

/** What a restore of one namespace can bring back of it. */
export function restorable(contents: readonly Held[], source: string): readonly Held[] {
  return contents.filter((one) => one.namespace === source && !NEVER_RESTORED.has(kindName(one)));
}

/** The namespaces that a backup holds objects of, by name. */
export function namespacesIn(contents: readonly Held[]): readonly string[] {
  return [...new Set(contents.flatMap(({ namespace }) => namespace ?? []))].sort();
}

/** Kinds whose objects controllers make, change and take away all the time: that one is there or not says nothing. */
const PASSING: ReadonlySet<string> = new Set([
  'Pod',
  'ReplicaSet.apps',
  'ControllerRevision.apps',
  'Job.batch',
  'Endpoints',
  'EndpointSlice.discovery.k8s.io',
  'Lease.coordination.k8s.io',
]);
export const isPassing = (one: Pick<Held, 'apiVersion' | 'kind'>): boolean => PASSING.has(kindName(one));

/** What the cluster itself puts into every namespace. */
export const isBuiltIn = ({ kind, name }: Pick<Held, 'kind' | 'name'>): boolean =>
  (kind === 'ConfigMap' && name === 'kube-root-ca.crt') || (kind === 'ServiceAccount' && name === 'default');
