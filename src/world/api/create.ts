import { isObject, type Json, type JsonObject } from '../../model/json.ts';
import { suffix } from '../ids.ts';
import { type Kind, theKind } from '../kinds.ts';
import { recordUpdate } from '../managed.ts';
import { copyOf, type Draft, objectAt, textAt, timestamp, type WorldObject } from '../object.ts';
import type { ApiRequest } from '../request.ts';
import { type Answer, alreadyExists, badRequest, failure, invalid, notFound } from '../status.ts';
import type { Server } from './context.ts';
import { metaWithoutEmpty, withDefaults, withoutEmpty } from './defaults.ts';
import { checkSchema, strictProblem, unreadable, withWarnings } from './schema.ts';

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

type Accepted =
  | { readonly kind: 'accepted'; readonly draft: Draft; readonly unknown: readonly string[] }
  | { readonly kind: 'refused'; readonly answer: Answer };

export function createObject(server: Server, request: ApiRequest): Answer {
  const accepted = acceptBody(server, request);
  if (accepted.kind === 'refused') return accepted.answer;
  const { kind, namespace, options } = request;
  const { name } = accepted.draft.metadata;
  const absent = namespaceRefusal(server, request, name);
  if (absent) return absent;
  if (!SUBDOMAIN.test(name) || name.length > 253) return invalidName(kind, name);
  if (server.objects.find(kind, namespace, name)) return alreadyExists(kind, name);

  const draft = withDefaults(kind, accepted.draft);
  const { object: owned } = asOwned(server, request, draft);
  const warned = (body: Json): Answer => withWarnings({ code: 201, body }, accepted.unknown, options);
  if (options.dryRun === true) {
    server.record.note(request, name, false);
    return warned(owned);
  }
  const object = server.objects.insert(kind, { ...draft, metadata: { ...draft.metadata, ...managedOf(owned) } });
  server.record.note(request, name, true);
  return warned(copyOf<Json>(object));
}

/** The body as a draft: of this kind, with a name, and without what only the server says. */
function acceptBody(server: Server, { kind, body: sent, namespace, options }: ApiRequest): Accepted {
  const refuse = (answer: Answer): Accepted => ({ kind: 'refused', answer });
  if (!isObject(sent)) return refuse(noBody(kind));
  const wrong = kindRefusal(server, kind, sent);
  if (wrong) return refuse(wrong);
  const checked = checkSchema(kind, sent, textAt(sent, 'metadata', 'name'));
  if (checked.kind === 'refused') return checked;
  if (checked.kind === 'unreadable') return refuse(unreadable(kind, checked.problem));
  const { object: body, unknown } = checked;
  if (options.strict === true && unknown.length > 0) return refuse(unreadable(kind, strictProblem(unknown)));
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
  const metadata = { ...copyOf(metaWithoutEmpty(kept)), name, ...(kind.namespaced && namespace !== undefined ? { namespace } : {}) };
  return { kind: 'accepted', draft: { ...copyOf(withoutEmpty(kind, content)), metadata }, unknown };
}

function noBody(kind: Kind): Answer {
  const why = "couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)";
  return badRequest(`the object provided is unrecognized (must be of type ${kind.kind}): ${why}`);
}

/** A body says nothing of its kind, or the kind of its path. */
export function kindRefusal({ objects }: Pick<Server, 'objects'>, kind: Kind, body: JsonObject): Answer | undefined {
  const says = textAt(body, 'kind');
  const version = textAt(body, 'apiVersion');
  if ((says === '' || says === kind.kind) && (version === '' || version === kind.apiVersion)) return undefined;
  if (kind.custom && says !== kind.kind) {
    const message = `Invalid value: "${says}": must be ${kind.kind}`;
    return invalid({ ...kind, kind: says }, textAt(body, 'metadata', 'name'), { field: 'kind', message });
  }
  const [short = version] = version.split('/').reverse();
  const why = objects.kinds.of(version, says)
    ? `converting (${short}.${says}) to (${kind.group === '' ? 'core' : kind.group.split('.')[0]}.${kind.kind}): unknown conversion`
    : `no kind "${says}" is registered for version "${version}" in scheme "pkg/runtime/scheme.go:111"`;
  return badRequest(`${says} in version "${short}" cannot be handled as a ${kind.kind}: ${why}`);
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
