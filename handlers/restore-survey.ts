import { type DiagnosisAction, diagnosis, type Finding, z } from '../src/action/contract.ts';
import { DOWNLOAD_NEEDS, SERVER_NEEDS } from '../src/domain/velero/asking-needs.ts';
import { readBackup } from '../src/domain/velero/backup.ts';
import { isOneOf } from '../src/domain/velero/begun.ts';
import { backupsQuery, locationsQuery } from '../src/domain/velero/kinds.ts';
import { chooseLocation, readLocation } from '../src/domain/velero/location.ts';
import { isGood, isRestorable } from '../src/domain/velero/phase.ts';
import { chooseBackup } from '../src/domain/velero/restore/choose.ts';
import { namespacesIn, readContents } from '../src/domain/velero/restore/contents.ts';
import { failureLines } from '../src/domain/velero/restore/failure-lines.ts';
import { restoresQuery } from '../src/domain/velero/restore/kinds.ts';
import { ageText } from '../src/domain/velero/restore/notes.ts';
import { Name, restoreParams } from '../src/domain/velero/restore/params.ts';
import { isUnderWay, type Restore, readRestore, restoreFailureText, restoreProgress } from '../src/domain/velero/restore/restore.ts';
import { livesText, readOrder, wavesOf } from '../src/domain/velero/restore/waves.ts';
import { PATIENCE, serverObstacle, storageObstacle } from '../src/domain/velero/second-try.ts';
import { timeText } from '../src/domain/velero/time-text.ts';
import { counted } from '../src/model/counted.ts';
import { SalvorError } from '../src/model/error.ts';

type Prober = Parameters<DiagnosisAction['run']>[0]['kube'];

const SERVER_WITHIN_MS = 15_000;
const MOST_BYTES = 16 * 1024 * 1024;

const Facts = z.strictObject({
  namespace: z.string(),
  backup: z.string(),
  namespaces: z.number().optional(),
  live: z.number().optional(),
  waves: z.number().optional(),
});
type FactsInput = z.input<typeof Facts>;

/**
 * Whether all namespaces of a backup can be restored, in which waves, and whether this cluster lives: then it is refused unless a person says that it is meant.
 */
