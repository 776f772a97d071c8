import type { Clock } from '../../port/clock.ts';
import type { Ids } from '../../port/ids.ts';
import type { WorldObject } from '../object.ts';
import type { Objects } from '../objects.ts';
import type { WriteRecord } from '../record.ts';
import type { ApiRequest } from '../request.ts';
import { type Rule, refusal } from '../rights.ts';
import { type Answer, methodNotAllowed, noSuchPath } from '../status.ts';
import { createObject } from './create.ts';
import { evictPod } from './evict.ts';
import { type PodLog, podLog } from './log.ts';
import { getObject, listObjects } from './read.ts';
import { deleteCollection, deleteObject } from './remove.ts';
import { accessReview } from './review.ts';
import { patchObject, updateObject } from './write.ts';

/** What the API server works on. */
export type Server = {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly objects: Objects;
  readonly record: WriteRecord;
  /** What the caller may do; undefined: everything. */
  readonly rules: () => readonly Rule[] | undefined;
  readonly log: PodLog;
  /** How a reader sees an object: some fields are as of now, without a write for each moment. */
  readonly view: (object: WorldObject) => WorldObject;
};

/**
 * Answers one request at once, as the real API server does: same codes, same bodies.
 * Watches are `api/watch.ts`; faults and waiting are around this, in `serve.ts`.
 */
export function answer(server: Server, request: ApiRequest): Answer {
  const refused = refusal(server.rules(), request);
  if (refused) return refused;
  const { kind, verb, subresource } = request;
  if (subresource !== undefined && !kind.subresources.includes(subresource)) return noSuchPath();
  if (kind.createOnly) return verb === 'create' ? accessReview(server, request) : methodNotAllowed();
  if (subresource === 'log') return verb === 'get' ? podLog(server, request) : methodNotAllowed();
  if (subresource === 'eviction') return verb === 'create' ? evictPod(server, request) : methodNotAllowed();
  switch (verb) {
    case 'get':
      return getObject(server, request);
    case 'list':
      return listObjects(server, request);
    case 'create':
      return createObject(server, request);
    case 'update':
      return updateObject(server, request);
    case 'patch':
      return patchObject(server, request);
    case 'delete':
      return deleteObject(server, request);
    case 'deletecollection':
      return deleteCollection(server, request);
    case 'watch':
      return methodNotAllowed();
  }
}
