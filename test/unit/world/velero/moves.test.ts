import { expect, test } from 'vitest';
import { at, textAt } from '../../../../src/world/object.ts';
import { asJson, setting } from '../setting.ts';

const upload = { apiVersion: 'velero.io/v2alpha1', kind: 'DataUpload', namespace: 'velero', name: 'daily-2-x' } as const;
const backup = { apiVersion: 'velero.io/v1', kind: 'Backup', namespace: 'velero', name: 'daily-2' } as const;
const WAITING = {
  backups: [{ name: 'daily-2', phase: 'WaitingForPluginOperations' as const, ago: '1h', items: 214 }],
  objects: [
    {
      apiVersion: upload.apiVersion,
      kind: upload.kind,
      metadata: { name: upload.name, namespace: upload.namespace, labels: { 'velero.io/backup-name': 'daily-2' } },
      spec: { sourceNamespace: 'shop', sourcePVC: 'data' },
      status: { phase: 'Accepted' },
    },
  ],
};

test('a volume that is cancelled stops, and the backup that waits for it ends without it', async () => {
  const { clock, access } = setting(WAITING);
  const phases = async () => [
    textAt(asJson((await access.find(upload)) ?? {}), 'status', 'phase'),
    textAt(asJson((await access.find(backup)) ?? {}), 'status', 'phase'),
  ];
  await clock.pass(600_000);
  expect(await phases()).toEqual(['Accepted', 'WaitingForPluginOperations']);
  const { metadata } = await access.get(upload);
  await access.patch(upload, { spec: { cancel: true } }, { uid: metadata.uid ?? '' });
  await clock.pass(2000);
  expect(await phases()).toEqual(['Canceling', 'WaitingForPluginOperations']);
  await clock.pass(125_000);
  expect(await phases()).toEqual(['Canceled', 'PartiallyFailed']);
  expect(at(asJson(await access.get(backup)), 'status')).toMatchObject({ backupItemOperationsAttempted: 1, backupItemOperationsFailed: 1, errors: 1 });
});

test('a server that is wedged looks well and does nothing, until its pod is made anew', async () => {
  const { clock, access, sim } = setting({
    velero: { server: 'wedged' },
    schedules: [{ name: 'daily', cron: '* * * * *', template: { includedNamespaces: ['shop'] } }],
  });
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'velero', name: 'velero' };
  const made = async () => (await access.list({ apiVersion: 'velero.io/v1', kind: 'Backup' })).length;
  await clock.pass(300_000);
  expect(at(asJson(await access.get(deployment)), 'status', 'availableReplicas')).toBe(1);
  expect([await made(), sim.velero.isUp()]).toEqual([0, true]);
  const { metadata } = await access.get(deployment);
  await access.patch(deployment, { spec: { template: { metadata: { annotations: { again: '1' } } } } }, { uid: metadata.uid ?? '' });
  await clock.pass(300_000);
  expect(await made()).toBeGreaterThan(0);
});
