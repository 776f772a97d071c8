import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Cluster } from '../cluster.ts';

const Line = z.looseObject({
  verb: z.string(),
  userAgent: z.string().optional(),
  objectRef: z.looseObject({ resource: z.string().optional(), name: z.string().optional() }).optional(),
  responseStatus: z.looseObject({ code: z.number() }).optional(),
});

const LOOKING = new Set(['get', 'list', 'watch']);
/** Looking by asking: Velero answers in the object, and Salvor removes it. */
const ASKING = new Set(['downloadrequests', 'serverstatusrequests', 'selfsubjectaccessreviews']);

/**
 * Everything that Salvor wrote, by the API server's own record: `create backups 201`. Needs a cluster that was started with CLUSTER_AUDIT=1.
 */
export function writesOfSalvor({ dir }: Pick<Cluster, 'dir'>): readonly string[] {
  const lines = readFileSync(join(dir, 'log', 'audit.jsonl'), 'utf8')
    .split('\n')
    .slice(0, -1);
  return lines
    .filter((line) => line.includes('"userAgent":"salvor/'))
    .map((line) => Line.parse(JSON.parse(line)))
    .filter(({ verb, objectRef }) => !LOOKING.has(verb) && !ASKING.has(objectRef?.resource ?? ''))
    .map(({ verb, objectRef, responseStatus }) => `${verb} ${objectRef?.resource ?? ''} ${responseStatus?.code ?? ''}`);
}
