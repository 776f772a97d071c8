import { z } from 'zod';
import type { KubeObject } from '../../../model/object.ts';
import { formatBytes } from '../../../model/when.ts';
import { count } from '../../lenient.ts';

const Progress = z.looseObject({
  status: z
    .looseObject({ progress: z.looseObject({ bytesDone: count, totalBytes: count }).nullish().catch(undefined) })
    .nullish()
    .catch(undefined),
});

/** `1.2 of 4 GiB of 3 volumes written`; empty where no volume is copied. */
export function bytesText(copies: readonly KubeObject[]): string {
  if (copies.length === 0) return '';
  const all = copies.map((copy) => Progress.parse(copy).status?.progress);
  const sum = (field: 'bytesDone' | 'totalBytes'): number => all.reduce((total, one) => total + (one?.[field] ?? 0), 0);
  return `${formatBytes(sum('bytesDone'))} of ${formatBytes(sum('totalBytes'))} of ${copies.length} volume${copies.length === 1 ? '' : 's'} written`;
}
