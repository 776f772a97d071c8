import { type DiagnosisAction, diagnosis, type Finding, z } from '../src/action/contract.ts';
import { DOWNLOAD_NEEDS, SERVER_NEEDS } from '../src/domain/velero/asking-needs.ts';
import { type Backup, readBackup } from '../src/domain/velero/backup.ts';
import { failureText } from '../src/domain/velero/backup-proof.ts';
import { isOneOf } from '../src/domain/velero/begun.ts';
import { backupsQuery, locationsQuery } from '../src/domain/velero/kinds.ts';
import { chooseLocation, readLocation } from '../src/domain/velero/location.ts';
import { isFailure, isGood, isTerminal } from '../src/domain/velero/phase.ts';
import { UNKNOWN_CAUSE } from '../src/domain/velero/reason-table.ts';
import { chooseBackup } from '../src/domain/velero/restore/choose.ts';
import { namespacesIn } from '../src/domain/velero/restore/contents.ts';
import { failureLines } from '../src/domain/velero/restore/failure-lines.ts';
import { testNamespace } from '../src/domain/velero/restore/isolation.ts';
import { namespaceRef, restoresQuery } from '../src/domain/velero/restore/kinds.ts';
import { AROUND_NEEDS, FIRST_NEEDS, MORE_NEEDS } from '../src/domain/velero/restore/looked-at.ts';
import { type About as AboutRestore, ageText, differenceText, restoreNotes } from '../src/domain/velero/restore/notes.ts';
import { restoreParams } from '../src/domain/velero/restore/params.ts';
import { causeOfRestore } from '../src/domain/velero/restore/reason.ts';
import { isUnderWay, type Restore, readRestore, restoreFailureText, restoreProgress } from '../src/domain/velero/restore/restore.ts';
import { type RestoreSight, readRestoreSight } from '../src/domain/velero/restore/sight.ts';
import { PATIENCE, serverObstacle, storageObstacle } from '../src/domain/velero/second-try.ts';
import { timeText } from '../src/domain/velero/time-text.ts';
import { SalvorError } from '../src/model/error.ts';
import { suggestion } from '../src/model/problem.ts';

type Prober = Parameters<DiagnosisAction['run']>[0]['kube'];

const SERVER_WITHIN_MS = 15_000;

const Facts = z.strictObject({
  namespace: z.string(),
  source: z.string(),
  target: z.string(),
  /** The one that is restored from: what was named, or what was chosen; empty where there is none. */
  backup: z.string(),
  backupPhase: z.string().optional(),
  backupAtMs: z.number().optional(),
  dataAgeMs: z.number().optional(),
  targetExists: z.boolean().optional(),
  creates: z.number().optional(),
  exists: z.number().optional(),
  unseen: z.number().optional(),
  /** Claims whose data does not come back. */
  claimsKept: z.number().optional(),
  writtenSince: z.number().optional(),
  gitOps: z.string().optional(),
  server: z.string().optional(),
  /** A restore of this run that is over already. */
  restore: z.string().optional(),
});
type FactsInput = z.input<typeof Facts>;

const Params = z.strictObject({
  ...restoreParams,
  /** Only backups from before this time: `2026-11-21T02:00Z`. */
  before: z.string().optional(),
  /** Into a closed namespace of its own, whatever there is. */
  isolated: z.boolean().default(false),
});
type Params = z.output<typeof Params>;

/**
 * Whether a namespace can be restored, from which backup, and what that would do: what comes, what stays, what is lost, what does not come back.
 *
 * Reads   Backups, Restores, BackupStorageLocations, the backup's list of resources by DownloadRequest, and what is in the namespace (no Secrets).
 * Errors  kube.* of the API server. A storage that does not answer is waited for.
 * Source  Velero 1.18: an existing object is left or patched, an existing claim keeps its data, nothing is taken away.
 */
