import { type KubeObject, type RemediationAction, remediation, type StepPlan, z } from '../src/action/contract.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { type Backup, newestFirst, ofSchedule, overMs, readBackup } from '../src/domain/velero/backup.ts';
import { backupManifest, type Recipe, recipeOfBackup, recipeOfSchedule, specDifferences } from '../src/domain/velero/backup-manifest.ts';
import { failureText, proveBackup } from '../src/domain/velero/backup-proof.ts';
import { siblings } from '../src/domain/velero/failed-backup.ts';
import { backupRef, backupsQuery, DEFAULT_NAMESPACE, locationsQuery, scheduleRef, volumeBackupsQuery } from '../src/domain/velero/kinds.ts';
import { chooseLocation, type Location, readLocation } from '../src/domain/velero/location.ts';
import { isGood, isQueued, isTerminal, phaseMeaning } from '../src/domain/velero/phase.ts';
import { retryName, runName } from '../src/domain/velero/retry-name.ts';
import { readSchedule, type Schedule, templateDigest } from '../src/domain/velero/schedule.ts';
import { progressText, stuckQueue } from '../src/domain/velero/second-try.ts';
import { readVolumeBackup } from '../src/domain/velero/volume-backup.ts';
import { counted } from '../src/model/counted.ts';
import { formatDuration, parseDuration } from '../src/model/duration.ts';
import { SalvorError } from '../src/model/error.ts';
import { MARK, objectName } from '../src/model/object.ts';

type Reader = Parameters<RemediationAction['verify']>[0]['kube'];

const Name = z.string().refine(isDnsSubdomain, 'expected the name of a Kubernetes object');
/** `schedule`: from its template. `backup`: the one that failed; without a schedule its own spec is used again. */
const Params = z.strictObject({ schedule: Name.optional(), backup: Name.optional(), namespace: Name.default(DEFAULT_NAMESPACE) });
type Params = z.output<typeof Params>;
const Result = z.strictObject({ namespace: z.string(), name: z.string(), uid: z.string() });

/**
 * Make a backup: from a schedule's template, or once more what a failed one asked for. The name comes from the stepKey, so a repeat finds its own.
 *
 * Writes  one Backup, with annotations that name the run and the step.
 * Voids   an approval when the template, the location (its uid and phase) or the newest backup of the schedule changes.
 * Errors  kube.not-found (schedule or backup gone), kube.exists (the name is somebody else's), both never retried.
 * Source  Velero 1.18, `velero backup create --from-schedule`.
 */
export const backupCreate = remediation({
  id: 'backup.create',
  summary: 'Make a backup from a schedule or again after a failure',
  risk: 'reversible',
  needs: [
    'get schedules.velero.io',
    'get backups.velero.io',
    'list backups.velero.io',
    'list backupstoragelocations.velero.io',
    'list podvolumebackups.velero.io',
    'create backups.velero.io',
  ],
  params: Params,
  result: Result,

  async plan({ params, kube, stepKey }) {
    const source = await readSource(kube, params);
    const { recipe, schedule, failed, location } = source;
    const name = nameOf(params, stepKey);
    const family = newestFirst(source.family.filter((backup) => backup.stepKey !== stepKey));
    const change = { verb: 'create', object: objectName(backupRef(params.namespace, name)), to: { labels: recipe.labels, spec: recipe.spec } } as const;
    const plan: StepPlan = {
      summary: failed === undefined ? `Back up ${params.schedule ?? ''} now` : `Make ${params.schedule ?? failed.name} again, once`,
      changes: [change],
      undo: [],
      facts: {
        schedule: schedule?.uid,
        template: schedule && templateDigest(schedule),
        location: location?.name,
        locationUid: location?.uid,
        locationPhase: location?.phase,
        failed: failed?.uid,
        // A scheduled backup that came meanwhile may have made this one superfluous.
        newest: failed && family[0]?.uid,
      },
      notes: notesOf(source, family),
    };
    return plan;
  },

  async execute({ params, kube, stepKey, run }) {
    const name = nameOf(params, stepKey);
    const { namespace } = params;
    const ref = backupRef(namespace, name);
    const there = await kube.find(ref);
    if (there !== undefined) assertOurs(there, stepKey);
    // What is there already is asked for again as it is: the writer, or the server's refusal, then says that it is known to exist.
    const recipe = there === undefined ? (await readSource(kube, params)).recipe : recipeOfBackup(readBackup(there));
    try {
      return resultOf(await kube.create(backupManifest({ name, namespace, recipe, stepKey, run })));
    } catch (error) {
      if (!(error instanceof SalvorError) || error.code !== 'kube.exists') throw error;
      const ours = await kube.get(ref);
      assertOurs(ours, stepKey);
      return resultOf(ours);
    }
  },

  async observe({ kube, result, nowMs }) {
    const found = await kube.find(backupRef(result.namespace, result.name));
    if (found === undefined || found.metadata.uid !== result.uid) return { state: 'failed', reason: `${result.name} was deleted by somebody else` };
    const backup = readBackup(found);
    if (phaseMeaning(backup.phase) === 'bad') return { state: 'failed', reason: failureText(backup) };
    if (phaseMeaning(backup.phase) === 'deleting') return { state: 'failed', reason: `${result.name} is being deleted by somebody else` };
    // A partial one is over, too: the verification says what is missing.
    if (isTerminal(backup.phase)) return { state: 'done' };
    const stuck = isQueued(backup.phase) ? stuckQueue(backup, (await kube.list(backupsQuery(result.namespace))).map(readBackup), nowMs) : undefined;
    return stuck === undefined ? { state: 'pending', progress: progressText(backup) } : { state: 'failed', reason: stuck };
  },

  async verify({ kube, result, nowMs }) {
    const { namespace, name, uid } = result;
    const all = (await kube.list(backupsQuery(namespace))).map(readBackup);
    const backup = all.find((one) => one.name === name && one.uid === uid);
    if (backup === undefined) return { ok: false, reason: `${name} is gone: somebody deleted it` };
    const lastGood = newestFirst(siblings(all, backup)).find((one) => one.uid !== uid && isGood(one.phase) && one.madeMs < backup.madeMs);
    const copies = await kube.list(volumeBackupsQuery(namespace, name)).catch(noSuchKind);
    return proveBackup({ backup, copies: copies.map(readVolumeBackup), nowMs, ...(lastGood && { lastGood }) });
  },

  rollback: {
    impossible:
      'A backup that was made stays: deleting its object leaves its files in the storage, and Velero makes the object again. One that failed is evidence. It goes when its ttl is over.',
  },
});

