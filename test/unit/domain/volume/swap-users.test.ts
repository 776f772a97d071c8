import { expect, test } from 'vitest';
import { usersOf } from '../../../../src/domain/volume/swap-users.ts';
import type { KubeObject } from '../../../../src/model/object.ts';

const NOTHING = { workloads: [], replicaSets: [], pods: [] };

function workload(kind: string, spec: object, more: object = {}): KubeObject {
  return { apiVersion: 'apps/v1', kind, metadata: { name: 'db', namespace: 'shop', uid: 'u-db', ...more }, spec: { replicas: 3, ...spec } };
}
const template = (claimName: string) => ({ template: { spec: { volumes: [{ name: 'd', persistentVolumeClaim: { claimName } }] } } });

test('a workload without pods is found by what its template mounts, and by the claims that it makes for each pod', () => {
  const deployment = workload('Deployment', { replicas: 0, ...template('data') });
  expect(usersOf(['data'], { ...NOTHING, workloads: [deployment] }).workloads).toMatchObject([{ ref: { kind: 'Deployment', name: 'db' }, replicas: 0 }]);
  const set = workload('StatefulSet', { volumeClaimTemplates: [{ metadata: { name: 'data' } }] });
  expect(usersOf(['data-db-2'], { ...NOTHING, workloads: [set] }).workloads).toMatchObject([{ ref: { kind: 'StatefulSet' }, replicas: 3 }]);
  expect(usersOf(['data-dbx-2', 'data-db-x', 'data-db-'], { ...NOTHING, workloads: [set] }).workloads).toEqual([]);
});

test('what an operator owns is not made to stand still, and a set that deletes its claims is not scaled down', () => {
  const owned = workload('StatefulSet', template('data'), { ownerReferences: [{ apiVersion: 'v1', kind: 'Cluster', name: 'pg', uid: 'u', controller: true }] });
  expect(usersOf(['data'], { ...NOTHING, workloads: [owned] }).obstacles).toEqual([
    "StatefulSet db belongs to Cluster pg, whose operator would start it again: use the operator's own recovery",
  ]);
  const deleting = workload('StatefulSet', { ...template('data'), persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' } });
  expect(usersOf(['data'], { ...NOTHING, workloads: [deleting] }).obstacles).toEqual([
    'StatefulSet db deletes its claims when it is scaled down: set persistentVolumeClaimRetentionPolicy.whenScaled to Retain first',
  ]);
});

test('a pod of a Deployment is known by its ReplicaSet; one of a Job is an obstacle, unless it is over', () => {
  const owner = (kind: string, uid: string) => [{ apiVersion: 'apps/v1', kind, name: kind.toLowerCase(), uid, controller: true }];
  const pod = (ownerReferences: object[], phase: string): KubeObject =>
    ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', namespace: 'shop', uid: 'u-p', ownerReferences },
      spec: { containers: [], ...template('data').template.spec },
      status: { phase },
    }) as KubeObject;
  const set: KubeObject = { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'db-1', uid: 'u-set', ownerReferences: owner('Deployment', 'u-db') } };
  const seen = { workloads: [workload('Deployment', {})], replicaSets: [set] };
  expect(usersOf(['data'], { ...seen, pods: [pod(owner('ReplicaSet', 'u-set'), 'Running')] })).toMatchObject({ workloads: [{ uid: 'u-db' }], obstacles: [] });
  expect(usersOf(['data'], { ...seen, pods: [pod(owner('Job', 'u-job'), 'Running')] }).obstacles).toEqual([
    'the pod p uses it and belongs to Job job, which does not stand still when it is asked to: end it first',
  ]);
  expect(usersOf(['data'], { ...seen, pods: [pod(owner('Job', 'u-job'), 'Succeeded')] }).obstacles).toEqual([]);
});
