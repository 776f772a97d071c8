import { expect, test } from 'vitest';
import { loadSite, NOTHING_OWN } from '../../src/config.ts';
import { openTheatre } from '../../src/rehearse/theatre.ts';

const site = await loadSite(NOTHING_OWN);
const world = {
  namespaces: ['shop'],
  storage: { default: 'unavailable' },
  schedules: [{ name: 'daily', cron: '0 2 * * *', template: { includedNamespaces: ['shop'] } }],
  backups: [{ name: 'daily-20261121020000', schedule: 'daily', phase: 'Failed', reason: 'storage-unavailable', ago: '10h' }],
  next: [{ outcome: 'completed', schedule: 'daily', items: 214, takes: '1m' }],
};

test('a run that waits for the storage goes on as soon as Velero says that it is back, not at its next look', async () => {
  const { alert, change, clock, app, callerOf, settle, world: around, close } = openTheatre({ world, site });
  const ana = callerOf('ana');
  const run = async () => (await app().commands.runs(ana, { limit: 1 })).items[0];
  await clock.pass(60_000);
  await alert({ alertname: 'VeleroBackupFailed', schedule: 'daily' });
  await clock.pass(31_000);
  expect(await run()).toMatchObject({ state: 'waiting' });

  change({ storage: { default: 'available' } });
  const location = async () =>
    (await around.clusters.get('prod')?.access.get({ apiVersion: 'velero.io/v1', kind: 'BackupStorageLocation', namespace: 'velero', name: 'default' }))?.[
      'status'
    ];
  let waitedMs = 0;
  while (JSON.stringify(await location()).includes('Unavailable') && waitedMs < 60_000) {
    await clock.pass(500);
    waitedMs += 500;
  }
  await clock.pass(6000);
  expect(await run()).toMatchObject({ state: 'proposed' });

  const digest = (await run())?.digest ?? '';
  await settle(app().commands.approve(ana, (await run())?.id ?? '', { plan: digest }));
  await clock.pass(70_000);
  expect(await run()).toMatchObject({ state: 'done' });
  await settle(close());
});