export const restoreSurvey = diagnosis({
  id: 'restore.survey',
  summary: 'See what restoring a whole backup would meet',
  needs: ['list backups.velero.io', 'list restores.velero.io', 'list backupstoragelocations.velero.io', ...DOWNLOAD_NEEDS, ...SERVER_NEEDS],
  everywhere: { needs: ['list namespaces'] },
  timeoutMs: 180_000,
  params: z.strictObject({
    backup: Name,
    /** `infra, certs; shop` */
    order: z.string().optional(),
    /** A person says that the cluster lives and that it is meant all the same. */
    live: z.boolean().default(false),
    namespace: restoreParams.namespace,
  }),
  facts: Facts,

  async run({ params, kube, nowMs, begun }) {
    const { namespace } = params;
    const facts: FactsInput = { namespace, backup: params.backup };
    const conclude = (finding: Finding, more: Partial<FactsInput> = {}, lines: readonly string[] = []) => ({
      finding,
      facts: { ...facts, ...more },
      evidence: [finding.reason, ...lines],
    });
    const restores = (await kube.list(restoresQuery(namespace))).map(readRestore);
    const own = restores.find((one) => isOneOf(one, begun) && !isGood(one.phase) && !isUnderWay(one));
    if (own !== undefined) return conclude(afterwards(own), {}, await failureLines(kube, own));
    const all = (await kube.list(backupsQuery(namespace))).map(readBackup);
    const backup = all.find((one) => one.name === params.backup);
    if (backup === undefined || !isRestorable(backup.phase)) {
      const chosen = chooseBackup(all, { name: params.backup, source: '' });
      return conclude('finding' in chosen ? chosen.finding : { kind: 'hand-over', reason: `${params.backup} cannot be restored`, hints: [] });
    }
    const location = chooseLocation((await kube.list(locationsQuery(namespace))).map(readLocation), backup.storage);
    const away = storageObstacle(location && { ...location, readOnly: false }, { name: backup.storage });
    if (away !== undefined) return conclude(away);
    const other = restores.find((one) => isUnderWay(one) && !isOneOf(one, begun));
    if (other !== undefined)
      return conclude({ kind: 'wait', reason: `another restore is under way: ${other.name} (${restoreProgress(other)})`, ...PATIENCE.running });
    const silent = serverObstacle(await kube.veleroServer({ namespace, withinMs: SERVER_WITHIN_MS }));
    if (silent !== undefined) return conclude(silent);

    const held = await namespacesHeld(kube, namespace, backup.name);
    if ('finding' in held) return conclude(held.finding);
    const { waves, unknown, left } = wavesOf(held.namespaces, readOrder(params.order ?? ''), namespace);
    const wanted = waves.flat();
    const there = new Set((await kube.list({ apiVersion: 'v1', kind: 'Namespace' })).map(({ metadata }) => metadata.name));
    const live = wanted.filter((one) => there.has(one));
    const found = { namespaces: wanted.length, live: live.length, waves: waves.length };
    if (unknown.length > 0) return conclude(notHeld(unknown, held.namespaces), found);
    if (wanted.length === 0)
      return conclude({ kind: 'hand-over', reason: `${backup.name} holds no namespace to restore`, hints: ['Take another one: velero backup get'] }, found);
    const lives = livesText(wanted, live);
    if (lives !== undefined && !params.live) return conclude(meant(lives), found);
    const age = `${timeText(backup.madeMs)}, ${ageText(nowMs - backup.madeMs)} old`;
    const reason = `${counted(wanted.length, 'namespace')} can be restored from ${backup.name} (${age}) in ${counted(waves.length, 'wave')}; ${live.length} of them live here`;
    const lines = [
      ...waves.map((wave, index) => `wave ${index + 1}: ${wave.join(', ')}`),
      ...(left.length === 0 ? [] : [`never restored: ${left.join(', ')}`]),
    ];
    return { ...conclude({ kind: 'act', reason }, found, lines), measured: { recoveryPointMs: backup.madeMs } };
  },
});

async function namespacesHeld(
  kube: Prober,
  namespace: string,
  name: string,
): Promise<{ readonly namespaces: readonly string[] } | { readonly finding: Finding }> {
  try {
    const file = await kube.download({ namespace, kind: 'BackupResourceList', name, limitBytes: MOST_BYTES });
    const contents = file === undefined || file.cut ? undefined : readContents(file.text);
    if (contents !== undefined) return { namespaces: namespacesIn(contents) };
    return {
      finding: {
        kind: 'hand-over',
        reason: `the list of resources of ${name} is gone or cannot be read`,
        hints: [`Look: velero backup describe ${name} --details`],
      },
    };
  } catch (error) {
    if (!(error instanceof SalvorError) || error.code !== 'storage.unavailable') throw error;
    return { finding: { kind: 'wait', reason: `what ${name} holds cannot be read now: the storage does not answer`, ...PATIENCE.storage } };
  }
}

const afterwards = (own: Restore): Finding => ({
  kind: 'hand-over',
  reason: `${restoreFailureText(own)}. The waves before it are restored, the ones after it are not begun`,
  hints: [
    `What Velero says: velero restore describe ${own.name} --details`,
    `To find out more: /dr restore failed restore=${own.name}`,
    'The rest namespace by namespace: /dr restore namespace',
  ],
});

const notHeld = (unknown: readonly string[], namespaces: readonly string[]): Finding => ({
  kind: 'hand-over',
  reason: `the order names what the backup does not hold: ${unknown.join(', ')}`,
  hints: [`It holds: ${namespaces.join(', ')}`],
});

const meant = (lives: string): Finding => ({
  kind: 'hand-over',
  reason: `${lives}. A full restore is for a cluster that was lost`,
  hints: ['One namespace: /dr restore namespace', 'If it is meant all the same: the same command with live=yes; what exists is left as it is'],
});
