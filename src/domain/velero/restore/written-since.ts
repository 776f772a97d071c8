import { z } from 'zod';
import type { KubeObject } from '../../../model/object.ts';
import { timeMs } from '../../lenient.ts';
import { isBuiltIn, isPassing } from './contents.ts';

/** What was written into a namespace after a backup was taken: none of it is in the backup. */
export type WrittenSince = { readonly count: number; readonly newestMs?: number; readonly newest?: string };

const Fields = z
  .array(z.looseObject({ time: z.string().optional().catch(undefined), subresource: z.string().optional().catch(undefined) }))
  .optional()
  .catch(undefined);

/**
 * When somebody last wrote an object itself, as its field managers say: a status is no write of people or programs, and neither is what a restore or a
 * controller makes anew all the time.
 */
export function writtenMs({ metadata }: KubeObject): number | undefined {
  const fields = Fields.parse(metadata['managedFields']) ?? [];
  const times = [metadata.creationTimestamp, ...fields.filter(({ subresource }) => subresource === undefined || subresource === '').map(({ time }) => time)];
  const known = times.flatMap((written) => timeMs(written) ?? []);
  return known.length === 0 ? undefined : Math.max(...known);
}

export function writtenSince(objects: readonly KubeObject[], backupMs: number): WrittenSince {
  const later = objects
    .filter((object) => !isPassing(object) && !isBuiltIn({ kind: object.kind, name: object.metadata.name }))
    .map((object) => ({ object, atMs: writtenMs(object) ?? 0 }))
    .filter(({ atMs }) => atMs > backupMs)
    .sort((a, b) => b.atMs - a.atMs);
  const [newest] = later;
  if (newest === undefined) return { count: 0 };
  return { count: later.length, newestMs: newest.atMs, newest: `${newest.object.kind} ${newest.object.metadata.name}` };
}
