import type { Json } from '../../model/json.ts';
import { at, listAt, numberAt, objectAt, textAt, texts } from '../object.ts';

const ROLE = 'node-role.kubernetes.io/';

/** `Ready`, `NotReady,SchedulingDisabled`. */
export function nodeState(node: Json): string {
  const ready = listAt(node, 'status', 'conditions').some((one) => textAt(one, 'type') === 'Ready' && textAt(one, 'status') === 'True');
  return `${ready ? 'Ready' : 'NotReady'}${at(node, 'spec', 'unschedulable') === true ? ',SchedulingDisabled' : ''}`;
}

export function nodeRoles(node: Json): string {
  const roles = Object.keys(objectAt(node, 'metadata', 'labels')).flatMap((label) => (label.startsWith(ROLE) ? [label.slice(ROLE.length)] : []));
  return roles.sort().join(',') || '<none>';
}

/** `1/2`: containers that are ready, of how many. */
export function podReady(pod: Json): string {
  const ready = listAt(pod, 'status', 'containerStatuses').filter((one) => at(one, 'ready') === true);
  return `${ready.length}/${listAt(pod, 'spec', 'containers').length}`;
}

/** The one word that says most about a pod: why it waits or ended, that it goes, or its phase. */
export function podState(pod: Json): string {
  if (at(pod, 'metadata', 'deletionTimestamp') !== undefined) return 'Terminating';
  const reasons = listAt(pod, 'status', 'containerStatuses').flatMap((one) => [
    textAt(one, 'state', 'waiting', 'reason'),
    textAt(one, 'state', 'terminated', 'reason'),
  ]);
  const phase = textAt(pod, 'status', 'phase');
  return reasons.find((reason) => reason !== '') ?? (phase === 'Succeeded' ? 'Completed' : phase);
}

export function restarts(pod: Json): string {
  return String(listAt(pod, 'status', 'containerStatuses').reduce((sum: number, one) => sum + (numberAt(one, 'restartCount') ?? 0), 0));
}

export function containerNames(workload: Json): string {
  return containers(workload, 'name');
}

export function images(workload: Json): string {
  return containers(workload, 'image');
}

function containers(workload: Json, field: string): string {
  return listAt(workload, 'spec', 'template', 'spec', 'containers')
    .map((one) => textAt(one, field))
    .join(',');
}

export function selectorText(workload: Json): string {
  const labels = Object.entries(texts(at(workload, 'spec', 'selector', 'matchLabels')));
  return labels.map(([name, value]) => `${name}=${value}`).join(',') || '<none>';
}
