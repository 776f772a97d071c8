import { finder, z } from '../src/action/contract.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { readBackup } from '../src/domain/velero/backup.ts';
import { failingSchedules } from '../src/domain/velero/failed-backup.ts';
import { backupsQuery, DEFAULT_NAMESPACE, schedulesQuery } from '../src/domain/velero/kinds.ts';
import { readSchedule } from '../src/domain/velero/schedule.ts';

/**
 * The schedules that a backup alert without labels can be about: those whose newest finished backup is not good, newest failure first.
 * A paused schedule makes no backups and is nobody's alarm; a backup without its schedule has nobody who waits for the next one.
 */
export const backupFind = finder({
  id: 'backup.find',
  summary: 'Find the schedules whose newest backup failed',
  needs: ['list backups.velero.io', 'list schedules.velero.io'],
  params: z.strictObject({ namespace: z.string().refine(isDnsSubdomain, 'expected the name of a namespace').default(DEFAULT_NAMESPACE) }),

  async run({ params, kube }) {
    const schedules = (await kube.list(schedulesQuery(params.namespace))).map(readSchedule);
    const active = new Set(schedules.filter(({ paused }) => !paused).map(({ name }) => name));
    const backups = (await kube.list(backupsQuery(params.namespace))).map(readBackup);
    return failingSchedules(backups)
      .filter(({ schedule }) => active.has(schedule))
      .map(({ schedule }) => ({ schedule }));
  },
});
