import type { Finding } from '../../../model/finding.ts';
import { suggestion } from '../../../model/problem.ts';
import { isLike } from '../../like.ts';
import { type Backup, newestFirst } from '../backup.ts';
import { isGood, isQueued, isRestorable, isRunning } from '../phase.ts';
import { PATIENCE, progressText } from '../second-try.ts';
import { timeText } from '../time-text.ts';

type Wanted = {
  /** By name, if somebody chose one. */
  readonly name?: string | undefined;
  readonly source: string;
  /** Only backups whose content was taken before this. */
  readonly beforeMs?: number | undefined;
};
export type Chosen = { readonly backup: Backup } | { readonly finding: Finding };

/**
 * The backup to restore from: the one that is named; else the newest Completed one that was asked to hold the namespace, and only where there is none, the
 * newest partial one. What is not usable says why, and which one is.
 */
export function chooseBackup(all: readonly Backup[], wanted: Wanted): Chosen {
  const { name, source } = wanted;
  return name === undefined ? newestOf(all, wanted) : named(all, { name, source });
}

function named(all: readonly Backup[], { name, source }: { readonly name: string; readonly source: string }): Chosen {
  const backup = all.find((one) => one.name === name);
  const usable = newestFirst(all.filter((one) => isRestorable(one.phase) && asksFor(one, source)));
  const instead = usable[0] === undefined ? `No backup of ${source} can be restored` : `The newest of ${source} that can be restored: ${usable[0].name}`;
  if (backup === undefined) {
    const hint = suggestion(
      name,
      newestFirst(all).map((one) => one.name),
    ).trim();
    return {
      finding: {
        kind: 'hand-over',
        reason: `the backup ${name} does not exist${hint === '' ? '' : `. ${hint}`}`,
        hints: [instead, 'All of them: velero backup get'],
      },
    };
  }
  if (isRunning(backup.phase) || isQueued(backup.phase))
    return { finding: { kind: 'wait', reason: `${name} is ${progressText(backup)}: waiting for its end`, ...PATIENCE.running } };
  if (isRestorable(backup.phase)) return { backup };
  return { finding: { kind: 'hand-over', reason: `${name} is ${backup.phase}: nothing can be restored from it`, hints: [instead] } };
}

function newestOf(all: readonly Backup[], { source, beforeMs }: Wanted): Chosen {
  const usable = newestFirst(all.filter((one) => isRestorable(one.phase) && asksFor(one, source) && (beforeMs === undefined || one.madeMs < beforeMs)));
  const backup = usable.find(({ phase }) => isGood(phase)) ?? usable[0];
  if (backup !== undefined) return { backup };
  const when = beforeMs === undefined ? '' : ` from before ${timeText(beforeMs)}`;
  const namespaces = [...new Set(all.filter((one) => isRestorable(one.phase)).flatMap(included))].sort();
  const near = namespaces.length === 0 ? '' : suggestion(source, namespaces).trim();
  const hints = [...(near === '' ? [] : [`Namespaces that backups are made of: ${near}`]), 'Look at what there is: velero backup get'];
  return { finding: { kind: 'hand-over', reason: `no backup of ${source}${when} can be restored`, hints } };
}

const names = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []);
const included = ({ spec }: Backup): readonly string[] => names(spec.includedNamespaces);

/** Whether its spec asks for this namespace; what it really holds, its list of resources says. */
export function asksFor({ spec }: Pick<Backup, 'spec'>, namespace: string): boolean {
  const wanted = names(spec.includedNamespaces);
  const left = names(spec.excludedNamespaces);
  return (wanted.length === 0 || wanted.some((pattern) => isLike(namespace, pattern))) && !left.some((pattern) => isLike(namespace, pattern));
}
