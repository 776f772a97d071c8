import { diagnosis, type Finding, z } from '../src/action/contract.ts';
import { listVelero } from '../src/action/velero-lists.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { ofSchedule } from '../src/domain/velero/backup.ts';
import { freshness } from '../src/domain/velero/freshness.ts';
import { DEFAULT_NAMESPACE } from '../src/domain/velero/kinds.ts';
import { nextTick } from '../src/domain/velero/next-tick.ts';
import { cronLine, historyLines } from '../src/domain/velero/schedule-words.ts';
import { ageText, goodOnes } from '../src/domain/velero/why-stale.ts';
import { counted } from '../src/model/counted.ts';

const Name = z.string().refine(isDnsSubdomain, 'expected the name of a Kubernetes object');

/** How schedules stand: paused, late, skipped, what came last, what comes next. One of them, or all. */
export const scheduleStatus = diagnosis({
  id: 'schedule.status',
  summary: 'Say how schedules stand: paused, late, last good, next',
  needs: ['list schedules.velero.io', 'list backups.velero.io', 'list backupstoragelocations.velero.io'],
  params: z.strictObject({ schedule: Name.optional(), namespace: Name.default(DEFAULT_NAMESPACE) }),
  facts: z.strictObject({
    schedules: z.number(),
    late: z.array(z.string()),
    paused: z.array(z.string()),
    /** Of the one that was asked for. */
    ageMs: z.number().optional(),
    nextMs: z.number().optional(),
  }),

  async run({ params, kube, nowMs }) {
    const { schedules: all, backups } = await listVelero(kube, params.namespace);
    const asked = params.schedule === undefined ? all : all.filter(({ name }) => name === params.schedule);
    const looked = asked.map((schedule) => {
      const family = ofSchedule(backups, schedule.name);
      const fresh = freshness(schedule, goodOnes(family)[0], nowMs);
      return { schedule, family, fresh };
    });
    const late = looked.filter(({ schedule, fresh }) => !schedule.paused && !fresh.isFresh).map(({ schedule }) => schedule.name);
    const paused = looked.filter(({ schedule }) => schedule.paused).map(({ schedule }) => schedule.name);
    const [only] = looked.length === 1 ? looked : [];
    const finding: Finding = { kind: 'act', reason: reasonOf() };
    return {
      finding,
      facts: {
        schedules: asked.length,
        late,
        paused,
        ageMs: only?.fresh.ageMs,
        nextMs: only && nextTick(only.schedule.cron, nowMs, only.schedule.lastBackupMs),
      },
      evidence: [
        finding.reason,
        ...looked.flatMap(({ schedule, family, fresh }) => [
          cronLine(schedule, fresh, nowMs),
          ...historyLines(schedule, family, nowMs).map((line) => `  ${line}`),
        ]),
        ...late.map((name) => `${name} is late: salvor run backup-stale --param schedule=${name}`),
      ],
    };

    function reasonOf(): string {
      if (asked.length === 0)
        return params.schedule === undefined
          ? 'there is no schedule'
          : `there is no schedule ${params.schedule}; there are ${all.map(({ name }) => name).join(', ') || 'none'}`;
      if (only !== undefined) {
        const state = only.schedule.paused ? 'is paused' : only.fresh.isFresh ? 'has a fresh backup' : 'has no fresh backup';
        return `${only.schedule.name} ${state}: ${ageText(only.fresh)}`;
      }
      const fine = asked.length - late.length - paused.length;
      const named = (what: string, names: readonly string[]): readonly string[] => (names.length === 0 ? [] : [`${what}: ${names.join(', ')}`]);
      return [`${counted(asked.length, 'schedule')}, ${fine} with a fresh backup`, ...named('late', late), ...named('paused', paused)].join('; ');
    }
  },
});
