import { type CheckAction, check, z } from '../src/action/contract.ts';
import { listVelero } from '../src/action/velero-lists.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { type Backup, newestOver, ofSchedule, overMs } from '../src/domain/velero/backup.ts';
import { failureText, proveBackup } from '../src/domain/velero/backup-proof.ts';
import { freshness, passedTick } from '../src/domain/velero/freshness.ts';
import { DEFAULT_NAMESPACE } from '../src/domain/velero/kinds.ts';
import { isFailure, isQueued, isRunning } from '../src/domain/velero/phase.ts';
import type { Schedule } from '../src/domain/velero/schedule.ts';
import { progressText } from '../src/domain/velero/second-try.ts';
import { timeText } from '../src/domain/velero/time-text.ts';
import { goodOnes } from '../src/domain/velero/why-stale.ts';
import { formatDuration } from '../src/model/duration.ts';
import { errorCode } from '../src/model/error.ts';

type Reader = Parameters<CheckAction['run']>[0]['kube'];

/** Velero counts its objects once a minute, and Prometheus looks about as often: so long after a backup its metric may be the old one. */
const METRIC_WITHIN_MS = 180_000;
const LAST_SUCCESS = 'velero_backup_last_successful_timestamp{$labels}';
const Name = z.string().refine(isDnsSubdomain, 'expected the name of a Kubernetes object');

/**
 * Whether a schedule has a fresh good backup: the Backup object decides. Where the cluster's Prometheus can be asked, its metric is waited for, since
 * the alert is made of it; one that stays behind is told and holds up nobody.
 */
export const backupFresh = check({
  id: 'backup.fresh',
  summary: 'See whether a schedule has a fresh good backup, and whether the metric shows it',
  needs: ['list backups.velero.io', 'list schedules.velero.io', 'list backupstoragelocations.velero.io'],
  params: z.strictObject({
    schedule: Name,
    namespace: Name.default(DEFAULT_NAMESPACE),
    /** `begun`: it is enough to know whether Velero has begun one, as it does for a resumed schedule whose time has passed. */
    enough: z.enum(['good', 'begun']).default('good'),
  }),
  facts: z.strictObject({ backup: z.string(), begun: z.boolean(), madeMs: z.number().optional(), items: z.number().optional(), metric: z.string().optional() }),

  async run({ params, kube, nowMs }) {
    const { backups, schedules } = await listVelero(kube, params.namespace);
    const schedule = schedules.find(({ name }) => name === params.schedule);
    if (schedule === undefined) return { ok: false, reason: `the schedule ${params.schedule} is gone` };
    const family = ofSchedule(backups, schedule.name);
    const [good, before] = goodOnes(family);
    const fresh = freshness(schedule, good, nowMs);
    if (good === undefined || !fresh.isFresh) {
      const open = family.find(({ phase }) => isRunning(phase) || isQueued(phase));
      if (params.enough === 'begun') return begun(schedule, { open, family, nowMs });
      if (open !== undefined) return { ok: false, again: true, reason: `${open.name} is ${progressText(open)}` };
      const newest = newestOver(family);
      if (newest !== undefined && isFailure(newest.phase) && newest.madeMs > (good?.madeMs ?? 0) && overMs(newest) > nowMs - METRIC_WITHIN_MS)
        return { ok: false, reason: failureText(newest) };
      return { ok: false, again: true, reason: `no backup of ${schedule.name} is under way yet` };
    }
    const proof = proveBackup({ backup: good, copies: [], nowMs, ...(before && { lastGood: before }) });
    if (!proof.ok) return { ok: false, reason: proof.reason };
    const metric = await metricOf(kube, schedule.name, overMs(good));
    if (metric.isBehind && nowMs - overMs(good) < METRIC_WITHIN_MS) return { ok: false, again: true, reason: `${good.name} is Completed; ${metric.text}` };
    return {
      ok: true,
      facts: { backup: good.name, begun: true, madeMs: good.madeMs, items: good.items.total, metric: metric.text },
      evidence: [`${good.name} is ${formatDuration(nowMs - good.madeMs)} old: ${schedule.name} has a fresh backup`, ...proof.evidence, metric.text],
      measured: { recoveryPointMs: good.madeMs },
    };
  },
});

type Around = { readonly open: Backup | undefined; readonly family: readonly Backup[]; readonly nowMs: number };

type Begun =
  | { readonly ok: true; readonly facts: { readonly backup: string; readonly begun: boolean }; readonly evidence: readonly string[] }
  | { readonly ok: false; readonly again: true; readonly reason: string };

/** Velero answers a time that has passed at its next look: by a backup, or by a note that it skipped it. */
function begun(schedule: Schedule, { open, family, nowMs }: Around): Begun {
  const last = open ?? newestOver(family);
  const { name, lastBackupMs = 0, lastSkippedMs = 0 } = schedule;
  if (open !== undefined) return { ok: true, facts: { backup: open.name, begun: true }, evidence: [`${open.name} is ${progressText(open)}`] };
  if (passedTick(schedule, nowMs) !== undefined) return { ok: false, again: true, reason: `Velero has not looked at ${name} yet` };
  if (lastSkippedMs > lastBackupMs)
    return {
      ok: true,
      facts: { backup: '', begun: false },
      evidence: [`${name} skipped what had passed at ${timeText(lastSkippedMs)}: no backup comes by itself`],
    };
  const isThere = last !== undefined && last.madeMs >= lastBackupMs;
  return { ok: true, facts: { backup: last?.name ?? '', begun: isThere }, evidence: [isThere ? `${last.name} was begun` : `no backup of ${name} has begun`] };
}

/** What the alert is made of. Velero writes the second of the completion. */
async function metricOf(kube: Reader, schedule: string, completedMs: number): Promise<{ readonly isBehind: boolean; readonly text: string }> {
  try {
    const samples = await kube.metrics(LAST_SUCCESS, { schedule });
    const newestMs = Math.max(0, ...samples.map(({ value }) => value * 1000));
    if (newestMs >= completedMs - 1000) return { isBehind: false, text: `the metric of the last success says ${timeText(newestMs)}, too` };
    const says = newestMs === 0 ? 'knows no success' : `still says ${timeText(newestMs)}`;
    return { isBehind: true, text: `the metric of the last success ${says}: look whether Prometheus reaches Velero, or the alert stays` };
  } catch (error) {
    if (errorCode(error) !== 'metrics.unavailable') throw error;
    return { isBehind: false, text: 'the metric of the last success could not be read: the Backup object decides' };
  }
}
