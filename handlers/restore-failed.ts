import { type DiagnosisAction, diagnosis, type Finding, z } from '../src/action/contract.ts';
import { DOWNLOAD_NEEDS, SERVER_NEEDS } from '../src/domain/velero/asking-needs.ts';
import { readBackup } from '../src/domain/velero/backup.ts';
import { backupRef, DEFAULT_NAMESPACE, locationsQuery } from '../src/domain/velero/kinds.ts';
import { chooseLocation, readLocation } from '../src/domain/velero/location.ts';
import { isRestorable } from '../src/domain/velero/phase.ts';
import { UNKNOWN_CAUSE } from '../src/domain/velero/reason-table.ts';
import { namespacesOf, standingOf } from '../src/domain/velero/restore/again.ts';
import { failureLines } from '../src/domain/velero/restore/failure-lines.ts';
import { broughtBy, restoresQuery } from '../src/domain/velero/restore/kinds.ts';
import { CLAIMS } from '../src/domain/velero/restore/looked-at.ts';
import { Name, NamespaceName } from '../src/domain/velero/restore/params.ts';
import { causeOfRestore } from '../src/domain/velero/restore/reason.ts';
import { isUnderWay, type Restore, readRestore, restoreFailureText, restoreProgress } from '../src/domain/velero/restore/restore.ts';
import { PATIENCE, serverObstacle, storageObstacle } from '../src/domain/velero/second-try.ts';
import { suggestion } from '../src/model/problem.ts';

type Prober = Parameters<DiagnosisAction['run']>[0]['kube'];

const SERVER_WITHIN_MS = 15_000;

const Facts = z.strictObject({
  namespace: z.string(),
  restore: z.string(),
  phase: z.string().optional(),
  backup: z.string().optional(),
  cause: z.string().optional(),
  class: z.string().optional(),
  /** Claims that it brought and that wait for a volume. */
  pendingClaims: z.number().optional(),
});
type FactsInput = z.input<typeof Facts>;

/**
 * Why a restore failed, and whether making it again once can work: as it was where the cause was passing, or as a person changes it (into another
 * namespace, with another storage class). What is not known is a hand-over, with the lines that matter.
 *
 * Reads   Restores, the Backup, its BackupStorageLocation, the results by DownloadRequest, the claims that came.
 */