export const restoreDiagnose = diagnosis({
  id: 'restore.diagnose',
  summary: 'See what a restore would bring, leave, overwrite and not bring back',
  needs: [
    'get backups.velero.io',
    'list backups.velero.io',
    'list restores.velero.io',
    'list backupstoragelocations.velero.io',
    ...DOWNLOAD_NEEDS,
    ...SERVER_NEEDS,
  ],
  everywhere: { needs: ['get namespaces', ...FIRST_NEEDS], optional: [...MORE_NEEDS, ...AROUND_NEEDS] },
  timeoutMs: 180_000,
  params: Params,
  facts: Facts,

  async run({ params, kube, nowMs, run, begun }) {
    const { namespace } = params;
    const source = params.source ?? params.target;
    const target = params.isolated ? testNamespace(source, run) : params.target;
    const facts: FactsInput = { namespace, source, target, backup: params.backup ?? '' };
    const conclude = (finding: Finding, more: Partial<FactsInput> = {}, evidence: readonly string[] = []) => ({
      finding,
      facts: { ...facts, ...more },
      evidence: [finding.reason, ...evidence],
    });

    const restores = (await kube.list(restoresQuery(namespace))).map(readRestore);
    const own = restores.find((one) => isOneOf(one, begun) && isTerminal(one.phase));
    if (own !== undefined) {
      const ended = await afterwards(kube, own, target);
      return conclude(ended.finding, { restore: own.name, backup: own.backup }, ended.lines);
    }

    const beforeMs = params.before === undefined ? undefined : Date.parse(params.before);
    if (Number.isNaN(beforeMs)) return conclude(noTime(params.before ?? ''));
    const backups = await kube.list(backupsQuery(namespace));
    const all = backups.map(readBackup);
    const unsafe = all.find((one) => isOneOf(one, begun) && isFailure(one.phase));
    if (unsafe !== undefined) return conclude(notSafe(unsafe));
    const chosen = chooseBackup(all, { name: params.backup, source, beforeMs });
    if ('finding' in chosen) return conclude(chosen.finding);
    const { backup } = chosen;
    const known = { backup: backup.name, backupPhase: backup.phase, backupAtMs: backup.madeMs, dataAgeMs: nowMs - backup.madeMs };
    const measured = { recoveryPointMs: backup.madeMs };

    const obstacle = (await atStorage(kube, backup)) ?? underWay(restores) ?? (await targetGoes(kube, target));
    if (obstacle !== undefined) return { ...conclude(obstacle, known), measured };
    const server = await kube.veleroServer({ namespace, withinMs: SERVER_WITHIN_MS });
    const silent = serverObstacle(server);
    if (silent !== undefined) return { ...conclude(silent, known), measured };

    const looked = await look(kube, { params, source, target, backup: backup.name });
    if ('finding' in looked) return { ...conclude(looked.finding, known), measured };
    const { sight } = looked;
    const nothing = holdsNothing(sight, source, params);
    const found: Partial<FactsInput> = { ...known, ...sightFacts(sight), server: server?.version };
    if (nothing !== undefined) return { ...conclude(nothing, found), measured };
    const about = { existing: params.existing, selector: params.selector, source, target, nowMs };
    return { ...conclude(ready(sight, about), found, restoreNotes(sight, about)), measured };
  },
});

function ready(sight: RestoreSight, { source, target, existing, nowMs }: AboutRestore): Finding {
  const { backup } = sight;
  const into = source === target ? '' : ` into ${target}`;
  const where = sight.target === undefined ? `${target} does not exist` : `${target} is live`;
  const age = `${timeText(backup.madeMs)}, ${ageText(nowMs - backup.madeMs)} old`;
  return { kind: 'act', reason: `${source} can be restored${into} from ${backup.name} (${age}): ${where}; ${differenceText(sight, existing)}` };
}

function sightFacts({ target, difference, claimsKept, since, owners }: RestoreSight): Partial<FactsInput> {
  return {
    targetExists: target !== undefined,
    creates: difference.creates.length,
    exists: difference.exists.length,
    unseen: difference.unseen.length,
    claimsKept: claimsKept.length,
    writtenSince: since.count,
    ...(owners.length === 0 ? {} : { gitOps: owners.join(', ') }),
  };
}

