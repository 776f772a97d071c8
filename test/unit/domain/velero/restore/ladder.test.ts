import { expect, test } from 'vitest';
import { climb, type Found } from '../../../../../src/domain/velero/restore/ladder.ts';
import { readRestore } from '../../../../../src/domain/velero/restore/restore.ts';
import type { KubeObject } from '../../../../../src/model/object.ts';

const object = (kind: string, name: string, rest: object = {}): KubeObject => ({ apiVersion: 'v1', kind, metadata: { name }, ...rest });
const restore = (status: object): Found['restore'] => readRestore(object('Restore', 'r', { spec: { backupName: 'b' }, status }));
const COMPLETED = { phase: 'Completed', warnings: 1, progress: { totalItems: 17, itemsRestored: 17 } };

const workload = (replicas: number, readyReplicas: number): KubeObject => ({
  ...object('Deployment', 'web', { spec: { replicas }, status: { readyReplicas } }),
  apiVersion: 'apps/v1',
});
const claim = (phase: string): KubeObject => object('PersistentVolumeClaim', 'data-0', { status: { phase } });
const copy = (phase: string, message = ''): KubeObject => object('PodVolumeRestore', 'p', { status: { phase, message } });

const GOOD: Found = {
  restore: restore(COMPLETED),
  before: { absent: true, expected: { ConfigMap: 2, Secret: 1 }, facts: {} },
  brought: new Map([
    ['ConfigMap', [object('ConfigMap', 'a'), object('ConfigMap', 'b')]],
    ['PersistentVolumeClaim', [claim('Bound')]],
    ['Deployment.apps', [workload(2, 2)]],
  ]),
  volumes: [copy('Completed')],
};
const put = (kind: string, list: readonly KubeObject[]): Found => ({ ...GOOD, brought: new Map([...GOOD.brought, [kind, list]]) });

test('every rung that held is evidence, and what could not be looked at is said', () => {
  expect(climb(GOOD)).toMatchObject({
    ok: true,
    evidence: [
      'r Completed: 17 of 17 items, 1 warning',
      '2 of 2 lasting objects there; not looked at: Secret',
      '1 of 1 claim bound',
      'data of 1 volume written',
      '1 of 1 workload ready',
    ],
  });
});

test.each<[string, Found, string, boolean]>([
  ['still running', { ...GOOD, restore: restore({ phase: 'InProgress' }) }, 'r is not over', true],
  ['partial', { ...GOOD, restore: restore({ phase: 'PartiallyFailed', errors: 2 }) }, 'r ended PartiallyFailed with 2 errors and 0 warnings', false],
  ['Completed, but nothing came', { ...GOOD, restore: restore({ phase: 'Completed' }) }, 'r is Completed and brought nothing', false],
  [
    'Completed, but items are missing',
    { ...GOOD, restore: restore({ ...COMPLETED, progress: { totalItems: 17, itemsRestored: 9 } }) },
    'r brought 9 of 17 items',
    false,
  ],
  ['Completed, but objects are missing', put('ConfigMap', [object('ConfigMap', 'a')]), 'not all came back: 1 of 2 ConfigMap', false],
  ['a claim that waits', put('PersistentVolumeClaim', [claim('Pending')]), 'not bound yet: PersistentVolumeClaim data-0', true],
  ['a copy that failed', { ...GOOD, volumes: [copy('Failed', 'no space')] }, 'data of a volume did not come back: no space', false],
  ['a copy that goes on', { ...GOOD, volumes: [copy('InProgress')] }, 'data of 1 volume is still being written', true],
  ['a workload that starts', put('Deployment.apps', [workload(2, 1)]), 'not ready yet: Deployment web', true],
])('%s is no proof', (_, found, reason, again) => {
  expect(climb(found)).toMatchObject({ ok: false, reason, again });
});
