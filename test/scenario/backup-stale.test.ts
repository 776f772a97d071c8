import { expect, test } from 'vitest';
import { openScene } from './scene.ts';

const SCHEDULE = { name: 'daily', cron: '0 2 * * *', template: { includedNamespaces: ['shop'] } };
const OLD = { name: 'daily-20261119020000', schedule: 'daily', phase: 'Completed', ago: '58h', items: 210, volumes: 3 };
const TOO_OLD = { alertname: 'VeleroBackupTooOld', schedule: 'daily', severity: 'critical' };
const FAILED = { alertname: 'VeleroBackupFailed', schedule: 'daily', severity: 'critical' };
const NEXT = { outcome: 'completed', schedule: 'daily', items: 214, volumes: 3, takes: '2m' };

test('a schedule that somebody paused and forgot: the card says so first, one approval resumes it, and the report has the loss that there was', async () => {
  const { alert, pass, card, chat, proposals, approve, writes, run, incident, pages, report, resolved } = openScene({
    world: { namespaces: ['shop'], schedules: [{ ...SCHEDULE, paused: true, lastBackup: '58h' }], backups: [OLD], next: [NEXT] },
  });
  await pass('1m');
  await alert(TOO_OLD);
  await pass('1m');
  expect(card()).toContain('the schedule daily is paused, and its last good backup is 2d 10h');
  expect(proposals()).toEqual([expect.stringMatching(/^Approve [0-9a-f]{8}\? Resume the schedule daily\n/)]);
  expect(proposals()[0]).toContain('Its time passed at 2026-11-20 02:00 UTC, so a backup starts at once');
  expect(writes()).toEqual([]);

  await approve('ana');
  await pass('15m');
  expect(await run()).toMatchObject({ state: 'done' });
  expect(writes()).toEqual(['patch Schedule/velero/daily']);
  expect(chat().join('\n')).toMatch(/daily-\d{14} is .* old: daily has a fresh backup/);
  await resolved(TOO_OLD);
  await pass('1m');
  expect(await incident()).toMatchObject({ state: 'closed' });
  expect(await report()).toContain('daily-20261121');
  expect(pages()).toEqual([]);
});

test('it failed at night and is too old by now: two alerts, two runs, and one new backup', async () => {
  const { alert, pass, approve, runs, writes } = openScene({
    world: {
      namespaces: ['shop'],
      schedules: [SCHEDULE],
      backups: [
        { ...OLD, name: 'daily-20261120020000', ago: '34h' },
        { name: 'daily-20261121020000', schedule: 'daily', phase: 'Failed', reason: 'connection-reset', ago: '10h' },
      ],
      next: [NEXT],
    },
  });
  await pass('1m');
  await alert(FAILED);
  await pass('30s');
  await alert(TOO_OLD);
  await pass('1m');
  const [failed] = await runs('backup-failed');
  const [stale] = await runs('backup-stale');
  expect([failed?.state, stale?.state]).toEqual(['proposed', 'proposed']);
  if (failed === undefined || stale === undefined) throw new Error('a run is missing');
  await approve('ana', { run: failed });
  await approve('ben', { run: stale });
  await pass('15m');
  expect((await runs()).map(({ playbook, state }) => `${playbook} ${state}`).sort()).toEqual(['backup-failed done', 'backup-stale recovered']);
  expect(writes()).toEqual([expect.stringMatching(/^create Backup\/velero\/daily-retry-/)]);
});

test('a server that is down is waited for; when it makes up for what passed by itself, nobody decides anything', async () => {
  const { alert, pass, change, run, writes, pages, proposals } = openScene({
    world: {
      namespaces: ['shop'],
      velero: { server: 'down' },
      schedules: [{ ...SCHEDULE, lastBackup: '34h' }],
      backups: [{ ...OLD, ago: '34h' }],
      next: [NEXT],
    },
  });
  await pass('1m');
  await alert(TOO_OLD);
  await pass('10m');
  expect(await run()).toMatchObject({ state: 'waiting', waiting: { reason: 'the Velero server does not answer' } });
  change({ velero: { server: 'up' } });
  await pass('10m');
  expect(await run()).toMatchObject({ state: 'recovered', finding: { kind: 'recovered', reason: expect.stringMatching(/is newer and Completed/) } });
  expect([writes(), pages(), proposals()]).toEqual([[], [], []]);
});

test('a resume that starts no backup, since the server is told to skip, is found out, and a backup is proposed', async () => {
  const { alert, pass, approve, change, run, writes, timeline } = openScene({
    world: { namespaces: ['shop'], schedules: [{ ...SCHEDULE, paused: true, lastBackup: '58h' }], backups: [OLD], next: [NEXT] },
  });
  await pass('1m');
  await alert(TOO_OLD);
  await pass('1m');
  // In the moment of the approval somebody writes skipImmediately, as a server with --schedule-skip-immediately does.
  change({ objects: [{ apiVersion: 'velero.io/v1', kind: 'Schedule', metadata: { name: 'daily', namespace: 'velero' }, spec: { skipImmediately: true } }] });
  await approve('ana');
  await pass('5m');
  expect(await run()).toMatchObject({ state: 'proposed', plan: { steps: [{ summary: 'Back up daily now' }] } });
  expect((await timeline()).join('\n')).toContain('daily skipped what had passed at');
  await approve('ana');
  await pass('15m');
  expect(await run()).toMatchObject({ state: 'done' });
  expect(writes()).toEqual(['patch Schedule/velero/daily', expect.stringMatching(/^create Backup\/velero\/daily-run-/)]);
});
