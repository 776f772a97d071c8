import { z } from 'zod';
import type { KubeObject } from '../../model/object.ts';
import { text, timeMs } from '../lenient.ts';

/** The lease of a kubelet or of a controller. Its holder renews it every few seconds, by its holder's own clock. */
export type Lease = { readonly namespace: string; readonly name: string; readonly renewedMs?: number };

const Parts = z.looseObject({ spec: z.looseObject({ renewTime: text }).optional().catch(undefined) });

export function readLease(found: KubeObject): Lease {
  const renewedMs = timeMs(Parts.parse(found).spec?.renewTime);
  const { namespace = '', name } = found.metadata;
  return { namespace, name, ...(renewedMs === undefined ? {} : { renewedMs }) };
}
