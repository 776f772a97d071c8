import { finder, z } from '../src/action/contract.ts';
import { listVelero } from '../src/action/velero-lists.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { ofSchedule } from '../src/domain/velero/backup.ts';
import { freshness } from '../src/domain/velero/freshness.ts';
import { DEFAULT_NAMESPACE } from '../src/domain/velero/kinds.ts';
import { goodOnes } from '../src/domain/velero/why-stale.ts';

/** The schedules that an age alert without labels can be about: those whose newest good backup is older than their cron allows, paused ones too. */
export const backupFindStale = finder({
  id: 'backup.find-stale',
  summary: 'Find the schedules that have no fresh backup',
  needs: ['list backups.velero.io', 'list schedules.velero.io', 'list backupstoragelocations.velero.io'],
  params: z.strictObject({ namespace: z.string().refine(isDnsSubdomain, 'expected the name of a namespace').default(DEFAULT_NAMESPACE) }),

  async run({ params, kube, nowMs }) {
    const { backups, schedules } = await listVelero(kube, params.namespace);
    return schedules
      .filter((schedule) => !freshness(schedule, goodOnes(ofSchedule(backups, schedule.name))[0], nowMs).isFresh)
      .map(({ name }) => ({ schedule: name }));
  },
});
