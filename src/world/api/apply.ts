import { isObject, type Json } from '../../model/json.ts';
import { applyConfig } from '../managed.ts';
import { at, copyOf, textAt, timestamp, type WorldObject } from '../object.ts';
import type { ApiRequest } from '../request.ts';
import { type Answer, badRequest, invalidOptions } from '../status.ts';
import type { Server } from './context.ts';
import { namespaceRefusal } from './create.ts';
import { metaWithoutEmpty, withDefaults, withoutEmpty } from './defaults.ts';
import { commit, nameRefusal, settled } from './write.ts';

/** Server-side apply: makes the object or merges into it, and refuses to take fields that others hold. */
export function applyPatch(server: Server, request: ApiRequest): Answer {
  const { kind, namespace, name = '', body, options } = request;
  if (options.fieldManager === undefined || options.fieldManager === '') {
    return invalidOptions('PatchOptions', { reason: 'FieldValueRequired', message: 'Required value: is required for apply patch', field: 'fieldManager' });
  }
  if (!isObject(body)) return badRequest('error decoding patch: not an object');
  if (textAt(body, 'apiVersion') !== kind.apiVersion || textAt(body, 'kind') !== kind.kind) {
    return badRequest(`invalid object type: ${textAt(body, 'apiVersion').includes('/') ? '' : '/'}${textAt(body, 'apiVersion')}, Kind=${textAt(body, 'kind')}`);
  }
  const misnamed = nameRefusal(body, name);
  if (misnamed) return misnamed;
  if (at(body, 'metadata', 'managedFields') !== undefined) return badRequest('metadata.managedFields must be nil');
  const before = server.objects.find(kind, namespace, name);
  const absent = before === undefined ? namespaceRefusal(server, request, name) : undefined;
  if (absent) return absent;
  const nowMs = server.clock.nowMs();
  const empty: WorldObject = {
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), uid: '', resourceVersion: '', creationTimestamp: timestamp(nowMs) },
  };
  const applied = applyConfig(before ?? empty, body, { manager: options.fieldManager, nowMs, force: options.force === true });
  if (applied.kind === 'refused') return applied.answer;
  if (before) return commit(server, request, { before, after: settled(kind, before, { wanted: applied.object, status: false }) });
  if (options.dryRun !== true) {
    const { uid: _uid, resourceVersion: _version, creationTimestamp: _created, ...metadata } = applied.object.metadata;
    const made = server.objects.insert(kind, withDefaults(kind, { ...withoutEmpty(kind, applied.object), metadata: { ...metaWithoutEmpty(metadata), name } }));
    server.record.note(request, name, true);
    return { code: 201, body: copyOf<Json>(made) };
  }
  server.record.note(request, name, false);
  return { code: 201, body: applied.object };
}
