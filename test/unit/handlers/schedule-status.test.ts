import { expect, test } from 'vitest';
import { scheduleLint } from '../../../handlers/schedule-lint.ts';
import { scheduleStatus } from '../../../handlers/schedule-status.ts';
import { diagnose } from './about.ts';
import { plainCluster } from './plain-cluster.ts';
import { backup, GOOD_YESTERDAY, HOUR, location, NOW, RESTARTED, schedule } from './velero-objects.ts';

const iso = (agoMs: number): string => new Date(NOW - agoMs).toISOString();
const OBJECTS = [
  schedule('daily', { status: { phase: 'Enabled', lastBackup: iso(32 * HOUR) } }),
  schedule('hourly', { cron: '0 * * * *', paused: true }),
  schedule('weekly', { cron: '0 4 * * 0' }),
  GOOD_YESTERDAY,
  backup('daily-2', { phase: 'Failed', agoMs: 9 * HOUR, status: RESTARTED }),
  backup('weekly-1', { phase: 'Completed', schedule: 'weekly', agoMs: 100 * HOUR }),
  location('default', { phase: 'Available' }),
];
const look = (params: object = {}) => diagnose(scheduleStatus, params, plainCluster({ objects: OBJECTS }).kube);

test('all schedules: the first line says which are late and which are paused', async () => {
  const { finding, facts, evidence } = await look();
  expect(finding).toEqual({ kind: 'act', reason: '3 schedules, 1 with a fresh backup; late: daily; paused: hourly' });
  expect(facts).toMatchObject({ late: ['daily'], paused: ['hourly'] });
  expect(evidence).toContain('weekly: 0 4 * * 0, every 7d, next at 2026-11-22 04:00 UTC');
  expect(evidence).toContain(
    '  newest: daily-2 ended Failed because the Velero server restarted while the backup ran: found a backup with status "InProgress" during the server starting, mark it as "Failed"',
  );
  expect(evidence).toContain('  its time at 2026-11-21 02:00 UTC passed without a backup');
  expect(evidence.at(-1)).toBe('daily is late: salvor run backup-stale --param schedule=daily');
});

test('one schedule: how old its data is, and when it comes next', async () => {
  const { finding, facts } = await look({ schedule: 'weekly' });
  expect(finding.reason).toBe('weekly has a fresh backup: its last good backup is 4d 4h old, and one is due every 7d');
  expect(facts).toMatchObject({ schedules: 1, ageMs: 100 * HOUR, nextMs: Date.parse('2026-11-22T04:00:00Z') });
});

test('a name that no schedule has is told with those that there are', async () => {
  expect((await look({ schedule: 'dayly' })).finding.reason).toBe('there is no schedule dayly; there are daily, hourly, weekly');
});

test('lint says what it could not see where namespaces may not be listed', async () => {
  const { finding, evidence } = await diagnose(scheduleLint, {}, plainCluster({ objects: OBJECTS, forbidden: ['Namespace'] }).kube);
  expect(finding.reason).toBe('3 schedules: 0 wrong, 0 risky, 2 notes');
  expect(evidence.at(-1)).toBe('whether its namespaces exist was not seen, since the right is missing: list namespaces');
});
