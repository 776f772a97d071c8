import { isObject, type Json, type JsonObject } from '../../model/json.ts';
import type { Kind } from '../kinds.ts';
import { applyConfig, recordUpdate } from '../managed.ts';
import { at, copyOf, objectAt, textAt, timestamp, type WorldObject } from '../object.ts';
import { jsonPatch, mergePatch, strategicPatch } from '../patch.ts';
import type { ApiRequest } from '../request.ts';
import { type Answer, badRequest, failure, invalid, invalidOptions, notFound, staleVersion, unprocessable, unsupportedMediaType } from '../status.ts';
import type { Server } from './context.ts';
import { managerOf, namespaceRefusal } from './create.ts';
import { withDefaults } from './defaults.ts';
import { schemaRefusal } from './schema.ts';

/** PUT: the whole object, its status or its rest by the path that it came on. */
export function updateObject(server: Server, request: ApiRequest): Answer {
  const { kind, namespace, name = '', body } = request;
  const before = server.objects.find(kind, namespace, name);
  if (before === undefined) return notFound(kind, name);
  if (!isObject(body)) return badRequest(`the object provided is unrecognized (must be of type ${kind.kind})`);
  const version = textAt(body, 'metadata', 'resourceVersion');
  if (version === '' && kind.custom) {
    const message = 'Invalid value: 0: must be specified for an update';
    return invalid(kind, name, { field: 'metadata.resourceVersion', message });
  }
  const uid = textAt(body, 'metadata', 'uid');
  if (uid !== '' && uid !== before.metadata.uid) {
    const message = `Operation cannot be fulfilled on ${kind.plural} "${name}": Precondition failed: UID in precondition: ${uid}, UID in object meta: ${before.metadata.uid}`;
    return failure({ code: 409, reason: 'Conflict', message, details: { name, group: kind.group, kind: kind.plural } });
  }
  if (version !== '' && version !== before.metadata.resourceVersion) return staleVersion(kind, name);
  return store(server, request, { before, wanted: body });
}

export function patchObject(server: Server, request: ApiRequest): Answer {
  const { kind, namespace, name = '', patch, body = null } = request;
  if (patch === undefined || (patch === 'strategic' && kind.custom)) return unsupportedMediaType();
  if (patch === 'apply') return applyPatch(server, request);
  const before = server.objects.find(kind, namespace, name);
  if (before === undefined) return notFound(kind, name);
  if (patch === 'json') {
    const patched = jsonPatch(before, body);
    return patched.kind === 'patched' ? storePatched(server, request, { before, wanted: patched.value }) : unprocessable();
  }
  if (!isObject(body)) return badRequest('error decoding patch: not an object');
  return storePatched(server, request, { before, wanted: patch === 'merge' ? mergePatch(before, body) : strategicPatch(before, body) });
}

type Writing = { readonly before: WorldObject; readonly wanted: Json };

/** A patch may name uid and resourceVersion: then it is only for that object in that state. */
function storePatched(server: Server, request: ApiRequest, { before, wanted }: Writing): Answer {
  const { kind, name = '' } = request;
  const uid = textAt(wanted, 'metadata', 'uid');
  if (textAt(wanted, 'metadata', 'resourceVersion') !== before.metadata.resourceVersion) return staleVersion(kind, name);
  if (uid !== before.metadata.uid) return invalid(kind, name, { field: 'metadata.uid', message: `Invalid value: "${uid}": field is immutable` });
  return store(server, request, { before, wanted });
}

function store(server: Server, request: ApiRequest, { before, wanted }: Writing): Answer {
  const { kind, name = '', options, userAgent, subresource } = request;
  if (!isObject(wanted) || textAt(wanted, 'metadata', 'name') !== name || textAt(wanted, 'kind') !== kind.kind) return unprocessable();
  const misshapen = schemaRefusal(kind, wanted, { name, strict: options.strict === true });
  if (misshapen) return misshapen;
  const manager = managerOf(options.fieldManager, userAgent);
  const after = recordUpdate(before, settled(kind, before, { wanted, status: subresource === 'status' }), { manager, nowMs: server.clock.nowMs() });
  return commit(server, request, { before, after });
}

function commit(server: Server, request: ApiRequest, { before, after }: { readonly before: WorldObject; readonly after: WorldObject }): Answer {
  const { kind, name = '', options } = request;
  if (options.dryRun === true) {
    server.record.note(request, name, false);
    return { code: 200, body: copyOf<Json>(after) };
  }
  const stored = server.objects.replace(kind, after);
  server.record.note(request, name, stored.metadata.resourceVersion !== before.metadata.resourceVersion);
  // The last finalizer of an object in deletion went: now it goes, too.
  const isGone =
    stored.metadata.deletionTimestamp !== undefined && (stored.metadata.finalizers ?? []).length === 0 && (before.metadata.finalizers ?? []).length > 0;
  if (isGone) server.objects.remove(kind, stored.metadata.namespace, name);
  return { code: 200, body: copyOf<Json>(stored) };
}

/** What the writer wants, with what only the server says kept, and only the half that its path may write. */
function settled(kind: Kind, before: WorldObject, { wanted, status }: { readonly wanted: JsonObject; readonly status: boolean }): WorldObject {
  const { uid, resourceVersion, creationTimestamp, generation, deletionTimestamp, namespace, name } = before.metadata;
  if (status) return { ...before, ...(wanted['status'] === undefined ? {} : { status: wanted['status'] }) };
  const meta = new Map(
    Object.entries({
      ...objectAt(wanted, 'metadata'),
      generation,
      deletionTimestamp,
      namespace,
      deletionGracePeriodSeconds: before.metadata['deletionGracePeriodSeconds'],
    }),
  );
  for (const [field, value] of meta) if (value === undefined) meta.delete(field);
  const kept = kind.subresources.includes('status') ? { status: at(before, 'status') } : {};
  const body = new Map(Object.entries({ ...wanted, ...kept }));
  for (const [field, value] of body) if (value === undefined) body.delete(field);
  return {
    ...Object.fromEntries(body),
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: { ...Object.fromEntries(meta), name, uid, resourceVersion, creationTimestamp },
  };
}

/** Server-side apply: makes the object or merges into it, and refuses to take fields that others hold. */
function applyPatch(server: Server, request: ApiRequest): Answer {
  const { kind, namespace, name = '', body, options } = request;
  if (options.fieldManager === undefined || options.fieldManager === '') {
    return invalidOptions('PatchOptions', { reason: 'FieldValueRequired', message: 'Required value: is required for apply patch', field: 'fieldManager' });
  }
  if (!isObject(body)) return badRequest('error decoding patch: not an object');
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
    const made = server.objects.insert(kind, withDefaults(kind, { ...applied.object, metadata }));
    server.record.note(request, name, true);
    return { code: 201, body: copyOf<Json>(made) };
  }
  server.record.note(request, name, false);
  return { code: 201, body: applied.object };
}
