import type { ApiRequest } from '../request.ts';
import { refusal } from '../rights.ts';
import { type Answer, methodNotAllowed, noSuchPath, noSuchResource, notFound } from '../status.ts';
import { applyPatch } from './apply.ts';
import type { Server } from './context.ts';
import { createObject } from './create.ts';
import { evictPod } from './evict.ts';
import { podLog } from './log.ts';
import { getObject, listObjects } from './read.ts';
import { deleteCollection, deleteObject } from './remove.ts';
import { review } from './review.ts';
import { scaleWorkload } from './scale.ts';
import { patchObject, updateObject } from './write.ts';

/**
 * Answers one request at once, as the real API server does: same codes, same bodies.
 * Watches are `api/watch.ts`; faults and waiting are around this, in `serve.ts`.
 */
export function answer(server: Server, request: ApiRequest): Answer {
  const refused = refusal(server.rules(), request);
  if (refused) return refused;
  const { kind, verb, subresource } = request;
  if (subresource !== undefined && !kind.subresources.includes(subresource)) return noSubresource(request);
  if (kind.createOnly) return verb === 'create' ? review(server, request) : methodNotAllowed();
  if (subresource === 'log') return verb === 'get' ? podLog(server, request) : methodNotAllowed();
  if (subresource === 'eviction') return verb === 'create' ? evictPod(server, request) : methodNotAllowed();
  if (subresource === 'scale') return scaleWorkload(server, request);
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
      return request.patch === 'apply' ? applyPatch(server, request) : patchObject(server, request);
    case 'delete':
      return deleteObject(server, request);
    case 'deletecollection':
      return deleteCollection(server, request);
    case 'watch':
      return methodNotAllowed();
  }
}

/** A path of a kind that does not have it. Of a custom kind, status and scale are looked for as if they were objects. */
function noSubresource({ kind, name = '', subresource = '' }: ApiRequest): Answer {
  if (!kind.custom) return noSuchResource();
  return ['status', 'scale'].includes(subresource) ? notFound(kind, name) : noSuchPath();
}
