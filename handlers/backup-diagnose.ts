import { type DiagnosisAction, diagnosis, type Finding, z } from '../src/action/contract.ts';
import { type FailureFiles, NO_FILES, readFailureFiles } from '../src/action/failure-files.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { DOWNLOAD_NEEDS, SERVER_NEEDS } from '../src/domain/velero/asking-needs.ts';
import { type Backup, ofSchedule, overMs, readBackup } from '../src/domain/velero/backup.ts';
import { newestFailure, siblings, standing } from '../src/domain/velero/failed-backup.ts';
import { goodEnough } from '../src/domain/velero/good-enough.ts';
import { backupsQuery, DEFAULT_NAMESPACE, locationsQuery, scheduleRef } from '../src/domain/velero/kinds.ts';
import { chooseLocation, readLocation } from '../src/domain/velero/location.ts';
import { nextTick } from '../src/domain/velero/next-tick.ts';
import { causeOf, causeOfFailure } from '../src/domain/velero/reason.ts';
import { type Cause, UNKNOWN_CAUSE } from '../src/domain/velero/reason-table.ts';
import { readSchedule, type Schedule } from '../src/domain/velero/schedule.ts';
import {
  causeFinding,
  onceOnly,
  scheduleObstacle,
  serverObstacle,
  storageObstacle,
  tickObstacle,
  unreadable,
  waitForRunning,
} from '../src/domain/velero/second-try.ts';
import { standingEvidence, standingFacts, standingMeasured } from '../src/domain/velero/standing-facts.ts';

type Prober = Parameters<DiagnosisAction['run']>[0]['kube'];

const SERVER_WITHIN_MS = 15_000;

const Name = z.string().refine(isDnsSubdomain, 'expected the name of a Kubernetes object');

const Facts = z.strictObject({
  namespace: z.string(),
  schedule: z.string().optional(),
  /** The failed backup, also where a newer good one followed. */
  backup: z.string().optional(),
  uid: z.string().optional(),
  phase: z.string().optional(),
  failedAtMs: z.number().optional(),
  itemsDone: z.number().optional(),
  itemsTotal: z.number().optional(),
  errors: z.number().optional(),
  warnings: z.number().optional(),
  hooksFailed: z.number().optional(),
  cause: z.string().optional(),
  class: z.enum(['transient', 'storage-away', 'permanent']).optional(),
  because: z.string().optional(),
  location: z.string().optional(),
  locationUid: z.string().optional(),
  locationPhase: z.string().optional(),
  server: z.string().optional(),
  running: z.string().optional(),
  /** A second try of ours that failed, too. */
  retried: z.string().optional(),
  lastGood: z.string().optional(),
  lastGoodAtMs: z.number().optional(),
  lastGoodItems: z.number().optional(),
  /** How old the newest data is that can be restored in full. */
  dataAgeMs: z.number().optional(),
  nextTickMs: z.number().optional(),
});
type FactsInput = z.input<typeof Facts>;

/**
 * Why a backup failed, and whether making it again once can work and is safe.
 *
 * It is where the cause is transient or the storage was away, the storage is Available, the server answers, no backup of the schedule is under
 * way or due within ten minutes, and no second try of ours has failed already. What is not known is a hand-over, with the lines that matter.
 *
 * Reads   Backups, the Schedule, BackupStorageLocations, PodVolumeBackups; results and log of the failed backup by DownloadRequest.
 * Errors  kube.* of the API server. A file that is gone or damaged is evidence; one behind a storage that does not answer is waited for.
 * Source  Velero 1.18, its phases, reasons and texts as observed.
 */
export const backupDiagnose = diagnosis({
  id: 'backup.diagnose',
  summary: 'Find out why a backup failed and whether a second try can work',
  needs: [
    'get schedules.velero.io',
    'list backups.velero.io',
    'list backupstoragelocations.velero.io',
    'list podvolumebackups.velero.io',
    ...DOWNLOAD_NEEDS,
    ...SERVER_NEEDS,
  ],
  timeoutMs: 180_000,
  params: z.strictObject({ schedule: Name.optional(), backup: Name.optional(), namespace: Name.default(DEFAULT_NAMESPACE) }),
  facts: Facts,

  async run({ params, kube, nowMs }) {
    const { namespace } = params;
    const all = (await kube.list(backupsQuery(namespace))).map(readBackup);
    const about = params.backup === undefined ? undefined : all.find(({ name }) => name === params.backup);
    const chosen = about ?? (params.schedule === undefined && params.backup === undefined ? newestFailure(all, nowMs) : undefined);
    const scheduleName = params.schedule ?? chosen?.schedule;
    const family = chosen !== undefined ? siblings(all, chosen) : scheduleName !== undefined ? ofSchedule(all, scheduleName) : [];
    const now = standing(family, about);

    const facts: FactsInput = { namespace, schedule: scheduleName, ...standingFacts(now, nowMs) };
    const measured = standingMeasured(now);
    const conclude = (finding: Finding, more: { readonly facts?: Partial<FactsInput>; readonly evidence?: readonly string[] } = {}) => ({
      finding,
      facts: { ...facts, ...more.facts },
      evidence: [finding.reason, ...standingEvidence(now, nowMs), ...(more.evidence ?? [])],
      measured,
    });

    if (params.backup !== undefined && about === undefined) return conclude(backupMissing(params.backup));
    if (now.kind === 'good') return conclude(goodEnough(now.good, family, nowMs));
    if (chosen === undefined && scheduleName === undefined) return conclude({ kind: 'recovered', reason: 'the newest backup of every schedule is Completed' });

    const found = scheduleName === undefined ? undefined : await kube.find(scheduleRef(namespace, scheduleName));
    const schedule = found && readSchedule(found);
    if (scheduleName !== undefined && schedule === undefined) return conclude(scheduleMissing(scheduleName));
    const atSchedule = schedule && scheduleObstacle(schedule);
    if (atSchedule !== undefined) return conclude(atSchedule);
    if (now.kind === 'none') return conclude(neverMade(scheduleName ?? ''));

    if (now.kind === 'unsettled') {
      const server = await kube.veleroServer({ namespace, withinMs: SERVER_WITHIN_MS });
      return conclude(waitForRunning(now.running, { server, all, nowMs }), { facts: { server: server?.version } });
    }
    const looked = await look({ kube, failed: now.failed, schedule, nowMs });
    return conclude(now.retried === undefined ? looked.finding : onceOnly(now.retried, looked.cause), looked);
  },
});

