import type { JsonObject } from '../../model/json.ts';
import type { Clock } from '../../port/clock.ts';
import type { Ids } from '../../port/ids.ts';
import { suffix } from '../ids.ts';
import { numberAt, patchStatus, textAt, timestamp, type WorldObject } from '../object.ts';
import { change, type Objects } from '../objects.ts';
import { takesRoom } from './demand.ts';
import { POD } from './kinds.ts';
import { isLeaving, podDraft, podsOf } from './owned.ts';

export type JobManner = { readonly name: string; readonly outcome: 'completed' | 'failed' | 'stuck'; readonly takes?: number | undefined };
type Place = { readonly objects: Objects; readonly clock: Clock; readonly ids: Ids; readonly jobs: () => readonly JobManner[] };

const TAKES_MS = 2_000;

/** A Job makes its pod, and another one where that is taken away before its work is done. */
export function keepJob({ objects, clock, ids, jobs }: Place, job: WorldObject): void {
  if (isOver(job) || isLeaving(job) || job['spec'] === undefined) return;
  const pods = podsOf(objects, job);
  if (pods.some((pod) => takesRoom(pod) && !isLeaving(pod))) return;
  const { name } = job.metadata;
  const isFirst = numberAt(job, 'status', 'active') === undefined && pods.length === 0;
  const labels = { 'job-name': name, 'batch.kubernetes.io/job-name': name };
  const pod = objects.insert(POD, podDraft(job, isFirst ? `${name}-0` : `${name}-${suffix(ids)}`, { labels }));
  change(objects, job, (one) => patchStatus(one, { active: 1, startTime: textAt(one, 'status', 'startTime') || timestamp(clock.nowMs()) }));
  const manner = jobs().find((one) => name.startsWith(one.name));
  if (manner?.outcome === 'stuck') return;
  clock.after(manner?.takes ?? TAKES_MS, () => end({ objects, clock }, { job, pod, works: manner?.outcome !== 'failed' }));
}

type Ending = { readonly job: WorldObject; readonly pod: WorldObject; readonly works: boolean };

/** Jobs end as the scenario says, if their pod is still there to do it. */
function end({ objects, clock }: Pick<Place, 'objects' | 'clock'>, { job, pod, works }: Ending): void {
  const ran = objects.find(POD, pod.metadata.namespace, pod.metadata.name);
  if (ran === undefined || ran.metadata.uid !== pod.metadata.uid || isLeaving(ran)) return;
  const now = timestamp(clock.nowMs());
  const why: JsonObject = works ? {} : { reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' };
  const condition = { type: works ? 'Complete' : 'Failed', status: 'True', lastTransitionTime: now, ...why };
  const done = works ? { succeeded: 1, completionTime: now } : { failed: 1 };
  change(objects, job, (one) => patchStatus(one, { ...done, active: undefined, conditions: [condition] }));
  change(objects, ran, (one) => patchStatus(one, { phase: works ? 'Succeeded' : 'Failed' }));
}

function isOver(job: WorldObject): boolean {
  return (numberAt(job, 'status', 'succeeded') ?? 0) + (numberAt(job, 'status', 'failed') ?? 0) > 0;
}
