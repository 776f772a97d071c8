import { formatDuration } from '../../model/duration.ts';
import { type Backup, newestFirst, overMs } from '../velero/backup.ts';
import { isGood } from '../velero/phase.ts';
import { names } from './drain-plan.ts';
import { type Pod, podName } from './pod.ts';

/** How old the newest good backup of a namespace is whose pods keep data in volumes. */
export type LastBackup = { readonly namespace: string; readonly pods: readonly Pod[]; readonly name?: string; readonly ageMs: number };

/** One for each namespace of pods with volumes; `ageMs` is Infinity where there is no good backup. */
export function lastBackups(work: readonly Pod[], backups: readonly Backup[], nowMs: number): readonly LastBackup[] {
  const keeping = work.filter(({ claims }) => claims.length > 0);
  return [...Map.groupBy(keeping, ({ namespace }) => namespace)].map(([namespace, pods]) => {
    const good = newestFirst(backups).find((backup) => isGood(backup.phase) && covers(backup, namespace));
    return good === undefined
      ? { namespace, pods, ageMs: Number.POSITIVE_INFINITY }
      : { namespace, pods, name: good.name, ageMs: Math.max(0, nowMs - overMs(good)) };
  });
}

export function lastBackupText({ namespace, pods, name, ageMs }: LastBackup): string {
  if (name === undefined) return `there is no good backup of ${namespace}, of which ${names(pods.map(podName))} keeps data in volumes`;
  return `the last good backup of ${namespace} is ${formatDuration(ageMs)} old: ${name}`;
}

function covers({ spec }: Backup, namespace: string): boolean {
  const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
  const included = list(spec['includedNamespaces']);
  if (list(spec['excludedNamespaces']).includes(namespace)) return false;
  return included.length === 0 || included.includes('*') || included.includes(namespace);
}
