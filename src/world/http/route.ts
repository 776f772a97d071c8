import { parse } from 'yaml';
import { z } from 'zod';
import { isObject, type Json } from '../../model/json.ts';
import { kindAt } from '../kinds.ts';
import { listAt, numberAt, textAt } from '../object.ts';
import type { ApiRequest, RequestOptions, Verb } from '../request.ts';
import { type Answer, badRequest, methodNotAllowed, noSuchPath, unsupportedMediaType } from '../status.ts';

export type Incoming = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly contentType: string;
  readonly userAgent: string;
  readonly body: string;
};

type Routed = { readonly kind: 'request'; readonly request: ApiRequest } | { readonly kind: 'answer'; readonly answer: Answer };

type Place = {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
};

const PATCHES: ReadonlyMap<string, NonNullable<ApiRequest['patch']>> = new Map([
  ['application/merge-patch+json', 'merge'],
  ['application/json-patch+json', 'json'],
  ['application/strategic-merge-patch+json', 'strategic'],
  ['application/apply-patch+yaml', 'apply'],
  ['application/apply-patch+cbor', 'apply'],
]);

/** An HTTP request under /api or /apis as a request to the simulated API server. */
export function route(incoming: Incoming): Routed {
  const refuse = (answer: Answer): Routed => ({ kind: 'answer', answer });
  const place = placeOf(incoming.path);
  const kind = place && kindAt(place.group, place.version, place.plural);
  if (place === undefined || kind === undefined) return refuse(noSuchPath());
  const { namespace, name, subresource } = place;
  if (!kind.namespaced && namespace !== undefined) return refuse(noSuchPath());
  if (kind.namespaced && name !== undefined && namespace === undefined) return refuse(noSuchPath());
  const verb = verbOf(incoming, name);
  if (verb === undefined) return refuse(methodNotAllowed());
  const patch = verb === 'patch' ? PATCHES.get(incoming.contentType) : undefined;
  if (verb === 'patch' && patch === undefined) return refuse(unsupportedMediaType());
  if (incoming.body !== '' && incoming.contentType.includes('protobuf')) return refuse(unsupportedMediaType());
  const read = readBody(incoming, patch === 'apply', kind.kind);
  if (read.kind === 'wrong') return refuse(read.answer);
  const { body } = read;
  return {
    kind: 'request',
    request: {
      verb,
      kind,
      ...(namespace === undefined ? {} : { namespace }),
      ...(name === undefined ? {} : { name }),
      ...(subresource === undefined ? {} : { subresource }),
      ...(body === undefined ? {} : { body }),
      ...(patch === undefined ? {} : { patch }),
      options: { ...queryOptions(incoming.query), ...(verb === 'delete' || verb === 'deletecollection' ? deleteOptions(body) : {}) },
      userAgent: incoming.userAgent,
    },
  };
}

function placeOf(path: string): Place | undefined {
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decoded);
  const [root, ...rest] = parts;
  const [group, version, ...tail] = root === 'api' ? ['', ...rest] : rest;
  if ((root !== 'api' && root !== 'apis') || group === undefined || version === undefined) return undefined;
  const [first, second, third, ...more] = tail;
  if (first === undefined) return undefined;
  // `namespaces/shop` is a Namespace; `namespaces/shop/pods` are its pods; `namespaces/shop/status` is a subresource.
  const inNamespace = first === 'namespaces' && second !== undefined && third !== undefined && !['status', 'finalize'].includes(third);
  if (inNamespace) {
    const [name, subresource, ...extra] = more;
    return extra.length > 0
      ? undefined
      : { group, version, plural: third, namespace: second, ...(name === undefined ? {} : { name }), ...(subresource === undefined ? {} : { subresource }) };
  }
  if (more.length > 0) return undefined;
  return { group, version, plural: first, ...(second === undefined ? {} : { name: second }), ...(third === undefined ? {} : { subresource: third }) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function verbOf({ method, query }: Incoming, name: string | undefined): Verb | undefined {
  switch (method) {
    case 'GET':
      return isTrue(query.get('watch')) ? 'watch' : name === undefined ? 'list' : 'get';
    case 'POST':
      return 'create';
    case 'PUT':
      return name === undefined ? undefined : 'update';
    case 'PATCH':
      return name === undefined ? undefined : 'patch';
    case 'DELETE':
      return name === undefined ? 'deletecollection' : 'delete';
    default:
      return undefined;
  }
}

type Read = { readonly kind: 'read'; readonly body: Json | undefined } | { readonly kind: 'wrong'; readonly answer: Answer };

function readBody({ body }: Incoming, isYaml: boolean, kind: string): Read {
  if (body.trim() === '') return { kind: 'read', body: undefined };
  try {
    const read: Json = isYaml ? parse(body) : JSON.parse(body);
    return { kind: 'read', body: read };
  } catch {
    const message = `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: unexpected end of JSON input (${body.slice(0, 40)})`;
    return { kind: 'wrong', answer: badRequest(message) };
  }
}

const isTrue = (text: string | null): boolean => text === 'true' || text === '1';

const Flag = z.enum(['true', 'false', '1', '0', '']).transform((text) => text === 'true' || text === '1');
const Whole = z.coerce.number().int();

/** The options in a query; what is not understood is left out, as the real server does with most. */
const Query = z.object({
  fieldManager: z.string().optional(),
  force: Flag.optional().catch(undefined),
  labelSelector: z.string().optional(),
  fieldSelector: z.string().optional(),
  limit: Whole.optional().catch(undefined),
  continue: z.string().optional(),
  resourceVersion: z.string().optional(),
  resourceVersionMatch: z.string().optional(),
  sendInitialEvents: Flag.optional().catch(undefined),
  allowWatchBookmarks: Flag.optional().catch(undefined),
  timeoutSeconds: Whole.optional().catch(undefined),
  gracePeriodSeconds: Whole.optional().catch(undefined),
  container: z.string().optional(),
  previous: Flag.optional().catch(undefined),
  tailLines: Whole.optional().catch(undefined),
});

function queryOptions(query: URLSearchParams): RequestOptions {
  const read = Query.parse(Object.fromEntries(query));
  // An empty continue token means the first page, as some clients send it.
  const { continue: token, ...rest } = read;
  return {
    ...withoutUndefined(rest),
    ...(token === undefined || token === '' ? {} : { continue: token }),
    ...(query.get('dryRun') === 'All' ? { dryRun: true } : {}),
    ...(query.get('fieldValidation') === 'Strict' ? { strict: true } : {}),
  };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(object: T): Defined<T> {
  const defined: Defined<T> = { ...object };
  for (const name in defined) if (defined[name] === undefined) delete defined[name];
  return defined;
}

/** A deletion may say its options in its body. */
function deleteOptions(body: Json | undefined): RequestOptions {
  if (!isObject(body)) return {};
  const graceSeconds = numberAt(body, 'gracePeriodSeconds');
  const uid = textAt(body, 'preconditions', 'uid');
  const version = textAt(body, 'preconditions', 'resourceVersion');
  return {
    ...(listAt(body, 'dryRun').includes('All') ? { dryRun: true } : {}),
    ...(graceSeconds === undefined ? {} : { gracePeriodSeconds: graceSeconds }),
    ...(uid === '' ? {} : { onlyUid: uid }),
    ...(version === '' ? {} : { onlyResourceVersion: version }),
  };
}
