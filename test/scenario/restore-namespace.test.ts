import { expect, test } from 'vitest';
import { openScene } from './scene.ts';

const BACKUP = 'daily-20261121020000';

/** A shop with a database, and a backup of ten hours ago. */
const SHOP = {
  nodes: [{ name: 'w1' }, { name: 'w2' }],
  claims: [{ name: 'shop/data-0' }],
  pods: [{ name: 'shop/api-0', node: 'w1', volumes: ['data-0'] }],
  objects: [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'prices', namespace: 'shop' }, data: { apple: '3' } },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'token', namespace: 'shop' }, data: { token: 'bm90LXJlYWw=' } },
    {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name: 'shop', namespace: 'argocd' },
      spec: { destination: { namespace: 'shop' }, syncPolicy: { automated: {} } },
    },
  ],
  schedules: [{ name: 'daily', cron: '0 2 * * *', template: { includedNamespaces: ['shop'] } }],
  backups: [{ name: BACKUP, schedule: 'daily', ago: '10h' }],
};

test('before two people decide about a living namespace, the plan says what comes, what stays, what is lost and who would fight it', async () => {
  const { start, pass, change, run, approve, writes, chat } = openScene({ world: SHOP });
  change({ remove: ['ConfigMap/shop/prices'] });
  await pass('1m');
  await start('ana', 'restore-namespace', { into: 'shop' });
  await pass('1m');

  const { plan } = await run();
  const notes = plan?.steps.flatMap((step) => step.notes) ?? [];
  expect(notes).toEqual([
    'It is kept for 720h0m0s. Only when it is Completed does the restore begin',
    'The data of 1 volume does NOT come back: data-0. The claims exist, and Velero never writes into a volume that exists',
    'What would bring that data: restore beside (/dr restore namespace into=shop-copy from=shop) and copy or swap it',
    'Creates 1 ConfigMap (prices)',
    'Leaves as they are, since they exist: 1 PersistentVolumeClaim (data-0), 1 StatefulSet (api), 1 Pod',
    'Whether these exist was not looked at; what does is left as it is: 1 Secret (token)',
    expect.stringMatching(/^The backup was taken 2026-11-21 02:00 UTC, 10h \dm ago: what was written after that is not in it$/),
    expect.stringMatching(/^Written since, as far as objects tell: 1 object, the newest PersistentVolumeClaim data-0, \dm ago$/),
    'Argo CD Application shop would put back its own state over what is restored: suspend it first',
    'shop exists: what is written over cannot be taken back by Salvor. The backup that is made first holds what was there',
  ]);

  // The name of what is written over has to be typed, and whoever asked may not approve.
  await expect(approve('ben')).rejects.toThrow(/shop/);
  await expect(approve('ana', { confirmation: 'shop' })).rejects.toThrow(/ana asked for this run/);
  expect(await approve('ben', { confirmation: 'shop' })).toMatchObject({ state: 'proposed' });
  await pass('1m');
  expect(writes()).toEqual([]);
  expect(await approve('cleo', { confirmation: 'shop' })).toMatchObject({ state: 'executing' });
  await pass('10m');
  expect(writes()).toEqual([
    expect.stringMatching(/^create Backup\/velero\/shop-before-[0-9a-f]{8}$/),
    expect.stringMatching(/^create Restore\/velero\/shop-restore-[0-9a-f]{8}$/),
  ]);
  expect(chat()).toContainEqual(expect.stringContaining('1 of 1 lasting object there'));
});

test('what somebody put into the namespace meanwhile is not deleted when the restore is called off', async () => {
  const { start, pass, change, approve, as, run, writes, incident } = openScene({ world: { ...SHOP, nextRestores: [{ outcome: 'completed', takes: '5m' }] } });
  change({ namespaces: [{ name: 'shop', gone: true }] });
  await pass('1m');
  await start('ana', 'restore-namespace', { into: 'shop' });
  await pass('1m');
  await approve('ben');
  await pass('2m');
  const { id } = await run();
  change({ objects: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'mine', namespace: 'shop' } }] });
  await as('ana', (commands, caller) => commands.cancel(caller, id, { reason: 'it was the wrong one' }));
  await pass('10m');
  expect(writes()).toEqual([expect.stringMatching(/^create Restore\/velero\/shop-restore-/)]);
  const told = (await incident()).timeline.map(({ text }) => text ?? '').join('\n');
  expect(await run()).toMatchObject({ state: 'cancelled' });
  expect(told).toContain('1 object in shop did not come by the restore, such as ConfigMap mine');
});

test('a secret value of the backup is in no plan, no line and no page', async () => {
  const { start, pass, run, chat, incident } = openScene({ world: SHOP });
  await pass('1m');
  await start('ana', 'restore-namespace', { into: 'shop', existing: 'update' });
  await pass('1m');
  const all = JSON.stringify([await run(), chat(), await incident()]);
  expect(all).toContain('token');
  expect(all).not.toMatch(/bm90LXJlYWw|not-real/);
});
