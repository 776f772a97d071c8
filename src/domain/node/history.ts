import { z } from 'zod';
import type { KubeObject } from '../../model/object.ts';
import { count, text, timeMs } from '../lenient.ts';

/** What the events of one node tell; they are kept for an hour as a rule. */
export type History = {
  /** How often it was lost lately. */
  readonly lost: number;
  readonly rebootedMs?: number;
};

const Parts = z.looseObject({
  reason: text,
  count,
  lastTimestamp: z.string().nullish().catch(undefined),
  eventTime: z.string().nullish().catch(undefined),
});

/** `withinMs`: what is older is left out. */
export function readHistory(events: readonly KubeObject[], { nowMs, withinMs }: { readonly nowMs: number; readonly withinMs: number }): History {
  const recent = events
    .map((event) => {
      const { reason, count: times = 1, lastTimestamp, eventTime } = Parts.parse(event);
      return { reason, times: Math.max(1, times), atMs: timeMs(lastTimestamp ?? eventTime ?? event.metadata.creationTimestamp) ?? 0 };
    })
    .filter(({ atMs }) => nowMs - atMs <= withinMs);
  const rebooted = recent.filter(({ reason }) => reason === 'Rebooted').map(({ atMs }) => atMs);
  const lost = recent.filter(({ reason }) => reason === 'NodeNotReady').reduce((sum, { times }) => sum + times, 0);
  return { lost, ...(rebooted.length === 0 ? {} : { rebootedMs: Math.max(...rebooted) }) };
}
