import { parse } from 'yaml';
import type { Json } from '../../model/json.ts';
import type { ApiRequest, Verb } from '../request.ts';
import type { ServedKinds } from '../served-kinds.ts';
import { type Answer, badRequest, methodNotAllowed, noSuchPath, noSuchResource, unknownFormat, unsupportedMediaType } from '../status.ts';
import { isTrue, readOptions } from './options.ts';

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

/** What custom kinds take: they have no strategic merge. */
const CUSTOM_PATCHES = ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml'];

/** An HTTP request under /api or /apis as a request to the simulated API server. */
export function route(incoming: Incoming, kinds: ServedKinds): Routed {
  const refuse = (answer: Answer): Routed => ({ kind: 'answer', answer });
  const place = placeOf(incoming.path);
  const kind = place && kinds.at(place.group, place.version, place.plural);
  if (place === undefined || kind === undefined) return refuse(isBuiltIn(incoming.path, kinds) ? noSuchResource() : noSuchPath());
  const { namespace, name, subresource } = place;
  const isElsewhere = kind.namespaced ? name !== undefined && namespace === undefined : namespace !== undefined;
  if (isElsewhere) return refuse(kind.custom ? noSuchPath() : noSuchResource());
  const verb = verbOf(incoming, place);
  if (verb === undefined) return refuse(methodNotAllowed());
  const patch = verb === 'patch' ? PATCHES.get(incoming.contentType) : undefined;
  if (verb === 'patch' && kind.custom && (patch === undefined || patch === 'strategic')) return refuse(unknownFormat(CUSTOM_PATCHES));
  if (verb === 'patch' && patch === undefined) return refuse(unsupportedMediaType());
  if (incoming.body !== '' && incoming.contentType.includes('protobuf')) return refuse(unsupportedMediaType());
  const read = readBody(incoming, patch === 'apply', kind.kind);
  if (read.kind === 'wrong') return refuse(read.answer);
  const { body } = read;
  const options = readOptions({ verb, query: incoming.query, body });
  if (options.kind === 'wrong') return refuse(options.answer);
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
      options: options.options,
      userAgent: incoming.userAgent,
    },
  };
}

/** Whether a path is in a group that the API server itself serves, whatever comes after it. */
function isBuiltIn(path: string, kinds: ServedKinds): boolean {
  const [root, group] = path.split('/').filter((part) => part !== '');
  return root === 'api' || kinds.all().some((kind) => !kind.custom && kind.group === group && group !== '');
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

function verbOf({ method, query }: Incoming, { name, subresource }: Place): Verb | undefined {
  switch (method) {
    case 'GET':
      if (name !== undefined) return 'get';
      return isTrue(query.get('watch')) ? 'watch' : 'list';
    case 'POST':
      return name !== undefined && subresource === undefined ? undefined : 'create';
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

function readBody({ body, method }: Incoming, isYaml: boolean, kind: string): Read {
  if (body.trim() === '') return { kind: 'read', body: undefined };
  try {
    const read: Json = isYaml ? parse(body) : JSON.parse(body);
    return { kind: 'read', body: read };
  } catch {
    if (method === 'PATCH') return { kind: 'wrong', answer: badRequest('invalid JSON patch') };
    const message = `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: unexpected end of JSON input (${body.slice(0, 40)})`;
    return { kind: 'wrong', answer: badRequest(message) };
  }
}
