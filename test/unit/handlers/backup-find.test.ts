import { expect, test } from 'vitest';
import { backupFind } from '../../../handlers/backup-find.ts';
import { find } from './about.ts';
import { plainCluster } from './plain-cluster.ts';
import { backup, HOUR, schedule } from './velero-objects.ts';

test('it finds each schedule whose newest finished backup is not good, newest failure first', async () => {
  const cluster = plainCluster({
    objects: [
      schedule('daily'),
      schedule('hourly'),
      schedule('weekly'),
      schedule('asleep', { paused: true }),
      backup('daily-1', { phase: 'Completed', agoMs: 30 * HOUR }),
      backup('daily-2', { phase: 'FailedValidation', agoMs: 6 * HOUR }),
      backup('hourly-1', { phase: 'PartiallyFailed', agoMs: HOUR, schedule: 'hourly' }),
      backup('weekly-1', { phase: 'Failed', agoMs: 5 * HOUR, schedule: 'weekly' }),
      backup('weekly-2', { phase: 'Completed', agoMs: 4 * HOUR, schedule: 'weekly' }),
      backup('asleep-1', { phase: 'Failed', agoMs: HOUR, schedule: 'asleep' }),
      backup('gone-1', { phase: 'Failed', agoMs: HOUR, schedule: 'gone' }),
      backup('by-hand', { phase: 'Failed', agoMs: HOUR, schedule: '' }),
    ],
  });
  expect(await find(backupFind, {}, cluster.kube)).toEqual([{ schedule: 'hourly' }, { schedule: 'daily' }]);
});

test('one that still runs does not hide the failure before it', async () => {
  const objects = [schedule('daily'), backup('daily-1', { phase: 'Failed', agoMs: 2 * HOUR }), backup('daily-2', { phase: 'InProgress', agoMs: HOUR })];
  expect(await find(backupFind, {}, plainCluster({ objects }).kube)).toEqual([{ schedule: 'daily' }]);
});

test('where all is well it finds nothing', async () => {
  expect(await find(backupFind, {}, plainCluster({ objects: [schedule('daily'), backup('daily-1', { phase: 'Completed' })] }).kube)).toEqual([]);
});
