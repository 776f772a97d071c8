import { type DiagnosisAction, diagnosis, type Finding, z } from '../src/action/contract.ts';
import { NO_FILES, readFailureFiles } from '../src/action/failure-files.ts';
import { listMoves, listVelero } from '../src/action/velero-lists.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { DOWNLOAD_NEEDS, SERVER_NEEDS } from '../src/domain/velero/asking-needs.ts';
import { type Backup, ofSchedule, overMs } from '../src/domain/velero/backup.ts';
import { standing } from '../src/domain/velero/failed-backup.ts';
import { freshness } from '../src/domain/velero/freshness.ts';
import { goodEnough } from '../src/domain/velero/good-enough.ts';
import { DEFAULT_NAMESPACE } from '../src/domain/velero/kinds.ts';
import { chooseLocation } from '../src/domain/velero/location.ts';
import { isRunning } from '../src/domain/velero/phase.ts';
import { causeOfFailure } from '../src/domain/velero/reason.ts';
import { UNKNOWN_CAUSE } from '../src/domain/velero/reason-table.ts';
import { cronLine, historyLines } from '../src/domain/velero/schedule-words.ts';
import { causeFinding, onceOnly, storageObstacle, tickObstacle, unreadable } from '../src/domain/velero/second-try.ts';
import { goodOnes, inTheWay, refused, type StaleSight, type WhyStale, whySilent } from '../src/domain/velero/why-stale.ts';

type Prober = Parameters<DiagnosisAction['run']>[0]['kube'];

const SERVER_WITHIN_MS = 15_000;
const Name = z.string().refine(isDnsSubdomain, 'expected the name of a Kubernetes object');

/**
 * Why a schedule has no fresh backup, and what gives one: a schedule that is paused, skipped, refused or fails; a backup that is stuck or waits behind
 * one; the storage; the server; a clock. The age is that of the newest good Backup object against the schedule's own cron, never that of a metric.
 *
 * Writes  nothing but a ServerStatusRequest, which it takes away again.
 * Source  Velero 1.18, pkg/controller/schedule_controller.go (what it counts from, and when it skips).
 */
