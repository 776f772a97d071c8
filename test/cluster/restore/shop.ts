import { namespace } from '../backup-failed/backups.ts';
import type { Cluster } from '../cluster.ts';

/** A namespace with a bit of everything that a small shop has: a workload, settings, a secret, a door, and a claim that is bound to a volume. */
export async function openShop(cluster: Cluster, name: string): Promise<void> {
  const labels = { app: 'web' };
  const containers = [{ name: 'web', image: 'web' }];
  const volume = `${name}-disk`;
  const disk = { accessModes: ['ReadWriteOnce'], storageClassName: '' };
  await apply(cluster, [
    namespace(name),
    of('v1', 'ConfigMap', { name: 'prices', namespace: name }, { data: { apple: '3', pear: '4' } }),
    of('v1', 'ConfigMap', { name: 'flags', namespace: name }, { data: { sale: 'on' } }),
    of('v1', 'Secret', { name: 'token', namespace: name }, { stringData: { token: 'not-a-real-one' } }),
    of('v1', 'Service', { name: 'web', namespace: name }, { spec: { selector: labels, ports: [{ port: 80 }] } }),
    of(
      'apps/v1',
      'Deployment',
      { name: 'web', namespace: name, labels },
      {
        spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
      },
    ),
    of(
      'v1',
      'PersistentVolume',
      { name: volume },
      {
        spec: {
          ...disk,
          capacity: { storage: '1Gi' },
          hostPath: { path: '/tmp/none' },
          claimRef: { namespace: name, name: 'data' },
          persistentVolumeReclaimPolicy: 'Retain',
        },
      },
    ),
    of(
      'v1',
      'PersistentVolumeClaim',
      { name: 'data', namespace: name },
      {
        spec: { ...disk, volumeName: volume, resources: { requests: { storage: '1Gi' } } },
      },
    ),
  ]);
  await cluster.kubectl(['-n', name, 'rollout', 'status', 'deployment/web', '--timeout', '60s']);
  await cluster.kubectl(['-n', name, 'wait', '--for', 'jsonpath={.status.phase}=Bound', 'pvc/data', '--timeout', '60s']);
}

/** A namespace with settings alone: two that have names, and as many more as are asked for. */
export async function openShelf(cluster: Cluster, name: string, more = 0): Promise<void> {
  await apply(cluster, [
    namespace(name),
    of('v1', 'ConfigMap', { name: 'prices', namespace: name }, { data: { apple: '3', pear: '4' } }),
    of('v1', 'ConfigMap', { name: 'flags', namespace: name }, { data: { sale: 'on' } }),
    ...Array.from({ length: more }, (_, index) => of('v1', 'ConfigMap', { name: `c-${index}`, namespace: name }, { data: { n: String(index) } })),
  ]);
}

/** A volume that goes with its claim, reserved for one. */
export function disk(name: string, claimRef: { readonly namespace: string; readonly name: string }): object {
  const spec = { accessModes: ['ReadWriteOnce'], storageClassName: 'made', capacity: { storage: '1Gi' }, hostPath: { path: '/tmp/none' } };
  return of('v1', 'PersistentVolume', { name }, { spec: { ...spec, claimRef, persistentVolumeReclaimPolicy: 'Delete' } });
}

export function of(apiVersion: string, kind: string, metadata: object, rest: object): object {
  return { apiVersion, kind, metadata, ...rest };
}

export function apply(cluster: Cluster, items: readonly object[]): Promise<string> {
  return cluster.kubectl(['apply', '--server-side', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
}

/** A backup of one namespace as a person at the command line makes it. */
export async function backUp(cluster: Cluster, name: string, ofNamespace: string): Promise<void> {
  await cluster.velero(['backup', 'create', name, '--include-namespaces', ofNamespace, '--wait']);
}

/** The namespace goes; a volume that is to be kept outlives it. */
export async function lose(cluster: Cluster, name: string): Promise<void> {
  await cluster.kubectl(['delete', 'namespace', name, '--wait', '--timeout', '60s']);
}

export async function dataOf(cluster: Cluster, inNamespace: string, configMap: string): Promise<unknown> {
  return JSON.parse(await cluster.kubectl(['-n', inNamespace, 'get', 'configmap', configMap, '-o', 'jsonpath={.data}']));
}
