import { diagnosis, type Finding, z } from '../src/action/contract.ts';
import { fetchFile } from '../src/action/failure-files.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { DOWNLOAD_NEEDS } from '../src/domain/velero/asking-needs.ts';
import { readBackup } from '../src/domain/velero/backup.ts';
import { backupRef, DEFAULT_NAMESPACE } from '../src/domain/velero/kinds.ts';
import { logDigest } from '../src/domain/velero/log-digest.ts';
import { isTerminal } from '../src/domain/velero/phase.ts';
import { progressText } from '../src/domain/velero/second-try.ts';
import { counted } from '../src/model/counted.ts';

const Name = z.string().refine(isDnsSubdomain, 'expected the name of a Kubernetes object');

/** The lines of a backup's log that say something went wrong, each once, short, without secrets. The whole of it is for the command line. */
export const backupLogs = diagnosis({
  id: 'backup.logs',
  summary: 'Say what went wrong in a backup, by its log',
  needs: ['get backups.velero.io', ...DOWNLOAD_NEEDS],
  timeoutMs: 120_000,
  params: z.strictObject({ backup: Name, namespace: Name.default(DEFAULT_NAMESPACE) }),
  facts: z.strictObject({ backup: z.string(), phase: z.string().optional(), errors: z.number().optional(), warnings: z.number().optional() }),

  async run({ params, kube }) {
    const { namespace, backup: name } = params;
    const told = (
      reason: string,
      evidence: readonly string[] = [],
      facts: { readonly phase?: string; readonly errors?: number; readonly warnings?: number } = {},
    ) => {
      const finding: Finding = { kind: 'act', reason };
      return { finding, facts: { backup: name, ...facts }, evidence: [reason, ...evidence] };
    };
    const found = await kube.find(backupRef(namespace, name));
    if (found === undefined) return told(`there is no backup ${name}`, ['Look at the names: velero backup get']);
    const backup = readBackup(found);
    const { phase } = backup;
    if (!isTerminal(phase)) return told(`${name} is ${progressText(backup)}: its log is written at its end`, [], { phase });
    if (phase === 'FailedValidation') return told(`${name} never began, so it has no log: ${backup.validationErrors.join('; ')}`, [], { phase });

    const log = await fetchFile(kube, { namespace, kind: 'BackupLog', name });
    if (log.text === undefined) return told(`the log of ${name} cannot be had: ${log.missing ?? 'it is empty'}`, [], { phase });
    const digest = logDigest(log.text);
    const count = (level: string): number => digest.filter((line) => line.level === level).length;
    const facts = { phase, errors: count('error'), warnings: count('warning') };
    const reason =
      digest.length === 0
        ? `the log of ${name} (${phase}) has no error and no warning`
        : `the log of ${name} (${phase}) has ${counted(facts.errors, 'error')} and ${counted(facts.warnings, 'warning')} that differ`;
    return told(reason, [...digest.map(({ level, text }) => `${level}: ${text}`), `The whole log: velero -n ${namespace} backup logs ${name}`], facts);
  },
});
