import { z } from 'zod';
import type { KubeObject } from '../model/object.ts';
import { count, text, timeMs } from './lenient.ts';

/** What a component of the cluster told about an object. */
export type Told = { readonly reason: string; readonly message: string; readonly isWarning: boolean; readonly count: number; readonly atMs: number };

const Parts = z.looseObject({
  type: text,
  reason: text,
  message: text,
  count,
  eventTime: text,
  lastTimestamp: text,
  series: z.looseObject({ count, lastObservedTime: text }).optional().catch(undefined),
});

/** An Event as either of its two APIs writes it. */
export function readEvent(found: KubeObject): Told {
  const { type, reason = '', message = '', count: times, eventTime, lastTimestamp, series } = Parts.parse(found);
  const written = series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? found.metadata.creationTimestamp;
  return { reason, message, isWarning: type === 'Warning', count: series?.count ?? times ?? 1, atMs: timeMs(written) ?? 0 };
}

/** The newest warnings first, then the rest. */
export function newestWarnings(events: readonly Told[]): readonly Told[] {
  return [...events].sort((a, b) => Number(b.isWarning) - Number(a.isWarning) || b.atMs - a.atMs);
}
