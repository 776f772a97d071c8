import { diagnosis, type Finding, z } from '../src/action/contract.ts';
import { fetchFile, noSuchKind } from '../src/action/failure-files.ts';
import { listMoves } from '../src/action/velero-lists.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { redact } from '../src/domain/redact.ts';
import { DOWNLOAD_NEEDS } from '../src/domain/velero/asking-needs.ts';
import { overMs, readBackup } from '../src/domain/velero/backup.ts';
import { countKinds, namespacesOf, readVolumeInfos, volumeLines } from '../src/domain/velero/backup-files.ts';
import { failureText } from '../src/domain/velero/backup-proof.ts';
import { backupsQuery, DEFAULT_NAMESPACE, DELETION_REQUEST, LABEL, labelValue } from '../src/domain/velero/kinds.ts';
import { isMoving, movesOf } from '../src/domain/velero/movement.ts';
import { isFailure, isRestorable, isTerminal } from '../src/domain/velero/phase.ts';
import { readResults } from '../src/domain/velero/results.ts';
import { progressText } from '../src/domain/velero/second-try.ts';
import { timeText } from '../src/domain/velero/time-text.ts';
import { counted } from '../src/model/counted.ts';
import { cut } from '../src/model/cut.ts';
import { formatDuration } from '../src/model/duration.ts';
import { formatBytes } from '../src/model/when.ts';

const Name = z.string().refine(isDnsSubdomain, 'expected the name of a Kubernetes object');
const MOST_KINDS = 8;
const MOST_LINES = 12;
const LINE_LENGTH = 300;

/**
 * What `velero backup describe --details` tells, for people in a chat: its end, what is in it, which volumes, its errors, whether it is about to go.
 * Never the objects themselves: they hold every Secret.
 */
export const backupDescribe = diagnosis({
  id: 'backup.describe',
  summary: 'Say what a backup holds and how it ended',
  needs: ['list backups.velero.io', 'list podvolumebackups.velero.io', 'list deletebackuprequests.velero.io', ...DOWNLOAD_NEEDS],
  optional: ['list datauploads.velero.io'],
  timeoutMs: 180_000,
  params: z.strictObject({ backup: Name, namespace: Name.default(DEFAULT_NAMESPACE) }),
  facts: z.strictObject({
    backup: z.string(),
    phase: z.string().optional(),
    schedule: z.string().optional(),
    madeMs: z.number().optional(),
    items: z.number().optional(),
    errors: z.number().optional(),
    warnings: z.number().optional(),
    volumes: z.number().optional(),
    volumesMissing: z.number().optional(),
    expiresMs: z.number().optional(),
  }),

  async run({ params, kube, nowMs }) {
    const { namespace, backup: name } = params;
    const all = (await kube.list(backupsQuery(namespace))).map(readBackup);
    const backup = all.find((one) => one.name === name);
    if (backup === undefined) {
      const near = all.filter((one) => one.name.startsWith(name.slice(0, 4))).slice(0, 5);
      const finding: Finding = {
        kind: 'act',
        reason: `there is no backup ${name}${near.length === 0 ? '' : `; there are ${near.map((one) => one.name).join(', ')}`}`,
      };
      return { finding, facts: { backup: name }, evidence: [finding.reason] };
    }
    const { moves, missing } = await listMoves(kube, namespace);
    const own = movesOf(moves, name);
    const requests = await kube.list({ ...DELETION_REQUEST, namespace, labelSelector: `${LABEL.backup}=${labelValue(name)}` }).catch(noSuchKind);
    // Velero writes the files at the end.
    const fetchOne = (kind: string) =>
      isRestorable(backup.phase) ? fetchFile(kube, { namespace, kind, name }) : Promise.resolve({ text: undefined, missing: undefined });
    const [list, volumes, results] = [await fetchOne('BackupResourceList'), await fetchOne('BackupVolumeInfos'), await fetchOne('BackupResults')];
    const kinds = list.text === undefined ? undefined : countKinds(list.text);
    const infos = volumes.text === undefined ? undefined : readVolumeInfos(volumes.text);
    const said = results.text === undefined ? undefined : readResults(results.text);

    const took = isTerminal(backup.phase) ? `, took ${formatDuration(overMs(backup) - backup.madeMs)}` : '';
    const state = isFailure(backup.phase) ? failureText(backup) : `${name} ${isTerminal(backup.phase) ? `is ${backup.phase}` : `is ${progressText(backup)}`}`;
    const finding: Finding = { kind: 'act', reason: `${state}: ${counted(backup.items.total, 'item')}${took}` };
    const moving = own.filter(isMoving);
    return {
      finding,
      facts: {
        backup: name,
        phase: backup.phase,
        schedule: backup.schedule,
        madeMs: backup.madeMs,
        items: backup.items.total,
        errors: backup.errors,
        warnings: backup.warnings,
        volumes: infos?.length ?? backup.volumes.attempted + own.length,
        volumesMissing: infos?.filter(({ result, skipped }) => result === 'failed' || skipped !== undefined).length,
        expiresMs: backup.expiresMs,
      },
      evidence: [
        finding.reason,
        `made ${timeText(backup.madeMs)} (${formatDuration(nowMs - backup.madeMs)} ago) ${backup.schedule === undefined ? 'by hand' : `by the schedule ${backup.schedule}`}, in "${backup.storage ?? 'no storage'}"`,
        expiryText(backup.expiresMs, nowMs),
        ...(list.text === undefined || kinds === undefined ? [] : [`of ${namespacesOf(list.text).join(', ') || 'no namespace'}: ${kindsText(kinds)}`]),
        ...(infos === undefined ? [] : volumeLines(infos)),
        ...moving.map(
          ({ volume, phase, node, doneBytes, totalBytes }) =>
            `volume ${volume} is ${phase}${node === '' ? '' : ` on ${node}`}: ${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`,
        ),
        ...lines('error', said?.errors),
        ...lines('warning', said?.warnings),
        ...requests.map(({ metadata }) => `its deletion is asked for by ${metadata.name}`),
        ...[list.missing, volumes.missing, results.missing, ...missing].flatMap((why) => why ?? []),
      ],
    };
  },
});

function expiryText(expiresMs: number | undefined, nowMs: number): string {
  if (expiresMs === undefined) return 'when it expires is not known';
  return expiresMs <= nowMs ? `expired ${timeText(expiresMs)}: it is deleted at the next look` : `kept until ${timeText(expiresMs)}`;
}

function kindsText(kinds: readonly { readonly kind: string; readonly count: number }[]): string {
  const shown = kinds.slice(0, MOST_KINDS).map(({ kind, count }) => `${count} ${kind}`);
  return [...shown, ...(kinds.length > MOST_KINDS ? [`${kinds.length - MOST_KINDS} kinds more`] : [])].join(', ');
}

function lines(what: string, found: readonly string[] = []): readonly string[] {
  const shown = found.slice(0, MOST_LINES).map((line) => `${what}: ${cut(redact(line), LINE_LENGTH)}`);
  return found.length > MOST_LINES ? [...shown, `${found.length - MOST_LINES} more ${what}s`] : shown;
}
