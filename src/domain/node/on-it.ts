import { counted } from '../../model/counted.ts';
import { type Budget, budgetsOf } from '../pod/budget.ts';
import { budgetText } from '../pod/drain-plan.ts';
import { lastBackups, lastBackupText } from '../pod/last-backup.ts';
import type { Pod } from '../pod/pod.ts';
import type { Backup } from '../velero/backup.ts';
import { isWork } from './by-itself.ts';

/** What hangs on a node: its pods, the budgets of the cluster, the volumes attached to it, and every backup; undefined: Velero cannot be asked. */
export type OnIt = {
  readonly pods: readonly Pod[];
  readonly budgets: readonly Budget[];
  readonly volumes: number;
  readonly backups?: readonly Backup[];
  readonly nowMs: number;
};

/** What runs on the node and what a move of it would meet, one line each. */
export function onItLines({ pods, budgets, volumes, backups, nowMs }: OnIt): readonly string[] {
  const work = pods.filter(isWork);
  const kinds = [
    { of: 'of DaemonSets', all: pods.filter(({ owner }) => owner?.kind === 'DaemonSet') },
    { of: 'static', all: pods.filter(({ isMirror }) => isMirror) },
    { of: 'without a controller', all: work.filter(({ owner }) => owner === undefined) },
    { of: 'with data on the node', all: work.filter(({ emptyDirs, hostPaths }) => emptyDirs.length + hostPaths.length > 0) },
  ].flatMap(({ of, all }) => (all.length === 0 ? [] : [`${all.length} ${of}`]));
  const tight = budgets.filter((budget) => budget.allowed === 0 && work.some((pod) => budgetsOf(pod, [budget]).length > 0));
  return [
    `on it: ${counted(work.length, 'pod')} that would have to move${kinds.length === 0 ? '' : `; ${kinds.join(', ')}`}${volumes === 0 ? '' : `; ${counted(volumes, 'volume')} attached`}`,
    ...tight.map((budget) => `a budget lets none of its pods go now: ${budgetText(budget)}`),
    ...(backups === undefined ? [] : lastBackups(work, backups, nowMs).map(lastBackupText)),
  ];
}
