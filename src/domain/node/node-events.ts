import { z } from 'zod';
import type { KubeObject } from '../../model/object.ts';
import { text, timeMs } from '../lenient.ts';

const Parts = z.looseObject({
  reason: text,
  involvedObject: z.looseObject({ kind: text, name: text }).optional().catch(undefined),
  lastTimestamp: z.string().nullish().catch(undefined),
  eventTime: z.string().nullish().catch(undefined),
});

/** What happened to these nodes since a moment, most common first: `NodeNotReady on 6`. */
export function eventReasons(events: readonly KubeObject[], names: ReadonlySet<string>, sinceMs: number): readonly string[] {
  const nodesOf = new Map<string, Set<string>>();
  for (const event of events) {
    const { reason, involvedObject, lastTimestamp, eventTime } = Parts.parse(event);
    const name = involvedObject?.kind === 'Node' ? (involvedObject.name ?? '') : '';
    const atMs = timeMs(lastTimestamp ?? eventTime ?? event.metadata.creationTimestamp) ?? 0;
    if (reason === undefined || !names.has(name) || atMs < sinceMs) continue;
    nodesOf.set(reason, (nodesOf.get(reason) ?? new Set()).add(name));
  }
  return [...nodesOf].sort(([, a], [, b]) => b.size - a.size).map(([reason, nodes]) => `${reason} on ${nodes.size}`);
}
