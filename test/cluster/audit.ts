import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Cluster } from './cluster.ts';

const Line = z.looseObject({
  stage: z.string(),
  verb: z.string(),
  requestURI: z.string(),
  user: z.looseObject({ username: z.string() }),
  objectRef: z.looseObject({ resource: z.string(), name: z.string().optional(), subresource: z.string().optional() }).optional(),
  responseStatus: z.looseObject({ code: z.number() }).optional(),
});

const WRITES = new Set(['create', 'update', 'patch', 'delete']);
/** Questions that are asked by writing, and go away again; so is every dry run. */
const QUESTIONS = new Set(['downloadrequests', 'serverstatusrequests', 'selfsubjectaccessreviews']);

/** Salvor as it is served, whichever user it comes as. */
export const SALVOR = '"userAgent":"salvor/';

/**
 * The writes that the API server carried out for one user, as it wrote them down itself: `create configmaps/made-1`. `by`: what stands in each of
 * its lines. Needs CLUSTER_AUDIT=1.
 */
export function auditedWrites({ dir }: Pick<Cluster, 'dir'>, by: string): readonly string[] {
  return readFileSync(join(dir, 'log', 'audit.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line.includes(by))
    .map((line) => Line.parse(JSON.parse(line)))
    .filter(({ stage, verb, requestURI, objectRef, responseStatus }) => {
      const isQuestion = requestURI.includes('dryRun=All') || QUESTIONS.has(objectRef?.resource ?? '');
      const isDone = stage === 'ResponseComplete' && (responseStatus?.code ?? 500) < 300;
      return isDone && WRITES.has(verb) && !isQuestion;
    })
    .map(({ verb, objectRef }) => `${verb} ${objectRef?.resource ?? ''}/${objectRef?.name ?? ''}`);
}
