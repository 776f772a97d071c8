import { counted } from '../../model/counted.ts';
import { formatDuration } from '../../model/duration.ts';
import { type Budget, budgetsOf } from '../pod/budget.ts';
import { budgetText, names } from '../pod/drain-plan.ts';
import { type Pod, podName } from '../pod/pod.ts';
import { type Backup, newestFirst, overMs } from '../velero/backup.ts';
import { isGood } from '../velero/phase.ts';
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
    ...(backups === undefined ? [] : backupLines(work, backups, nowMs)),
  ];
}

/** How old the newest good backup of each namespace is whose pods here have volumes. */
function backupLines(work: readonly Pod[], backups: readonly Backup[], nowMs: number): readonly string[] {
  const keeping = work.filter(({ claims }) => claims.length > 0);
  return [...Map.groupBy(keeping, ({ namespace }) => namespace)].map(([namespace, pods]) => {
    const good = newestFirst(backups).find((backup) => isGood(backup.phase) && covers(backup, namespace));
    if (good === undefined) return `there is no good backup of ${namespace}, of which ${names(pods.map(podName))} keeps data in volumes`;
    return `the last good backup of ${namespace} is ${formatDuration(Math.max(0, nowMs - overMs(good)))} old: ${good.name}`;
  });
}

function covers({ spec }: Backup, namespace: string): boolean {
  const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
  const included = list(spec['includedNamespaces']);
  if (list(spec['excludedNamespaces']).includes(namespace)) return false;
  return included.length === 0 || included.includes('*') || included.includes(namespace);
}