export const backupWhyStale = diagnosis({
  id: 'backup.why-stale',
  summary: 'Find out why a schedule has no fresh backup, and what gives one',
  needs: [
    'list backups.velero.io',
    'list schedules.velero.io',
    'list backupstoragelocations.velero.io',
    'list podvolumebackups.velero.io',
    ...DOWNLOAD_NEEDS,
    ...SERVER_NEEDS,
  ],
  optional: ['list datauploads.velero.io'],
  timeoutMs: 120_000,
  params: z.strictObject({ schedule: Name, namespace: Name.default(DEFAULT_NAMESPACE) }),
  facts: z.strictObject({
    namespace: z.string(),
    schedule: z.string(),
    cause: z.string().optional(),
    remedy: z.enum(['run', 'resume', 'resume-and-run', 'cancel', 'cancel-and-run']).optional(),
    paused: z.boolean().optional(),
    /** The failed backup that is made again. */
    backup: z.string().optional(),
    /** The backup that is stuck, and the volumes that hold it up, as `DataUpload/name`; empty where none is. */
    stuck: z.string(),
    moves: z.array(z.string()),
    location: z.string().optional(),
    locationPhase: z.string().optional(),
    server: z.string().optional(),
    lastGood: z.string().optional(),
    lastGoodAtMs: z.number().optional(),
    ageMs: z.number().optional(),
    intervalMs: z.number().optional(),
    /** When the missing backup was to begin. */
    dueMs: z.number().optional(),
  }),

  async run({ params, kube, nowMs }) {
    const { namespace, schedule: name } = params;
    const { backups: all, schedules, locations } = await listVelero(kube, namespace);
    const schedule = schedules.find((one) => one.name === name);
    if (schedule === undefined) {
      const finding: Finding = {
        kind: 'hand-over',
        reason: `the schedule ${name} does not exist, so nothing makes its backups`,
        hints: ['Look whether it was renamed or deleted: velero schedule get', 'If it was deleted on purpose, its alert rule is left over'],
      };
      return { finding, facts: { namespace, schedule: name, cause: 'gone', stuck: '', moves: [] }, evidence: [finding.reason] };
    }
    const family = ofSchedule(all, name);
    const [good] = goodOnes(family);
    const fresh = freshness(schedule, good, nowMs);
    const { moves, missing } = all.some(({ phase }) => isRunning(phase)) ? await listMoves(kube, namespace) : { moves: [], missing: [] };
    const wanted = typeof schedule.template.storageLocation === 'string' ? schedule.template.storageLocation : undefined;
    const location = chooseLocation(locations, wanted);
    const sight: StaleSight = { schedule, family, all, moves, fresh, nowMs };

    const look = async (): Promise<Looked> => {
      if (good !== undefined && fresh.isFresh) return { finding: goodEnough(good, family, nowMs) };
      const wrong = refused(schedule);
      if (wrong !== undefined) return wrong;
      const away = storageObstacle(location, { name: wanted });
      if (away !== undefined) return { cause: 'storage', finding: away };
      const server = await kube.veleroServer({ namespace, withinMs: SERVER_WITHIN_MS });
      const found = inTheWay(sight, server) ?? (schedule.paused ? undefined : await whyFailing(kube, sight)) ?? whySilent(sight);
      return { ...found, ...(server && { server: server.version }) };
    };

    const { finding, cause, remedy, stuck, failed, server, evidence = [] } = await look();
    return {
      finding,
      facts: {
        namespace,
        schedule: name,
        cause,
        remedy,
        paused: schedule.paused,
        backup: remedy === 'run' ? failed : undefined,
        stuck: stuck?.backup.name ?? '',
        moves: stuck?.moves.map((move) => `${move.kind}/${move.name}`) ?? [],
        location: location?.name ?? wanted,
        locationPhase: location?.phase,
        server,
        lastGood: good?.name,
        lastGoodAtMs: good && overMs(good),
        ageMs: fresh.ageMs,
        intervalMs: fresh.intervalMs,
        dueMs: fresh.dueMs,
      },
      evidence: [finding.reason, ...evidence, cronLine(schedule, fresh, nowMs), ...historyLines(schedule, family, nowMs), ...missing],
      measured: fresh.isFresh || fresh.dueMs === undefined ? {} : { factTimeMs: fresh.dueMs, ...(good && { recoveryPointMs: good.madeMs }) },
    };
  },
});

type Looked = Omit<WhyStale, 'cause'> & {
  readonly cause?: WhyStale['cause'];
  /** The failed backup that a new one is made in place of. */
  readonly failed?: string;
  readonly server?: string;
  readonly evidence?: readonly string[];
};

/** Its newest backup failed: the cause decides, as it does when the failure itself is the alarm. */
async function whyFailing(kube: Prober, { schedule, family, nowMs }: StaleSight): Promise<Looked | undefined> {
  const now = standing(family);
  if (now.kind !== 'failed') return undefined;
  const { failed, retried } = now;
  const written = causeOfFailure(failed, { errors: [], volumes: [] });
  const files = written.id === UNKNOWN_CAUSE.id || failed.phase === 'PartiallyFailed' ? await readFailureFiles(kube, failed) : NO_FILES;
  const cause = causeOfFailure(failed, files);
  const found = (finding: Finding): Looked => ({ cause: 'failing', finding, evidence: files.evidence, ...restOf(finding, failed) });
  if (cause.id === UNKNOWN_CAUSE.id && files.away !== undefined) return found(unreadable(failed, files.away));
  if (retried !== undefined) return found(onceOnly(retried, cause));
  const finding = causeFinding(failed, cause);
  return found(finding.kind === 'act' ? (tickObstacle(schedule, nowMs) ?? finding) : finding);
}

const restOf = (finding: Finding, failed: Backup): Partial<Looked> => (finding.kind === 'act' ? { remedy: 'run', failed: failed.name } : {});