type Look = {
  readonly kube: Prober;
  readonly failed: Backup;
  readonly schedule: Schedule | undefined;
  readonly nowMs: number;
};
type Looked = { readonly finding: Finding; readonly cause: Cause; readonly facts: Partial<FactsInput>; readonly evidence: readonly string[] };

type Seen = { readonly evidence?: readonly string[]; readonly server?: { readonly version: string } | undefined };

/** The storage, the server, the cause and the next tick, in the order in which they decide. */
async function look({ kube, failed, schedule, nowMs }: Look): Promise<Looked> {
  const locations = (await kube.list(locationsQuery(failed.namespace))).map(readLocation);
  const template = schedule?.template.storageLocation;
  const wanted = failed.storage ?? (typeof template === 'string' ? template : undefined);
  const location = chooseLocation(locations, wanted);
  const looked = (finding: Finding, cause: Cause, { evidence = [], server }: Seen = {}): Looked => ({
    finding,
    cause,
    evidence,
    facts: {
      cause: cause.id,
      class: cause.class,
      because: cause.words,
      location: location?.name ?? wanted,
      locationUid: location?.uid,
      locationPhase: location?.phase,
      server: server?.version,
      nextTickMs: schedule && nextTick(schedule.cron, nowMs, schedule.lastBackupMs),
    },
  });

  // What stands on the Backup itself needs no file, and a mistake in it needs no storage to be known.
  const written = causeOfFailure(failed, { errors: [], volumes: [] });
  const known = written.id !== UNKNOWN_CAUSE.id;
  if (known && written.class === 'permanent') return looked(causeFinding(failed, written), written);

  const obstacle = storageObstacle(location, { name: wanted, awayMs: written.class === 'storage-away' ? overMs(failed) : undefined });
  if (obstacle !== undefined) return looked(obstacle, causeOf(location?.message ?? '') ?? written);
  // Asked last: it takes Velero half a second and the API server five requests, and a run that waits for its storage looks often.
  const server = await kube.veleroServer({ namespace: failed.namespace, withinMs: SERVER_WITHIN_MS });
  const silent = serverObstacle(server);
  if (silent !== undefined) return looked(silent, written);

  const files = known && failed.phase !== 'PartiallyFailed' ? NO_FILES : await readFailureFiles(kube, failed);
  const cause = whatIsKnown(causeOfFailure(failed, files), files);
  if (cause.id === UNKNOWN_CAUSE.id && files.away !== undefined) return looked(unreadable(failed, files.away), cause, { ...files, server });
  const finding = causeFinding(failed, cause);
  const due = finding.kind === 'act' && schedule !== undefined ? tickObstacle(schedule, nowMs) : undefined;
  return looked(due ?? finding, cause, { ...files, server });
}

/** An unknown cause says what kept it from being known. */
function whatIsKnown(cause: Cause, { missing }: FailureFiles): Cause {
  return cause.id === UNKNOWN_CAUSE.id && missing.length > 0 ? { ...cause, words: `${cause.words} (${missing.join('; ')})` } : cause;
}

const backupMissing = (name: string): Finding => ({
  kind: 'hand-over',
  reason: `the backup ${name} does not exist`,
  hints: ['It may have expired or been deleted: velero backup get'],
});

const scheduleMissing = (name: string): Finding => ({
  kind: 'hand-over',
  reason: `the schedule ${name} does not exist`,
  hints: ['Look whether it was renamed or deleted: velero schedule get', 'If it was deleted on purpose, its alert rule and its backups are left over'],
});

const neverMade = (name: string): Finding => ({
  kind: 'hand-over',
  reason: `the schedule ${name} has no backup at all`,
  hints: ['Look whether it ever ran, or its backups were deleted: velero schedule get', `To make one now: salvor run backup-run --param schedule=${name}`],
});
