/**
 * The kinds that are looked at in the namespace that a restore goes into. Of others nobody knows here whether an object exists: Velero leaves one that
 * does (or overwrites it, as asked), and the plan says so. Secrets are not read on purpose.
 */
type Row = readonly [apiVersion: string, kind: string, plural: string];

/** Without these rights nothing can be planned or proven. */
const FIRST: readonly Row[] = [
  ['v1', 'Pod', 'pods'],
  ['v1', 'PersistentVolumeClaim', 'persistentvolumeclaims'],
  ['apps/v1', 'Deployment', 'deployments'],
  ['apps/v1', 'StatefulSet', 'statefulsets'],
  ['apps/v1', 'DaemonSet', 'daemonsets'],
];
const MORE: readonly Row[] = [
  ['v1', 'ConfigMap', 'configmaps'],
  ['v1', 'Service', 'services'],
  ['v1', 'ServiceAccount', 'serviceaccounts'],
  ['apps/v1', 'ReplicaSet', 'replicasets'],
  ['batch/v1', 'CronJob', 'cronjobs'],
  ['batch/v1', 'Job', 'jobs'],
  ['networking.k8s.io/v1', 'Ingress', 'ingresses'],
  ['networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies'],
  ['autoscaling/v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers'],
  ['policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets'],
];

export type KindLooked = { readonly apiVersion: string; readonly kind: string; readonly plural: string };

const rowOf = ([apiVersion, kind, plural]: Row): KindLooked => ({ apiVersion, kind, plural });
export const LOOKED_AT: readonly KindLooked[] = [...FIRST, ...MORE].map(rowOf);
export const CLAIMS = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' } as const;

function listOf([apiVersion, , plural]: Row): string {
  const slash = apiVersion.indexOf('/');
  return `list ${plural}${slash < 0 ? '' : `.${apiVersion.slice(0, slash)}`}`;
}

/** As rights are written in an action's `needs`. */
export const FIRST_NEEDS: readonly string[] = FIRST.map(listOf);
export const MORE_NEEDS: readonly string[] = MORE.map(listOf);
/** What a restore goes into has owners, machines and classes, which are not in its namespace. */
export const AROUND_NEEDS: readonly string[] = [
  'get nodes',
  'list persistentvolumes',
  'list storageclasses.storage.k8s.io',
  'list applications.argoproj.io',
  'list kustomizations.kustomize.toolkit.fluxcd.io',
  'list helmreleases.helm.toolkit.fluxcd.io',
];
