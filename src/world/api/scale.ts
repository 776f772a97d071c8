import { isObject, type Json, type JsonObject } from '../../model/json.ts';
import { recordUpdate } from '../managed.ts';
import { at, numberAt, objectAt, texts, type WorldObject } from '../object.ts';
import { jsonPatch, mergePatch } from '../patch.ts';
import type { ApiRequest } from '../request.ts';
import { type Answer, badRequest, methodNotAllowed, notFound, unprocessable } from '../status.ts';
import type { Server } from './context.ts';
import { managerOf } from './create.ts';

/** `deployments/scale`: the number of replicas alone, as `kubectl scale` writes it. */
export function scaleWorkload(server: Server, request: ApiRequest): Answer {
  const { kind, namespace, name = '', verb, body = null, patch, options, userAgent } = request;
  const before = server.objects.find(kind, namespace, name);
  if (before === undefined) return notFound(kind, name);
  if (verb === 'get') return { code: 200, body: scaleOf(before) };
  if (verb !== 'update' && verb !== 'patch') return methodNotAllowed();
  const wanted = verb === 'update' ? body : patched(scaleOf(before), body, patch);
  if (wanted === undefined) return unprocessable();
  if (!isObject(wanted)) return badRequest('error decoding patch: not an object');
  const spec = { ...objectAt(before, 'spec'), replicas: numberAt(wanted, 'spec', 'replicas') ?? 0 };
  const after = recordUpdate(before, { ...before, spec }, { manager: managerOf(options.fieldManager, userAgent), nowMs: server.clock.nowMs() });
  if (options.dryRun === true) {
    server.record.note(request, name, false);
    return { code: 200, body: scaleOf(after) };
  }
  const stored = server.objects.replace(kind, after);
  server.record.note(request, name, stored.metadata.resourceVersion !== before.metadata.resourceVersion);
  return { code: 200, body: scaleOf(stored) };
}

function patched(scale: JsonObject, body: Json, patch: ApiRequest['patch']): Json | undefined {
  if (patch !== 'json') return mergePatch(scale, body);
  const done = jsonPatch(scale, body);
  return done.kind === 'patched' ? done.value : undefined;
}

function scaleOf(workload: WorldObject): JsonObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = workload.metadata;
  const replicas = numberAt(workload, 'spec', 'replicas') ?? 1;
  const selector = Object.entries(texts(at(workload, 'spec', 'selector', 'matchLabels'))).map(([key, value]) => `${key}=${value}`);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), uid, resourceVersion, creationTimestamp },
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: numberAt(workload, 'status', 'replicas') ?? 0, selector: selector.join(',') },
  };
}
