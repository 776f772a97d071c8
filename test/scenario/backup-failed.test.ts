import { expect, test } from 'vitest';
import { z } from 'zod';
import { DAILY_FAILED, failedNight, openScene } from './scene.ts';

const Clocks = z.object({ detect: z.number(), decide: z.number(), act: z.number(), prove: z.number(), people: z.number() });
const Measured = z.object({ runs: z.array(z.object({ clocks: Clocks, rto: z.object({ measuredMs: z.number(), machineMs: z.number(), met: z.boolean() }) })) });

const MINUTE_MS = 60_000;

test('a backup that failed because its storage was away is made again once the storage is back, after one approval', async () => {
  const { alert, resolved, pass, change, approve, card, chat, proposals, pages, writes, incident, report, ledger, audit } = openScene({
    world: failedNight('storage-unavailable', { storage: { default: 'unavailable' } }),
  });
  await pass('1m');
  await alert(DAILY_FAILED, { annotations: { summary: 'Velero backup daily failed' } });
  await pass('1h');
  expect(card()).toContain('SEV1 VeleroBackupFailed on prod: open');
  expect(card()).toContain('storage "default" is unavailable since 2026-11-21 02:01 UTC');
  expect(proposals()).toEqual([]); // nothing to approve while a second try would fail

  // An hour after the failure the rule no longer sees it: the backup is missing all the same.
  await resolved(DAILY_FAILED);
  await pass('1h');
  expect(chat()).toContain('The alert resolved; looking again');
  expect(proposals()).toEqual([]);
  expect(await incident()).toMatchObject({ state: 'open', firing: 0, openRuns: 1 });

  change({ storage: { default: 'available' } });
  await pass('1m');
  expect(proposals()).toEqual([expect.stringMatching(/^Approve [0-9a-f]{8}\? Make daily again, once\n(.*\n)*Approve: salvor approve \S+ --plan [0-9a-f]{8}$/)]);
  expect(proposals()[0]).toContain('needs 1 of platform, within 1h; expires 2026-11-21 15:01:');
  expect(writes()).toEqual([]);
  await pass('4m');
  expect(await approve('ana')).toMatchObject({ changed: true, state: 'executing', text: expect.stringMatching(/^Approved [0-9a-f]{8} by ana$/) });
  await pass('5m');

  expect(writes()).toEqual([expect.stringMatching(/^create Backup\/velero\/daily-retry-[0-9a-f]{8}$/)]);
  expect(chat()).toContainEqual(expect.stringContaining('Verified: 214 items, 3 volumes'));
  expect(card()).toContain('SEV1 VeleroBackupFailed on prod: closed');
  expect(await incident()).toMatchObject({ state: 'closed', closedBecause: 'Nothing fires any more; the run ended well', people: ['ana'] });
  expect(pages()).toEqual([]);

  const written = await report();
  for (const clock of ['Detect', 'Decide', 'Act', 'Prove']) expect(written).toMatch(new RegExp(`^\\| ${clock}`, 'm'));
  const [measured] = Measured.parse(JSON.parse(await report('json'))).runs;
  if (measured === undefined) throw new Error('the report has no run');
  // Detect is from the failure at 02:01 to the webhook; the four and the wait for ana are all there is.
  const { detect, decide, act, prove, people } = measured.clocks;
  expect(detect).toBe(10 * 60 * MINUTE_MS);
  expect(decide).toBeGreaterThanOrEqual(120 * MINUTE_MS);
  expect(people).toBeGreaterThan(4 * MINUTE_MS);
  expect(decide + people).toBe(125 * MINUTE_MS);
  expect(act).toBeGreaterThanOrEqual(2 * MINUTE_MS);
  expect(measured.rto).toEqual({ ...measured.rto, measuredMs: detect + decide + act + prove + people, machineMs: detect + decide + act + prove, met: false });
  expect(await ledger()).toEqual({ accepted: 2, handled: 2, pending: 0, quarantined: 0 });
  expect(await audit()).toMatchObject({ ok: true, problems: [] });
});