type Source = {
  readonly recipe: Recipe;
  readonly schedule: Schedule | undefined;
  readonly failed: Backup | undefined;
  readonly location: Location | undefined;
  /** The backups that stand for the same thing. */
  readonly family: readonly Backup[];
};

async function readSource(kube: Reader, params: Params): Promise<Source> {
  const { namespace } = params;
  const schedule = params.schedule === undefined ? undefined : readSchedule(await kube.get(scheduleRef(namespace, params.schedule)));
  const all = (await kube.list(backupsQuery(namespace))).map(readBackup);
  const failed = all.find(({ name }) => name === params.backup);
  if (params.backup !== undefined && failed === undefined) throw new SalvorError('kube.not-found', `the backup ${params.backup} does not exist any more`);

  const recipe = schedule !== undefined ? recipeOfSchedule(schedule) : failed !== undefined ? recipeOfBackup(failed) : undefined;
  if (recipe === undefined) throw new SalvorError('request.invalid', 'a backup needs a schedule or a backup to be made like');
  const wanted = typeof recipe.spec.storageLocation === 'string' ? recipe.spec.storageLocation : undefined;
  const location = chooseLocation((await kube.list(locationsQuery(namespace))).map(readLocation), wanted);
  const family = schedule !== undefined ? ofSchedule(all, schedule.name) : failed !== undefined ? siblings(all, failed) : [];
  return { recipe, schedule, failed, location, family };
}

const nameOf = (params: Params, stepKey: string): string =>
  params.backup === undefined ? runName(params.schedule ?? '', stepKey) : retryName(params.schedule ?? params.backup, stepKey);

/** What is there under our name is ours only where it carries this step's mark. */
function assertOurs(there: KubeObject, stepKey: string): void {
  if (there.metadata.annotations?.[MARK.step] === stepKey) return;
  throw new SalvorError('kube.exists', `${there.metadata.name} exists and was not made by this step`);
}

function resultOf({ metadata }: KubeObject): z.input<typeof Result> {
  return { namespace: metadata.namespace ?? '', name: metadata.name, uid: metadata.uid ?? '' };
}

function notesOf({ recipe, schedule, failed, location }: Source, family: readonly Backup[]): readonly string[] {
  const good = family.find(({ phase }) => isGood(phase));
  const differences = failed === undefined ? [] : specDifferences(failed.spec, recipe.spec);
  return [
    ...(schedule === undefined
      ? ['It is made from the spec of the one that failed']
      : [`It is made from the template of the schedule ${schedule.name} and counts as its backup: the metric of the last success moves`]),
    ...(differences.length === 0 ? [] : ['It differs from the one that failed:', ...differences]),
    ...(good === undefined ? [] : [`The last good one took ${formatDuration(overMs(good) - good.madeMs)} for ${counted(good.items.total, 'item')}`]),
    ...(location === undefined
      ? ['No storage location was found for it']
      : [`It is stored in "${location.name}", which is ${location.phase === '' ? 'not looked at yet' : location.phase}`]),
    // A ttl of nothing is none: Velero puts its own default in its place.
    ...(typeof recipe.spec.ttl === 'string' && parseDuration(recipe.spec.ttl) !== 0 ? [`It is kept for ${recipe.spec.ttl}`] : []),
  ];
}

function noSuchKind(error: unknown): readonly never[] {
  if (error instanceof SalvorError && (error.code === 'kube.not-found' || error.code === 'kube.unknown-kind')) return [];
  throw error;
}
