import { expect, test } from 'vitest';
import { SITE_TEXT } from '../../src/rehearse/site.ts';
import { fixture } from '../unit/ingest/samples.ts';
import { DAILY_FAILED, failedNight, openScene } from './scene.ts';

/** A site whose cluster is called as in the bodies. */
const siteOf = (cluster: string): string => SITE_TEXT.replace('name: prod', `name: ${cluster}`);
const from = (cluster: string, sender: string) => ({ sender, clusters: [cluster] });

test('two Alertmanagers that both deliver are one episode, one incident and one run', async () => {
  const answer = `
summary: A node is away.
match: ['alertname = "KubeNodeNotReady"']
params: { node: { type: node, from: alert.labels.node } }
target: { from: params.node }
diagnose: [{ id: look, action: test.look }]
stages:
  - id: do
    steps: [{ id: write, action: test.write }]
`;
  const { post, pass, approve, runs, incidents, chat, writes, ledger } = openScene({
    world: { clusters: { 'prod-us1': { namespaces: ['app'] } } },
    config: siteOf('prod-us1'),
    playbooks: { 'node-away': answer },
  });
  await post(fixture('v0.33.1/ha-duplicate/peer-0.json'), from('prod-us1', 'peer-0'));
  await post(fixture('v0.33.1/ha-duplicate/peer-1.json'), from('prod-us1', 'peer-1'));
  await pass('1m');
  // An hour of repeats of both.
  for (let round = 0; round < 6; round += 1) {
    for (const peer of ['peer-0', 'peer-1']) await post(fixture(`v0.33.1/ha-duplicate/${peer}.json`), from('prod-us1', peer));
    await pass('2m');
  }

  expect(await runs()).toMatchObject([{ state: 'proposed', target: 'worker-7' }]);
  expect(await incidents()).toMatchObject([{ state: 'open', firing: 1, openRuns: 1 }]);
  expect(chat().filter((line) => line.startsWith('KubeNodeNotReady fires'))).toEqual(['KubeNodeNotReady fires: Node is not ready.']);
  expect(await ledger()).toEqual({ accepted: 14, handled: 14, pending: 0, quarantined: 0 });
  await approve('ana');
  await pass('1m');
  expect(writes()).toHaveLength(1);
});

const bodies = [
  { version: '0.25.0', file: 'v0.25.0/by-alertname/BackupFailed.json', cluster: 'prod-eu2', schedule: 'hourly-critical' },
  { version: '0.25.0', file: 'v0.25.0/by-alertname/VeleroBackupFailed.json', cluster: undefined, schedule: undefined },
  { version: '0.28.1', file: 'v0.28.1/single-firing.json', cluster: 'prod-eu1', schedule: 'daily-full-backup' },
  { version: '0.33.1', file: 'v0.33.1/by-alertname/BackupFailed.json', cluster: 'prod-eu2', schedule: 'hourly-critical' },
  {
    version: '0.33.1 behind Prometheus',
    file: 'v0.33.1/from-prometheus/prometheus-BackupFailed-firing.json',
    cluster: 'prod-eu1',
    schedule: 'daily-full-backup',
  },
];

test.each(bodies)('a body of Alertmanager $version ($file) is answered from the wire to the report', async ({ file, ...known }) => {
  const body = fixture(file);
  const cluster = known.cluster ?? /"cluster":"([^"]+)"/.exec(body)?.[1] ?? '';
  const schedule = known.schedule ?? /"schedule":"([^"]+)"/.exec(body)?.[1] ?? '';
  const { post, pass, approve, run, incident, writes, report, ledger, audit } = openScene({
    world: {
      clusters: {
        [cluster]: failedNight('connection-reset', {
          schedules: [{ name: schedule, cron: '0 2 * * *', template: { includedNamespaces: ['shop'] } }],
          backups: [{ name: `${schedule}-1`, schedule, phase: 'Failed', reason: 'connection-reset', ago: '10h' }],
          next: [{ outcome: 'completed', schedule, items: 7 }],
        }),
      },
    },
    config: siteOf(cluster),
  });
  await post(body, from(cluster, 'alertmanager'));
  await pass('1m');
  expect(await run()).toMatchObject({ playbook: 'backup-failed', cluster, target: schedule, state: 'proposed' });
  await approve('ana');
  await pass('5m');

  expect(writes()).toEqual([expect.stringMatching(new RegExp(`^${cluster}: create Backup/velero/${schedule}-retry-[0-9a-f]{8}$`))]);
  expect(await incident()).toMatchObject({ state: 'mitigated', cluster, title: expect.stringContaining(cluster) });
  expect(await report()).toContain('Verified: 7 items');
  expect(await ledger()).toEqual({ accepted: 1, handled: 1, pending: 0, quarantined: 0 });
  expect(await audit()).toMatchObject({ ok: true });
});

test('an alert that flaps while its run is open joins it, and opens nothing', async () => {
  const { alert, resolved, pass, runs, incidents, timeline } = openScene({ world: failedNight('server-restarted') });
  for (let round = 0; round < 3; round += 1) {
    await alert(DAILY_FAILED);
    await pass('2m');
    await resolved(DAILY_FAILED);
    await pass('2m');
  }
  await alert(DAILY_FAILED);
  await pass('1m');
  expect(await runs()).toMatchObject([{ state: 'proposed', generation: 1 }]);
  expect(await incidents()).toHaveLength(1);
  expect((await timeline()).filter((line) => line.startsWith('VeleroBackupFailed fires'))).toHaveLength(4);
});

test('two schedules that fail of one cause are one incident with a run for each', async () => {
  const names = ['daily', 'weekly'];
  const { alert, pass, runs, incidents, writes, change, approve } = openScene({
    world: failedNight('storage-unavailable', {
      storage: { default: 'unavailable' },
      schedules: names.map((name) => ({ name, cron: '0 2 * * *', template: { includedNamespaces: ['shop'] } })),
      backups: names.map((name) => ({ name: `${name}-1`, schedule: name, phase: 'Failed', reason: 'storage-unavailable', ago: '10h' })),
      next: [],
    }),
  });
  for (const schedule of names) await alert({ ...DAILY_FAILED, schedule });
  await pass('1m');
  expect(await incidents()).toMatchObject([{ firing: 2, openRuns: 2 }]);

  change({ storage: { default: 'available' } });
  await pass('1m');
  for (const run of await runs()) await approve('ana', { run });
  await pass('15m');
  expect((await runs()).map(({ state }) => state)).toEqual(['done', 'done']);
  expect(writes()).toHaveLength(2);
});
