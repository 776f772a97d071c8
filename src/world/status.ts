import { isObject, type Json, type JsonObject } from '../model/json.ts';
import { groupKind, type Kind } from './kinds.ts';

/** What the simulated API server answers. A text body is sent as text/plain. */
export type Answer = {
  readonly code: number;
  readonly body: Json;
  readonly headers?: { readonly [name: string]: string };
};

type Cause = { readonly reason: string; readonly message: string; readonly field?: string };
type Details = {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly causes?: readonly Cause[];
  readonly retryAfterSeconds?: number;
};
type Refusal = { readonly code: number; readonly reason?: string; readonly message: string; readonly details?: Details };

/** A Status of kind Failure, its fields in the order in which the API server writes them. */
export function failure({ code, reason, message, details }: Refusal): Answer {
  const body: JsonObject = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    ...(reason === undefined ? {} : { reason }),
    ...(details === undefined ? {} : { details: toJson(details) }),
    code,
  };
  return details?.retryAfterSeconds === undefined ? { code, body } : { code, body, headers: { 'Retry-After': String(details.retryAfterSeconds) } };
}

function toJson({ name, group, kind, causes, retryAfterSeconds }: Details): JsonObject {
  return {
    ...(name === undefined ? {} : { name }),
    ...(group === undefined || group === '' ? {} : { group }),
    ...(kind === undefined ? {} : { kind }),
    ...(causes === undefined ? {} : { causes: causes.map(({ reason, message, field }) => ({ reason, message, ...(field === undefined ? {} : { field }) })) }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
}

/** `404 page not found` as text: no such path or resource. */
export function noSuchPath(): Answer {
  return { code: 404, body: '404 page not found\n', headers: { 'X-Content-Type-Options': 'nosniff' } };
}

/** A built-in group that does not have this resource or version; other groups answer `noSuchPath`. */
export function noSuchResource(): Answer {
  return failure({ code: 404, reason: 'NotFound', message: 'the server could not find the requested resource', details: {} });
}

export function notFound(kind: Pick<Kind, 'plural' | 'group'>, name: string): Answer {
  const resource = kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`;
  return failure({ code: 404, reason: 'NotFound', message: `${resource} "${name}" not found`, details: { name, group: kind.group, kind: kind.plural } });
}

export function alreadyExists(kind: Kind, name: string): Answer {
  const resource = kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`;
  return failure({
    code: 409,
    reason: 'AlreadyExists',
    message: `${resource} "${name}" already exists`,
    details: { name, group: kind.group, kind: kind.plural },
  });
}

/** The object moved on since the resourceVersion that the writer knows. */
export function staleVersion(kind: Kind, name: string): Answer {
  const resource = kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`;
  const message = `Operation cannot be fulfilled on ${resource} "${name}": the object has been modified; please apply your changes to the latest version and try again`;
  return failure({ code: 409, reason: 'Conflict', message, details: { name, group: kind.group, kind: kind.plural } });
}

/** A precondition of a deletion or an eviction does not hold. Here details name the kind, not the resource. */
export function preconditionFailed(kind: Kind, name: string, text: string): Answer {
  const message = `Operation cannot be fulfilled on ${groupKind(kind)} "${name}": ${text}`;
  return failure({ code: 409, reason: 'Conflict', message, details: { name, group: kind.custom ? kind.group : '', kind: kind.kind } });
}

type Invalid = { readonly field: string; readonly reason?: string; readonly message: string };

export function invalid(kind: Pick<Kind, 'kind' | 'group' | 'custom'>, name: string, ...wrong: readonly Invalid[]): Answer {
  const named = kind.custom ? `${kind.kind}.${kind.group}` : kind.kind;
  const causes = wrong.map(({ field, reason = 'FieldValueInvalid', message }) => ({ reason, message, field }));
  const texts = [...new Set(causes.map(({ field, message }) => `${field}: ${message}`))];
  return failure({
    code: 422,
    reason: 'Invalid',
    message: `${named} "${name}" is invalid: ${texts.length === 1 ? texts.join() : `[${texts.join(', ')}]`}`,
    details: { ...(name === '' ? {} : { name }), group: kind.custom ? kind.group : '', kind: kind.kind, causes },
  });
}

/** A patch whose result is no object of its kind: the answer shows that result. */
export function invalidPatch(result: Json, problem: string): Answer {
  const message = `Invalid value: ${JSON.stringify(JSON.stringify(result))}: ${problem}`;
  const causes = [{ reason: 'FieldValueInvalid', message, field: 'patch' }];
  return failure({ code: 422, reason: 'Invalid', message: ` "" is invalid: patch: ${message}`, details: { causes } });
}

/** Options of a request that do not fit together: their kind is in the group meta.k8s.io. */
export function invalidOptions(kind: string, cause: Required<Cause>): Answer {
  return failure({
    code: 422,
    reason: 'Invalid',
    message: `${kind}.meta.k8s.io "" is invalid: ${cause.field}: ${cause.message}`,
    details: { group: 'meta.k8s.io', kind, causes: [cause] },
  });
}

export function badRequest(message: string): Answer {
  return failure({ code: 400, reason: 'BadRequest', message });
}

/** A body of a type that this kind does not take, where the server says which it does. */
export function unknownFormat(accepted: readonly string[]): Answer {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`;
  return failure({ code: 415, reason: 'UnsupportedMediaType', message });
}

export function unsupportedMediaType(): Answer {
  return failure({ code: 415, reason: 'UnsupportedMediaType', message: '415: Unsupported Media Type', details: {} });
}

export function unauthorized(): Answer {
  return failure({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' });
}

export function methodNotAllowed(): Answer {
  return failure({ code: 405, reason: 'MethodNotAllowed', message: 'the server does not allow this method on the requested resource', details: {} });
}

/** A body that does not fit the request in a way that has no better name. */
export function unprocessable(): Answer {
  return failure({ code: 422, reason: 'Invalid', message: 'the server rejected our request due to an error in our request', details: {} });
}

/** Refused by flow control: plain text, and a second to wait. */
export function tooManyRequests(retryAfterSeconds = 1): Answer {
  return {
    code: 429,
    body: 'Too many requests, please try again later.\n',
    headers: { 'Retry-After': String(retryAfterSeconds), 'X-Content-Type-Options': 'nosniff' },
  };
}

export function expired(message = 'The resourceVersion for the provided list is too old.', continueToken?: string): Answer {
  const { code, body } = failure({ code: 410, reason: 'Expired', message });
  return continueToken === undefined ? { code, body } : { code, body: { ...(isObject(body) ? body : {}), metadata: { continue: continueToken } } };
}

export function internalError(message = 'Internal error occurred: the simulated fault'): Answer {
  return failure({
    code: 500,
    reason: 'InternalError',
    message,
    details: { causes: [{ reason: '', message: message.replace(/^Internal error occurred: /, '') }] },
  });
}

export function unavailable(retryAfterSeconds?: number): Answer {
  const details = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
  return failure({ code: 503, reason: 'ServiceUnavailable', message: 'the server is currently unable to handle the request', details });
}

export function serverTimeout(): Answer {
  return failure({
    code: 504,
    reason: 'Timeout',
    message: 'Timeout: request did not complete within the allotted timeout',
    details: {},
  });
}
