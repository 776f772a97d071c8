import { redact } from '../domain/redact.ts';
import type { Backup } from '../domain/velero/backup.ts';
import { volumeBackupsQuery } from '../domain/velero/kinds.ts';
import { logDigest } from '../domain/velero/log-digest.ts';
import { readResults } from '../domain/velero/results.ts';
import { failedVolumeMessages, readVolumeBackup } from '../domain/velero/volume-backup.ts';
import { cut } from '../model/cut.ts';
import { errorText, SalvorError } from '../model/error.ts';
import type { Prober } from '../port/kube.ts';

/** Logs of large backups have hundreds of MB; their begin is enough for the digest. */
const MOST_BYTES = 4 * 1024 * 1024;
const MOST_LINES = 8;
const LINE_LENGTH = 300;

/** What Velero and its node agents wrote about a backup that failed. */
export type FailureFiles = {
  readonly errors: readonly string[];
  readonly volumes: readonly string[];
  readonly evidence: readonly string[];
  /** Which files could not be read, and why. */
  readonly missing: readonly string[];
  /** Why they may be read later. */
  readonly away?: string | undefined;
};
export const NO_FILES: FailureFiles = { errors: [], volumes: [], evidence: [], missing: [] };

/** What Velero wrote about the failure: its results; its log where they are empty; and the messages of the volume copies. */
export async function readFailureFiles(kube: Prober, failed: Pick<Backup, 'namespace' | 'name'>): Promise<FailureFiles> {
  const { namespace, name } = failed;
  const copies = await kube.list(volumeBackupsQuery(namespace, name)).catch(noSuchKind);
  const volumes = failedVolumeMessages(copies.map(readVolumeBackup));
  const results = await fetchFile(kube, { namespace, kind: 'BackupResults', name });
  const errors = results.text === undefined ? [] : (readResults(results.text)?.errors ?? []);
  if (errors.length > 0) return { errors, volumes, evidence: lines([...errors, ...volumes]), missing: [] };

  const log = await fetchFile(kube, { namespace, kind: 'BackupLog', name });
  const digest = logDigest(log.text ?? '');
  const missing = [results.missing, log.missing].flatMap((reason) => reason ?? []);
  return {
    errors: digest.filter(({ level }) => level === 'error').map(({ text }) => text),
    volumes,
    evidence: [...lines([...volumes, ...digest.map(({ level, text }) => `${level}: ${text}`)]), ...missing],
    missing,
    away: results.away ?? log.away,
  };
}

/** One file of a backup or restore; why it cannot be had, where it cannot. `away`: it may be had later. */
export async function fetchFile(
  kube: Pick<Prober, 'download'>,
  target: { readonly namespace: string; readonly kind: string; readonly name: string },
): Promise<{ readonly text?: string; readonly missing?: string; readonly away?: string }> {
  try {
    const file = await kube.download({ ...target, limitBytes: MOST_BYTES });
    return file === undefined ? { missing: `${target.kind} is not in the storage` } : { text: file.text };
  } catch (error) {
    if (!(error instanceof SalvorError)) throw error;
    const why = cut(redact(errorText(error)), LINE_LENGTH);
    const missing = `${target.kind} cannot be fetched: ${why}`;
    if (error.code === 'storage.unavailable' && error.retry === 'later') return { missing, away: why };
    // The API server itself is in trouble: that says nothing about the file. A request that Velero leaves unanswered is a timeout.
    if (error.retry !== 'never' && error.code !== 'kube.timeout') throw error;
    return { missing };
  }
}

const lines = (found: readonly string[]): readonly string[] => [...new Set(found.map((line) => cut(redact(line), LINE_LENGTH)))].slice(0, MOST_LINES);

/** For `catch`: a cluster that does not serve a kind has none of it. */
export function noSuchKind(error: unknown): readonly never[] {
  if (error instanceof SalvorError && (error.code === 'kube.not-found' || error.code === 'kube.unknown-kind')) return [];
  throw error;
}