test('a storage that refuses its credentials is nothing to approve: the fix is named, people take over, and are paged once', async () => {
  const { alert, pass, chat, proposals, pages, calling, writes, run, incident } = openScene({
    world: failedNight('location-unavailable', {
      storage: { default: 'wrong-credentials' },
      backups: [
        { name: 'daily-20261120020000', schedule: 'daily', phase: 'Completed', ago: '34h', items: 210 },
        { name: 'daily-20261121020000', schedule: 'daily', phase: 'FailedValidation', reason: 'location-unavailable', ago: '10h' },
      ],
    }),
  });
  await alert(DAILY_FAILED);
  await pass('1m');

  expect(await run()).toMatchObject({ state: 'handed-over', finding: { kind: 'hand-over' } });
  const told = chat().find((text) => text.startsWith('A person has to take over'));
  expect(told).toContain('storage "default" is unavailable');
  expect(told).toMatch(/^1\. .*credential/im);
  expect(proposals()).toEqual([]);
  expect(writes()).toEqual([]);
  expect(pages()).toEqual(['12:00 platform-primary']);
  expect(await incident()).toMatchObject({ state: 'open', openRuns: 0 });

  // Nobody answers, so the ladder goes on; the alert that repeats itself meanwhile pages nobody anew.
  await pass('5m');
  await alert(DAILY_FAILED);
  await pass('1m');
  expect(pages()).toEqual(['12:00 platform-primary']);
  expect(calling()).toHaveLength(1);
});

test('where a newer backup is good, it is recovered, and nothing is touched', async () => {
  const { alert, resolved, pass, chat, proposals, pages, writes, run, incident } = openScene({
    world: {
      namespaces: ['shop'],
      schedules: [{ name: 'hourly', cron: '30 * * * *', template: { includedNamespaces: ['shop'] } }],
      backups: [
        { name: 'hourly-20261121103000', schedule: 'hourly', phase: 'Failed', reason: 'server-restarted', ago: '90m' },
        { name: 'hourly-20261121113000', schedule: 'hourly', phase: 'Completed', ago: '30m', items: 210, volumes: 3 },
      ],
    },
  });
  const labels = { alertname: 'BackupFailed', schedule: 'hourly', severity: 'warning' };
  await alert(labels);
  await pass('1m');

  expect(await run()).toMatchObject({ state: 'recovered' });
  expect(chat()).toContainEqual(expect.stringMatching(/^Recovered: .*hourly-20261121113000/));
  expect(await incident()).toMatchObject({ state: 'mitigated', severity: 'SEV2', firing: 1, openRuns: 0 });
  expect(proposals()).toEqual([]);
  expect(writes()).toEqual([]);
  expect(pages()).toEqual([]);

  await resolved(labels);
  await pass('1m');
  expect(await incident()).toMatchObject({ state: 'closed' });
});

test('an alert that resolves while its approval waits withdraws nothing: the proposal stays, and says so', async () => {
  const { alert, resolved, pass, approve, chat, proposals, writes, run, incident } = openScene({ world: failedNight('server-restarted') });
  await alert(DAILY_FAILED);
  await pass('1m');
  const { digest } = await run();

  await resolved(DAILY_FAILED);
  await pass('5m');
  expect(await run()).toMatchObject({ state: 'proposed', digest });
  expect(proposals()).toHaveLength(1);
  expect(chat()).toContainEqual(expect.stringMatching(/^The alert resolved, and still: daily-20261121020000/));

  await approve('ben', digest === undefined ? {} : { plan: digest });
  await pass('5m');
  expect(await run()).toMatchObject({ state: 'done' });
  expect(writes()).toHaveLength(1);
  expect(await incident()).toMatchObject({ state: 'closed' });
});

test('an alert that resolves because the backup was made by hand withdraws the proposal', async () => {
  const { alert, resolved, pass, approve, change, proposals, writes, run, incident } = openScene({ world: failedNight('server-restarted') });
  await alert(DAILY_FAILED);
  await pass('1m');
  expect(proposals()).toHaveLength(1);

  change({ backups: [{ name: 'daily-by-hand', schedule: 'daily', phase: 'Completed', ago: '0s', namespaces: ['shop'], items: 214, volumes: 3 }] });
  await resolved(DAILY_FAILED);
  await pass('1m');

  expect(await run()).toMatchObject({ state: 'recovered' });
  expect(await incident()).toMatchObject({ state: 'closed' });
  await expect(approve('ana')).rejects.toMatchObject({ code: 'approval.not-waiting', message: expect.stringContaining('recovered') });
  expect(writes()).toEqual([]);
});
