import type { ApiRequest } from '../request.ts';
import { refusal } from '../rights.ts';
import { type Answer, methodNotAllowed, noSuchPath } from '../status.ts';
import type { Server } from './context.ts';
import { createObject } from './create.ts';
import { evictPod } from './evict.ts';
import { podLog } from './log.ts';
import { getObject, listObjects } from './read.ts';
import { deleteCollection, deleteObject } from './remove.ts';
import { accessReview } from './review.ts';
import { patchObject, updateObject } from './write.ts';

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