export const restoreFailed = diagnosis({
  id: 'restore.failed',
  summary: 'Find out why a restore failed and whether making it again can work',
  needs: ['get backups.velero.io', 'list restores.velero.io', 'list backupstoragelocations.velero.io', ...DOWNLOAD_NEEDS, ...SERVER_NEEDS],
  everywhere: { needs: ['list persistentvolumeclaims'] },
  timeoutMs: 180_000,
  params: z.strictObject({
    restore: Name,
    /** A person chose another way than the one that failed. */
    into: NamespaceName.optional(),
    class: Name.optional(),
    namespace: NamespaceName.default(DEFAULT_NAMESPACE),
  }),
  facts: Facts,

  async run({ params, kube }) {
    const { namespace, restore: name } = params;
    const all = (await kube.list(restoresQuery(namespace))).map(readRestore);
    const facts: FactsInput = { namespace, restore: name };
    const conclude = (finding: Finding, more: Partial<FactsInput> = {}, lines: readonly string[] = []) => ({
      finding,
      facts: { ...facts, ...more },
      evidence: [finding.reason, ...lines],
    });
    const going = all.find((one) => one.name === name && isUnderWay(one));
    if (going !== undefined) return conclude({ kind: 'wait', reason: `${name} is not over: ${restoreProgress(going)}`, ...PATIENCE.running });
    const standing = standingOf(all, { name });
    if (standing.kind === 'none') return conclude(missing(name, all));
    if (standing.kind === 'good')
      return conclude({ kind: 'recovered', reason: `${standing.good.name} is ${standing.good.phase}` }, { phase: standing.good.phase });

    const { failed, tried } = standing;
    const said = await failureLines(kube, failed);
    const claims = await pendingClaims(kube, failed);
    const cause = causeOfRestore(failed, said);
    const found: Partial<FactsInput> = { phase: failed.phase, backup: failed.backup, cause: cause.id, class: cause.class, pendingClaims: claims.length };
    const lines = [...said, ...(claims.length === 0 ? [] : [`claims that wait for a volume: ${claims.join(', ')}`])];
    const what = `${restoreFailureText(failed)}; because ${cause.words}`;
    const fix = cause.fix.map((line) => line.replaceAll('NAME', name));
    if (tried !== undefined) return conclude({ kind: 'hand-over', reason: `${tried.name} was already the second try. ${what}`, hints: fix }, found, lines);
    const isOtherWay = params.into !== undefined || params.class !== undefined;
    const isOpen = cause.class === 'permanent' || cause.id === UNKNOWN_CAUSE.id;
    const obstacle = await atSource(kube, failed);
    // What would tell the cause may lie in a storage that does not answer: not to know it yet is not to know it.
    if (cause.id === UNKNOWN_CAUSE.id && obstacle?.kind === 'wait') return conclude(obstacle, found, lines);
    if (isOpen && !(isOtherWay && !UNUSABLE.has(cause.id)))
      return conclude({ kind: 'hand-over', reason: what, hints: [...fix, ...otherWays(name, claims)] }, found, lines);

    if (obstacle !== undefined) return conclude(obstacle, found, lines);
    const silent = serverObstacle(await kube.veleroServer({ namespace, withinMs: SERVER_WITHIN_MS }));
    if (silent !== undefined) return conclude(silent, found, lines);
    return conclude({ kind: 'act', reason: `${what}; the storage and the server answer now, so making it again can work` }, found, lines);
  },
});

/** No other place helps where there is nothing to restore from. */
const UNUSABLE: ReadonlySet<string> = new Set(['archive-gone', 'backup-gone']);

function otherWays(name: string, claims: readonly string[]): readonly string[] {
  return [
    `To make it again beside, in another namespace: /dr restore failed restore=${name} into=NAMESPACE`,
    ...(claims.length === 0 ? [] : [`To make it again with another storage class: /dr restore failed restore=${name} class=CLASS into=NAMESPACE`]),
  ];
}

function missing(name: string, all: readonly Restore[]): Finding {
  return {
    kind: 'hand-over',
    reason: `the restore ${name} does not exist.${suggestion(
      name,
      all.map((one) => one.name),
    )}`,
    hints: ['All of them: velero restore get'],
  };
}

async function atSource(kube: Prober, failed: Restore): Promise<Finding | undefined> {
  const found = await kube.find(backupRef(failed.namespace, failed.backup));
  const backup = found && readBackup(found);
  if (backup === undefined || !isRestorable(backup.phase))
    return { kind: 'hand-over', reason: `the backup ${failed.backup} cannot be restored from any more`, hints: ['Take another one: velero backup get'] };
  const location = chooseLocation((await kube.list(locationsQuery(failed.namespace))).map(readLocation), backup.storage);
  return storageObstacle(location && { ...location, readOnly: false }, { name: backup.storage });
}

async function pendingClaims(kube: Prober, failed: Restore): Promise<readonly string[]> {
  const targets = [...new Set(namespacesOf(failed.spec).values())];
  const lists = await Promise.all(targets.map((namespace) => kube.list({ ...CLAIMS, namespace, labelSelector: broughtBy(failed.name) })));
  return lists.flat().flatMap(({ metadata, ...rest }) => (phaseOf(rest) === 'Pending' ? [`${metadata.namespace ?? ''}/${metadata.name}`] : []));
}

const Status = z.looseObject({ status: z.looseObject({ phase: z.string().optional() }).optional() });
const phaseOf = (object: unknown): string => Status.safeParse(object).data?.status?.phase ?? '';
