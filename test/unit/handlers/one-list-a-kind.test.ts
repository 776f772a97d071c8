import { expect, test } from 'vitest';
import { backupCoverage } from '../../../handlers/backup-coverage.ts';
import { backupDescribe } from '../../../handlers/backup-describe.ts';
import { backupMayGo } from '../../../handlers/backup-may-go.ts';
import { backupRetention } from '../../../handlers/backup-retention.ts';
import { backupVerify } from '../../../handlers/backup-verify.ts';
import { backupWhySlow } from '../../../handlers/backup-why-slow.ts';
import { backupWhyStale } from '../../../handlers/backup-why-stale.ts';
import { locationDiagnose } from '../../../handlers/location-diagnose.ts';
import { scheduleLint } from '../../../handlers/schedule-lint.ts';
import { scheduleStatus } from '../../../handlers/schedule-status.ts';
import { storageDiagnose } from '../../../handlers/storage-diagnose.ts';
import { veleroHealth } from '../../../handlers/velero-health.ts';
import { diagnose } from './about.ts';
import { plainCluster } from './plain-cluster.ts';
import { backup, GOOD_YESTERDAY, HOUR, location, schedule } from './velero-objects.ts';

const OBJECTS = [
  location('default', { phase: 'Available' }),
  ...['daily', 'hourly', 'weekly'].map((name) => schedule(name)),
  GOOD_YESTERDAY,
  backup('daily-2', { phase: 'WaitingForPluginOperations', agoMs: 10 * HOUR }),
];

test.each([
  ['backup.why-stale', backupWhyStale, { schedule: 'daily' }],
  ['backup.why-slow', backupWhySlow, { schedule: 'daily' }],
  ['backup.verify', backupVerify, {}],
  ['backup.describe', backupDescribe, { backup: 'daily-2' }],
  ['backup.coverage', backupCoverage, {}],
  ['backup.may-go', backupMayGo, { backup: 'daily-2' }],
  ['backup.retention', backupRetention, {}],
  ['storage.diagnose', storageDiagnose, {}],
  ['schedule.status', scheduleStatus, {}],
  ['schedule.lint', scheduleLint, {}],
  ['location.diagnose', locationDiagnose, {}],
  ['velero.health', veleroHealth, {}],
] as const)('%s asks for each kind of object once, however many schedules there are', async (_, action, params) => {
  const listed: string[] = [];
  const { kube } = plainCluster({ objects: OBJECTS });
  const counting: typeof kube = {
    ...kube,
    list: (query) => {
      listed.push(query.kind);
      return kube.list(query);
    },
  };
  await diagnose(action, params, counting);
  expect(listed.length).toBeGreaterThan(0);
  expect(listed).toEqual([...new Set(listed)]);
});
