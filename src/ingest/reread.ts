import { alertProblem, clusterLabel, isRecord } from '../domain/alertmanager/body.ts';
import { allPairs } from '../domain/alertmanager/pairs.ts';
import type { Alert } from '../model/alert.ts';
import { label } from '../model/label.ts';
import { type Group, readAlert } from './alertmanager.ts';

/** What Alertmanager itself knows of a group whose webhook was cut. */
export type Reread = {
  /** Firing, and not silenced or inhibited. */
  readonly active: readonly Alert[];
  /** Identities of every alert that is still there, silenced and inhibited ones too: absence alone says that one is over. */
  readonly present: ReadonlySet<string>;
};

type Asked = { readonly cluster: string; readonly group: Group; readonly nowMs: number };

/**
 * Reads the answer of `GET /api/v2/alerts`: the alerts of one group and cluster. Undefined where the answer is not such a list,
 * so that a broken answer never ends an episode.
 */
export function parseReread(answer: unknown, asked: Asked): Reread | undefined {
  if (!Array.isArray(answer)) return undefined;
  const active: Alert[] = [];
  const present = new Set<string>();
  for (const source of answer as readonly unknown[]) {
    if (!isRecord(source) || !isRecord(source['status'])) return undefined;
    const named = clusterLabel(source);
    if ((named !== undefined && named !== asked.cluster) || !isOfGroup(source, asked.group)) continue;
    const firing = { ...source, status: 'firing' };
    if (alertProblem(firing) !== undefined) continue;
    const alert = readAlert(firing, { group: asked.group, receivedMs: asked.nowMs, clusterOf: () => ({ cluster: asked.cluster }) });
    if ('reason' in alert) continue;
    present.add(alert.labelsDigest);
    if (source['status']['state'] === 'active') active.push(alert);
  }
  return { active, present };
}

function isOfGroup(source: { readonly [name: string]: unknown }, group: Group): boolean {
  const labels = allPairs(source['labels']);
  return group.labels.every(([name, value]) => label(labels, name) === value);
}
