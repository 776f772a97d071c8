import type { Json } from '../../model/json.ts';
import type { Kind } from '../kinds.ts';
import { copyOf, type WorldObject } from '../object.ts';
import type { ApiRequest, RequestOptions } from '../request.ts';
import { fieldSelector, labelSelector, type Selects } from '../select.ts';
import { type Answer, badRequest, expired, failure, invalidOptions, notFound } from '../status.ts';
import type { Server } from './context.ts';

export function getObject({ objects, view }: Server, { kind, namespace, name = '', options }: ApiRequest): Answer {
  const { resourceVersion = '' } = options;
  if (!/^\d*$/.test(resourceVersion)) return failure({ code: 500, message: malformed(resourceVersion) });
  const object = objects.find(kind, namespace, name);
  return object === undefined ? notFound(kind, name) : { code: 200, body: copyOf<Json>(view(object)) };
}

type Selection = { readonly kind: 'selects'; readonly selects: Selects } | { readonly kind: 'refused'; readonly answer: Answer };

/** Both selectors of a list or watch as one. */
export function selection({ kind, options }: ApiRequest): Selection {
  const labels = labelSelector(options.labelSelector);
  const fields = fieldSelector(kind, options.fieldSelector);
  if (labels.kind === 'wrong') return { kind: 'refused', answer: badRequest(labels.reason) };
  if (fields.kind === 'wrong') return { kind: 'refused', answer: badRequest(fields.reason) };
  return { kind: 'selects', selects: (object) => labels.selects(object) && fields.selects(object) };
}

const TOO_OLD =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

export function listObjects(server: Server, request: ApiRequest): Answer {
  const { objects } = server;
  const { kind, namespace, options } = request;
  const selected = selection(request);
  if (selected.kind === 'refused') return selected.answer;
  const odd = versionRefusal(options);
  if (odd) return odd;
  const future = futureVersion(objects.version(), options.resourceVersion);
  if (future) return future;

  const token = options.continue === undefined ? undefined : readToken(options.continue);
  if (options.continue !== undefined && token === undefined) {
    return badRequest("invalid continue token: continue key is not valid: invalid character '?' looking for beginning of value");
  }
  if (token && token.version >= 0 && token.version < objects.forgottenUntil()) return expired(TOO_OLD, writeToken({ version: -1, after: token.after }));
  const exact = options.resourceVersionMatch === 'Exact' ? Number(options.resourceVersion) : undefined;
  if (exact !== undefined && exact < objects.forgottenUntil()) return expired();

  // Later pages and exact lists show the past: a list must not mix two moments.
  const wanted = token && token.version >= 0 ? token.version : (exact ?? objects.version());
  const at = Math.max(wanted, objects.forgottenUntil());
  const all = asOf(server, kind, at).filter((object) => namespace === undefined || object.metadata.namespace === namespace);
  const left = all.filter(selected.selects).filter((object) => token === undefined || keyOf(object) > token.after);
  const page = options.limit === undefined || options.limit === 0 ? left : left.slice(0, options.limit);
  const last = page.at(-1);
  const remainingItemCount = options.labelSelector || options.fieldSelector ? {} : { remainingItemCount: left.length - page.length };
  const next = page.length < left.length && last ? { continue: writeToken({ version: at, after: keyOf(last) }), ...remainingItemCount } : undefined;
  const more = next ?? (kind.custom ? { continue: '' } : {});
  return { code: 200, body: listBody(kind, { resourceVersion: String(at), ...more }, page.map(server.view)) };
}

/** A list as the server writes it. */
export function listBody(kind: Kind, metadata: { readonly [name: string]: Json }, page: readonly WorldObject[]): Json {
  // Core lists carry their kind once, custom ones in every object, as the real server does.
  const items = page.map((object): Json => {
    if (kind.custom) return copyOf<Json>(object);
    const { apiVersion: _apiVersion, kind: _kind, ...rest } = object;
    return copyOf<Json>(rest);
  });
  return { kind: `${kind.kind}List`, apiVersion: kind.apiVersion, metadata, items };
}

/** The objects of a kind as they were at a version that history still reaches. */
function asOf({ objects }: Server, kind: Kind, version: number): readonly WorldObject[] {
  if (version >= objects.version()) return objects.all(kind);
  const found = new Map(objects.all(kind).map((object) => [keyOf(object), object]));
  for (const change of objects.since(version).toReversed()) {
    if (change.kind !== kind) continue;
    if (change.before === undefined) found.delete(keyOf(change.object));
    else found.set(keyOf(change.object), change.before);
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
}

function keyOf(object: WorldObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}

/** A resourceVersion that the cluster has not reached yet: wait and ask again. */
function futureVersion(current: number, asked: string | undefined): Answer | undefined {
  if (asked === undefined || Number(asked) <= current) return undefined;
  return failure({
    code: 504,
    reason: 'Timeout',
    message: `Timeout: Too large resource version: ${asked}, current: ${current}`,
    details: { causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }], retryAfterSeconds: 1 },
  });
}

/** A version, or a rule for it, that makes no sense. */
function versionRefusal({ resourceVersion = '', resourceVersionMatch = '', continue: token }: RequestOptions): Answer | undefined {
  const refuse = (message: string, reason = 'FieldValueForbidden'): Answer => invalidOptions('ListOptions', { reason, message, field: 'resourceVersionMatch' });
  if (resourceVersionMatch !== '') {
    if (token !== undefined) return refuse('Forbidden: resourceVersionMatch is forbidden when continue is provided');
    if (resourceVersion === '') return refuse('Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided');
    if (!['Exact', 'NotOlderThan'].includes(resourceVersionMatch)) {
      return refuse(`Unsupported value: "${resourceVersionMatch}": supported values: "Exact", "NotOlderThan", ""`, 'FieldValueNotSupported');
    }
    if (resourceVersionMatch === 'Exact' && resourceVersion === '0') {
      return refuse('Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
    }
  }
  if (!/^\d*$/.test(resourceVersion)) return badRequest(`invalid resource version: ${malformed(resourceVersion)}`);
  if (token !== undefined && !['', '0'].includes(resourceVersion)) return badRequest('specifying resource version is not allowed when using continue');
  return undefined;
}

/** What the server says of a resourceVersion that is no number. */
export function malformed(version: string): string {
  return `resourceVersion: Invalid value: "${version}": strconv.ParseUint: parsing "${version}": invalid syntax`;
}

type Token = { readonly version: number; readonly after: string };

function writeToken({ version, after }: Token): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: version, start: `${after}\u0000` })).toString('base64url');
}

function readToken(text: string): Token | undefined {
  try {
    const read: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (typeof read !== 'object' || read === null || !('rv' in read) || !('start' in read)) return undefined;
    return typeof read.rv === 'number' && typeof read.start === 'string' ? { version: read.rv, after: read.start.slice(0, -1) } : undefined;
  } catch {
    return undefined;
  }
}