/** The restore of this run is over and the run is back here: it failed, or what came back did not stand the checks. */
async function afterwards(kube: Prober, own: Restore, target: string): Promise<{ readonly finding: Finding; readonly lines: readonly string[] }> {
  const hints = [
    `What Velero says: velero restore describe ${own.name} --details`,
    `What is there now: kubectl -n ${target} get all,pvc`,
    `To find out more and try again: /dr restore failed restore=${own.name}`,
  ];
  if (isGood(own.phase)) {
    const reason = `${own.name} is ${own.phase}, but what came back did not stand its checks`;
    return { finding: { kind: 'hand-over', reason, hints }, lines: [] };
  }
  const lines = await failureLines(kube, own);
  const cause = causeOfRestore(own, lines);
  if (cause.id === UNKNOWN_CAUSE.id) {
    const first = lines[0] === undefined ? '' : `. First of what it says: ${lines[0]}`;
    return { finding: { kind: 'hand-over', reason: `${restoreFailureText(own)}${first}`, hints }, lines };
  }
  const fix = cause.fix.map((line) => line.replaceAll('NAME', own.name));
  return { finding: { kind: 'hand-over', reason: restoreFailureText(own, cause.words), hints: [...fix, ...hints] }, lines };
}

/** A read-only location is fine: nothing is written there. */
async function atStorage(kube: Prober, backup: Backup): Promise<Finding | undefined> {
  const locations = (await kube.list(locationsQuery(backup.namespace))).map(readLocation);
  const location = chooseLocation(locations, backup.storage);
  return storageObstacle(location && { ...location, readOnly: false }, { name: backup.storage });
}

/** Velero restores one after the other, and two at a time are hard to tell apart afterwards. */
function underWay(restores: readonly Restore[]): Finding | undefined {
  const other = restores.find(isUnderWay);
  if (other === undefined) return undefined;
  return { kind: 'wait', reason: `another restore is under way: ${other.name} (${restoreProgress(other)})`, ...PATIENCE.running };
}

async function targetGoes(kube: Prober, target: string): Promise<Finding | undefined> {
  const found = await kube.find(namespaceRef(target));
  if (found?.metadata.deletionTimestamp === undefined) return undefined;
  return { kind: 'wait', reason: `${target} is being deleted: nothing can be made in it until it is gone`, ...PATIENCE.running };
}

type Looking = { readonly params: Params; readonly source: string; readonly target: string; readonly backup: string };

async function look(kube: Prober, { params, source, target, backup }: Looking): Promise<{ readonly sight: RestoreSight } | { readonly finding: Finding }> {
  const { namespace, resources, isolated } = params;
  try {
    return { sight: await readRestoreSight(kube, { namespace, backup, source, target, resources, isolated }) };
  } catch (error) {
    if (!(error instanceof SalvorError)) throw error;
    if (error.code === 'storage.unavailable')
      return { finding: { kind: 'wait', reason: `what ${backup} holds cannot be read now: the storage does not answer`, ...PATIENCE.storage } };
    if (error.code !== 'kube.invalid') throw error;
    const hints = [`Look at what is in the storage: velero backup describe ${backup} --details`, 'Take an older backup: velero backup get'];
    return { finding: { kind: 'hand-over', reason: error.message, hints } };
  }
}

function holdsNothing({ held, contents, backup }: RestoreSight, source: string, { resources }: Params): Finding | undefined {
  if (held.length > 0) return undefined;
  const namespaces = namespacesIn(contents);
  const kinds = resources === undefined ? '' : ` of ${resources.join(', ')}`;
  const near = namespaces.includes(source) ? '' : suggestion(source, namespaces);
  const hints = [
    namespaces.length === 0 ? `${backup.name} holds no namespace` : `It holds objects of: ${namespaces.join(', ')}`,
    'Take another backup: velero backup get',
  ];
  return { kind: 'hand-over', reason: `${backup.name} holds nothing${kinds} of ${source}.${near}`.replace(/\.$/, ''), hints };
}

/** The backup that this run made first is not complete. */
const notSafe = (backup: Backup): Finding => ({
  kind: 'hand-over',
  reason: `nothing was restored, because what is there could not be made safe: ${failureText(backup)}`,
  hints: [
    `Look at why: velero backup describe ${backup.name} --details`,
    'To restore without it, and lose what is written over: the same command with safety=no',
  ],
});

const noTime = (text: string): Finding => ({
  kind: 'hand-over',
  reason: `"${text}" is no time`,
  hints: ['Write it with its zone, such as 2026-11-21T02:00Z'],
});
