import { z } from 'zod';
import type { KubeObject } from '../../model/object.ts';
import { count, text, timeMs } from '../lenient.ts';

/** The lease of a kubelet or of a controller. Its holder renews it every few seconds, by its holder's own clock. */
export type Lease = { readonly namespace: string; readonly name: string; readonly renewedMs?: number; readonly durationMs: number };

const Parts = z.looseObject({ spec: z.looseObject({ renewTime: text, leaseDurationSeconds: count }).optional().catch(undefined) });
const DEFAULT_SECONDS = 40;

export function readLease(found: KubeObject): Lease {
  const { spec } = Parts.parse(found);
  const renewedMs = timeMs(spec?.renewTime);
  const { namespace = '', name } = found.metadata;
  return { namespace, name, ...(renewedMs === undefined ? {} : { renewedMs }), durationMs: (spec?.leaseDurationSeconds ?? DEFAULT_SECONDS) * 1000 };
}
