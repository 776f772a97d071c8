import { counted } from '../../model/counted.ts';
import { workloadName } from '../node/loss.ts';
import type { Pod } from './pod.ts';

/** Pods that should serve and do not, where nodes are no reason for it: whose they are, and what they wait for, most first. */
export function downLines(pods: readonly Pod[]): readonly string[] {
  const down = pods.filter((pod) => !pod.isReady && !pod.isFinished && pod.deletionMs === undefined);
  const byWorkload = [...Map.groupBy(down, workloadName)].toSorted(([, a], [, b]) => b.length - a.length);
  const reasons = new Map<string, number>();
  for (const { containers } of down)
    for (const { waiting } of containers)
      if (waiting !== undefined && waiting.reason !== '') reasons.set(waiting.reason, (reasons.get(waiting.reason) ?? 0) + 1);
  const why = [...reasons].toSorted(([, a], [, b]) => b - a).map(([reason, count]) => `${reason} (${count})`);
  return [
    `every node is well, and ${counted(down.length, 'pod')} of ${counted(byWorkload.length, 'workload')} ${down.length === 1 ? 'does' : 'do'} not serve: no node is the cause`,
    ...(byWorkload.length === 0
      ? []
      : [
          `most of them: ${byWorkload
            .slice(0, 8)
            .map(([name, all]) => `${name} (${all.length})`)
            .join(', ')}`,
        ]),
    ...(why.length === 0 ? [] : [`their containers wait: ${why.join(', ')}`]),
  ];
}

export const DOWN_HINTS: readonly string[] = [
  'Look at what changed for them: kubectl rollout history, a ConfigMap or Secret, an image tag, a quota, a network policy',
  'Look at what they share: one dependency that is away (database, DNS, registry, storage) fails all that need it',
  'They were not restarted: so many at once do not heal by it. One alone: salvor run pod-restart',
];
