import type { JsonObject } from '../../model/json.ts';
import type { Clock } from '../../port/clock.ts';
import type { Ids } from '../../port/ids.ts';
import { beginDeletion } from '../api/remove.ts';
import { suffix } from '../ids.ts';
import { at, listAt, patchStatus, textAt, type WorldObject } from '../object.ts';
import { change, type Objects } from '../objects.ts';
import { isTrue } from './conditions.ts';
import { takesRoom } from './demand.ts';
import { NODE, POD } from './kinds.ts';
import { nodeIsChosen } from './node-fit.ts';
import { isLeaving, podDraft, podsOf } from './owned.ts';
import { tolerates } from './taints.ts';

type Place = { readonly objects: Objects; readonly clock: Clock; readonly ids: Ids };

const PRESSURES = ['disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable'];
/** What the controller lets its pods put up with, beside what their template says. */
export const TOLERATIONS: readonly JsonObject[] = [
  ...['not-ready', 'unreachable'].map((state) => ({ effect: 'NoExecute', key: `node.kubernetes.io/${state}`, operator: 'Exists' })),
  ...PRESSURES.map((state) => ({ effect: 'NoSchedule', key: `node.kubernetes.io/${state}`, operator: 'Exists' })),
];

/** A pod of a DaemonSet for one node: it is bound there by an affinity to the node's name. */
export function daemonDraft(set: WorldObject, name: string, node: string) {
  const term = { matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] };
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } } };
  const tolerations = [...listAt(set, 'spec', 'template', 'spec', 'tolerations'), ...TOLERATIONS];
  return podDraft(set, name, { spec: { affinity, tolerations } });
}

/** A pod on each node that it fits, cordoned and lost ones, too; none where the template is not known. */
export function keepDaemonSet({ objects, clock, ids }: Place, set: WorldObject): void {
  if (at(set, 'spec', 'template', 'spec') === undefined) return;
  const byNode = Map.groupBy(podsOf(objects, set), nodeOf);
  const fitting = objects.all(NODE).filter((node) => fits(set, node));
  for (const { metadata } of fitting) {
    const own = byNode.get(metadata.name) ?? [];
    for (const pod of own) if (!takesRoom(pod) && !isLeaving(pod)) beginDeletion({ objects, clock }, pod, { kind: POD });
    if (own.length === 0 && !isLeaving(set)) objects.insert(POD, daemonDraft(set, `${set.metadata.name}-${suffix(ids)}`, metadata.name));
  }
  const ready = [...byNode.values()].flat().filter((pod) => isTrue(pod, 'Ready') && !isLeaving(pod)).length;
  const counts = { currentNumberScheduled: byNode.size, desiredNumberScheduled: fitting.length, numberMisscheduled: 0, updatedNumberScheduled: byNode.size };
  const served = { numberReady: ready, numberAvailable: ready, observedGeneration: set.metadata.generation ?? 1 };
  change(objects, set, (one) => patchStatus(one, { ...counts, ...served }));
}

/** The node that a pod of a DaemonSet is on, or is for. */
function nodeOf(pod: WorldObject): string {
  const [term] = listAt(pod, 'spec', 'affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms');
  const [wanted] = listAt(listAt(term, 'matchFields')[0], 'values');
  return textAt(pod, 'spec', 'nodeName') || (typeof wanted === 'string' ? wanted : '');
}

function fits(set: WorldObject, node: WorldObject): boolean {
  const { metadata } = set;
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: at(set, 'spec', 'template', 'spec') ?? {} };
  const tolerations = [...listAt(pod, 'spec', 'tolerations'), ...TOLERATIONS];
  const keeping = listAt(node, 'spec', 'taints').filter((taint) => textAt(taint, 'effect') !== 'PreferNoSchedule');
  const isLost = (key: string): boolean => ['node.kubernetes.io/unreachable', 'node.kubernetes.io/not-ready'].includes(key);
  return nodeIsChosen(pod, node) && keeping.every((taint) => isLost(textAt(taint, 'key')) || tolerations.some((one) => tolerates(one, taint)));
}
