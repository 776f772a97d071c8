import { diagnosis, type Finding, z } from '../src/action/contract.ts';
import { listVelero } from '../src/action/velero-lists.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { DEFAULT_NAMESPACE } from '../src/domain/velero/kinds.ts';
import { lintSchedules } from '../src/domain/velero/schedule-lint.ts';
import { counted } from '../src/model/counted.ts';
import { Duration } from '../src/model/duration.ts';
import { errorCode } from '../src/model/error.ts';

/**
 * What is wrong with Velero's schedules as they are written, before a backup fails: a data loss that they cannot keep to, backups that expire before the
 * next is due, schedules in each other's way, namespaces and storage that do not exist, filters that every backup fails by. Read only: the mending is
 * done where the schedules are kept.
 */
export const scheduleLint = diagnosis({
  id: 'schedule.lint',
  summary: 'Find what is wrong with schedules as they are written',
  needs: ['list schedules.velero.io', 'list backups.velero.io', 'list backupstoragelocations.velero.io'],
  optional: ['list namespaces'],
  params: z.strictObject({
    namespace: z.string().refine(isDnsSubdomain, 'expected the name of a namespace').default(DEFAULT_NAMESPACE),
    /** The most data that may be lost. */
    rpo: Duration.optional(),
  }),
  facts: z.strictObject({ schedules: z.number(), wrong: z.number(), risky: z.number(), notes: z.number() }),

  async run({ params, kube, nowMs }) {
    const lists = await listVelero(kube, params.namespace);
    const namespaces = await kube.list({ apiVersion: 'v1', kind: 'Namespace' }).catch((error: unknown) => {
      if (errorCode(error) === 'kube.forbidden') return undefined;
      throw error;
    });
    const names = namespaces && new Set(namespaces.map(({ metadata }) => metadata.name));
    const found = lintSchedules({ ...lists, namespaces: names, rpoMs: params.rpo, nowMs });
    const count = (level: string): number => found.filter((one) => one.level === level).length;
    const [wrong, risky, notes] = [count('wrong'), count('risky'), count('note')];
    const reason =
      found.length === 0
        ? `nothing is wrong with ${counted(lists.schedules.length, 'schedule')}`
        : `${counted(lists.schedules.length, 'schedule')}: ${wrong} wrong, ${risky} risky, ${counted(notes, 'note')}`;
    const finding: Finding = { kind: 'act', reason };
    return {
      finding,
      facts: { schedules: lists.schedules.length, wrong, risky, notes },
      evidence: [
        reason,
        ...found.map(({ level, schedule, text }) => `${level}: ${schedule}: ${text}`),
        ...(names === undefined ? ['whether its namespaces exist was not seen, since the right is missing: list namespaces'] : []),
      ],
    };
  },
});
