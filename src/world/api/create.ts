import { isObject, type Json, type JsonObject } from '../../model/json.ts';
import { suffix } from '../ids.ts';
import { type Kind, theKind } from '../kinds.ts';
import { recordUpdate } from '../managed.ts';
import { copyOf, type Draft, objectAt, textAt, timestamp, type WorldObject } from '../object.ts';
import type { ApiRequest } from '../request.ts';
import { type Answer, alreadyExists, badRequest, failure, invalid, notFound } from '../status.ts';
import type { Server } from './context.ts';
import { withDefaults } from './defaults.ts';
import { schemaRefusal } from './schema.ts';

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

type Accepted = { readonly kind: 'accepted'; readonly draft: Draft } | { readonly kind: 'refused'; readonly answer: Answer };

export function createObject(server: Server, request: ApiRequest): Answer {
  const accepted = acceptBody(server, request);
  if (accepted.kind === 'refused') return accepted.answer;
  const { kind, namespace, options } = request;
  const { name } = accepted.draft.metadata;
  const absent = namespaceRefusal(server, request, name);
  if (absent) return absent;
  if (!SUBDOMAIN.test(name) || name.length > 253) return invalidName(kind, name);
  const misshapen = schemaRefusal(kind, accepted.draft, { name, strict: options.strict === true });
  if (misshapen) return misshapen;
  if (server.objects.find(kind, namespace, name)) return alreadyExists(kind, name);

  const draft = withDefaults(kind, accepted.draft);
  const { object: owned } = asOwned(server, request, draft);
  if (options.dryRun === true) {
    server.record.note(request, name, false);
    return { code: 201, body: owned };
  }
  const object = server.objects.insert(kind, { ...draft, metadata: { ...draft.metadata, ...managedOf(owned) } });
  server.record.note(request, name, true);
  return { code: 201, body: copyOf<Json>(object) };
}

/** The body as a draft: of this kind, with a name, and without what only the server says. */
function acceptBody(server: Server, { kind, body, namespace }: ApiRequest): Accepted {
  const refuse = (answer: Answer): Accepted => ({ kind: 'refused', answer });
  if (!isObject(body)) return refuse(badRequest(`the object provided is unrecognized (must be of type ${kind.kind})`));
  if (textAt(body, 'kind') !== kind.kind || textAt(body, 'apiVersion') !== kind.apiVersion) {
    return refuse(badRequest(`${textAt(body, 'kind')} in version "${textAt(body, 'apiVersion')}" cannot be handled as a ${kind.kind}`));
  }
  const given = objectAt(body, 'metadata');
  const says = textAt(given, 'namespace');
  if (kind.namespaced && says !== '' && says !== namespace) {
    return refuse(badRequest('the namespace of the provided object does not match the namespace sent on the request'));
  }
  const prefix = textAt(given, 'generateName');
  const name = textAt(given, 'name') || (prefix === '' ? '' : `${prefix}${suffix(server.ids)}`);
  if (name === '') {
    return refuse(invalid(kind, '', { field: 'metadata.name', reason: 'FieldValueRequired', message: 'Required value: name or generateName is required' }));
  }
  const { uid: _uid, resourceVersion: _version, generation: _generation, creationTimestamp: _created, managedFields: _managed, ...meta } = given;
  const { deletionTimestamp: _deletion, selfLink: _self, namespace: _namespace, ...kept } = meta;
  const { status: _status, ...rest } = body;
  // A kind without a status subresource takes its status from anybody.
  const content: JsonObject = kind.subresources.includes('status') ? rest : copyOf(body);
  return {
    kind: 'accepted',
    draft: { ...copyOf(content), metadata: { ...copyOf(kept), name, ...(kind.namespaced && namespace !== undefined ? { namespace } : {}) } },
  };
}

/** The namespace is asked for before the object is looked at. */
export function namespaceRefusal({ objects }: Server, { kind, namespace }: ApiRequest, name: string): Answer | undefined {
  if (!kind.namespaced) return undefined;
  if (namespace === undefined) return badRequest('an empty namespace may not be set during creation');
  const home = objects.find(theKind('v1', 'Namespace'), undefined, namespace);
  if (home === undefined) return notFound(theKind('v1', 'Namespace'), namespace);
  if (home.metadata.deletionTimestamp === undefined) return undefined;
  return failure({
    code: 403,
    reason: 'Forbidden',
    message: `${kind.plural}${kind.group === '' ? '' : `.${kind.group}`} "${name}" is forbidden: unable to create new content in namespace ${namespace} because it is being terminated`,
    details: {
      name,
      group: kind.group,
      kind: kind.plural,
      causes: [{ reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' }],
    },
  });
}

function invalidName(kind: Kind, name: string): Answer {
  const rule =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
  return invalid(kind, name, { field: 'metadata.name', message: `Invalid value: "${name}": ${rule}` });
}

/** The draft as it would look, with its fields owned by the writer. */
function asOwned({ clock }: Server, { options, userAgent, kind }: ApiRequest, draft: Draft): { readonly object: WorldObject } {
  const whole: WorldObject = {
    ...draft,
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: { ...draft.metadata, uid: '', resourceVersion: '', creationTimestamp: timestamp(clock.nowMs()) },
  };
  return { object: recordUpdate(undefined, whole, { manager: managerOf(options.fieldManager, userAgent), nowMs: clock.nowMs() }) };
}

function managedOf(object: WorldObject): JsonObject {
  const managedFields = object.metadata['managedFields'];
  return managedFields === undefined ? {} : { managedFields };
}

/** Who writes: the field manager that the request names, else the program of its user agent. */
export function managerOf(fieldManager: string | undefined, userAgent: string): string {
  return fieldManager ?? (userAgent.split('/')[0] || 'unknown');
}
