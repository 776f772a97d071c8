import { z } from 'zod';
import { NOT_SIGNED_IN, refusedText } from '../domain/permission.ts';
import { cut } from '../model/cut.ts';
import { type ErrorCode, type Retry, SalvorError } from '../model/error.ts';

/**
 * Every refusal of an API server and every broken connection as one fault of ours, with its retry class. Pure.
 * A write whose outcome is not known is always `kube.timeout`: the caller reads before it repeats.
 */
export type Refusal = {
  readonly cluster: string;
  readonly status: number;
  readonly body: string;
  /** The header `Retry-After`, as sent. */
  readonly retryAfter?: string | undefined;
  /** The request would have changed something. */
  readonly write: boolean;
};

const Cause = z.looseObject({
  reason: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
  field: z.string().optional().catch(undefined),
});

/** A Status as servers really send it: some have no kind, some no reason, some no details. */
const Status = z.looseObject({
  message: z.string(),
  reason: z.string().optional().catch(undefined),
  code: z.number().optional().catch(undefined),
  details: z
    .looseObject({ causes: z.array(Cause).optional().catch(undefined), retryAfterSeconds: z.number().nonnegative().optional().catch(undefined) })
    .optional()
    .catch(undefined),
});
type Status = z.infer<typeof Status>;

const LONGEST_MESSAGE = 500;
/** What an API server says about a path of a group, or of a custom kind, that it does not serve. */
const UNKNOWN_PATH = '404 page not found';
/** The same of a group that the server itself serves. */
const UNKNOWN_RESOURCE = 'the server could not find the requested resource';
/** 403 of a server that cannot judge yet: admission of one that has just started, and a quota that nobody has counted. Nothing is written. */
const NOT_YET = ['not yet ready to handle request', 'status unknown for quota'];
/** How a server says that our roles do not allow it; what admission refuses reads otherwise. */
const BY_ROLES = / cannot [a-z]+ (?:resource|path) "/;
const TWO_BUDGETS = 'This pod has more than one PodDisruptionBudget';

/** The fault for an answer that is not 2xx. */
export function statusFault(refusal: Refusal): SalvorError {
  const status = parseStatus(refusal.body);
  const causes = status?.details?.causes ?? [];
  const [code, retry] = classOf(refusal, status);
  const reasons = causes.flatMap((cause) => (cause.message !== undefined && status?.message.includes(cause.message) === false ? [cause.message] : []));
  const text = [wordsOf(refusal, status), ...reasons].join(' ');
  const retryAfterMs = askedToWaitMs(refusal, status);
  return new SalvorError(code, `${refusal.cluster}: ${oneLine(text)}`, {
    retry,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    details: { status: refusal.status, ...whatRefused(refusal, status) },
  });
}

/** The fault for the object of an ERROR line in a watch: a Status that came with HTTP 200. */
export function watchFault(cluster: string, object: unknown): SalvorError {
  const status = Status.safeParse(object);
  return statusFault({ cluster, status: status.data?.code ?? 500, body: JSON.stringify(object) ?? '', write: false });
}

function classOf({ status: code, body, write }: Refusal, status: Status | undefined): readonly [ErrorCode, Retry] {
  const causes = status?.details?.causes ?? [];
  const message = status?.message ?? '';
  switch (code) {
    case 401:
      // Tokens rotate: the next try reads them again.
      return ['kube.unauthorized', 'later'];
    case 403:
      if (causes.some((cause) => cause.reason === 'NamespaceTerminating')) return ['kube.conflict', 'later'];
      return NOT_YET.some((text) => message.includes(text)) ? ['kube.unavailable', 'later'] : ['kube.forbidden', 'never'];
    case 404:
      // Only the API server itself can say that something does not exist: a balancer without a backend says 404, too.
      if (status === undefined && body.trim() !== UNKNOWN_PATH) return [write ? 'kube.timeout' : 'kube.unavailable', 'later'];
      return ['kube.not-found', 'never'];
    case 408:
    case 504:
      return ['kube.timeout', 'later'];
    case 409:
      return status?.reason === 'AlreadyExists' ? ['kube.exists', 'never'] : ['kube.conflict', 'now'];
    case 410:
      return ['kube.expired', 'now'];
    case 422:
      // A merge patch that names another uid: the object was deleted and made again.
      return causes.some((cause) => cause.field === 'metadata.uid') ? ['kube.conflict', 'now'] : ['kube.invalid', 'never'];
    case 429:
      return ['kube.too-many-requests', 'later'];
    case 500:
      if (message.startsWith(TWO_BUDGETS) || message.startsWith('resourceVersion: Invalid value')) return ['kube.invalid', 'never'];
      // An admission webhook that does not answer refuses before anything is written.
      if (message.includes('failed calling webhook')) return ['kube.unavailable', 'later'];
      return [write ? 'kube.timeout' : 'kube.unavailable', 'later'];
    case 502:
      return [write ? 'kube.timeout' : 'kube.unavailable', 'later'];
    case 503:
      // A balancer says so, too, when the server broke off behind it, after it took the request.
      return [write && status === undefined ? 'kube.timeout' : 'kube.unavailable', 'later'];
    default:
      return code >= 400 && code < 500 ? ['kube.invalid', 'never'] : ['kube.unavailable', 'later'];
  }
}

/** Facts for callers inside this room, so that nobody has to read a message. */
function whatRefused(refusal: Refusal, status: Status | undefined): { readonly [name: string]: boolean } {
  const reasons = status?.details?.causes?.map((cause) => cause.reason) ?? [];
  return {
    // A disruption budget said no; without it a 429 is the server's own load.
    ...(reasons.includes('DisruptionBudget') || status?.message.startsWith(TWO_BUDGETS) === true ? { budget: true } : {}),
    ...(refusal.status === 403 && BY_ROLES.test(status?.message ?? '') ? { roles: true } : {}),
    // The path is not served at all: the kind went away, not one object of it.
    ...(refusal.status === 404 && (refusal.body.trim() === UNKNOWN_PATH || status?.message === UNKNOWN_RESOURCE) ? { unknownPath: true } : {}),
  };
}

function parseStatus(body: string): Status | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return Status.safeParse(parsed).data;
  } catch {
    // Flow control, unknown paths and proxies answer plain text: the status code alone decides then.
    return undefined;
  }
}

/** What RBAC and the sign-in refuse is told in our words, with what to do; anything else as the server says it. */
function wordsOf(refusal: Refusal, status: Status | undefined): string {
  if (refusal.status === 401) return NOT_SIGNED_IN;
  const text = status?.message ?? plainText(refusal);
  return (refusal.status === 403 ? refusedText(text) : undefined) ?? text;
}

function plainText({ status, body }: Refusal): string {
  const text = body.trim();
  return text === '' || text.startsWith('<') ? `answered ${status}` : text;
}

function askedToWaitMs({ retryAfter }: Refusal, status: Status | undefined): number | undefined {
  const seconds = retryAfter !== undefined && /^\d{1,6}$/.test(retryAfter.trim()) ? Number(retryAfter) : status?.details?.retryAfterSeconds;
  return seconds === undefined ? undefined : seconds * 1000;
}

function oneLine(text: string): string {
  return cut(text.replace(/\s+/g, ' ').trim(), LONGEST_MESSAGE);
}

export type Breakage = {
  readonly cluster: string;
  readonly error: unknown;
  readonly write: boolean;
  /** The request may have reached the server before it broke. */
  readonly sent: boolean;
  /** The time for the answer was over. */
  readonly late: boolean;
};

const WORDS: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'refuses connections'],
  ['ENOTFOUND', 'has a server name that does not resolve'],
  ['EAI_AGAIN', 'has a server name that cannot be resolved now'],
  ['EHOSTUNREACH', 'cannot be reached'],
  ['ENETUNREACH', 'cannot be reached'],
  ['ETIMEDOUT', 'does not answer connections'],
  ['ECONNRESET', 'broke the connection'],
  ['EPIPE', 'broke the connection'],
]);

/** The fault for a request that got no whole answer. Nothing of the cause's text is passed on but its code. */
export function transportFault({ cluster, error, write, sent, late }: Breakage): SalvorError {
  if (late)
    return new SalvorError(write && !sent ? 'kube.unavailable' : 'kube.timeout', `${cluster}: no answer in time`, {
      retry: 'later',
      cause: error,
      details: { sent },
    });
  const code = causeCode(error);
  const words = WORDS.get(code) ?? (isTls(code) ? `does not pass the TLS check (${code})` : `broke the connection${code === '' ? '' : ` (${code})`}`);
  return new SalvorError(write && sent ? 'kube.timeout' : 'kube.unavailable', `${cluster}: ${words}`, {
    retry: 'later',
    cause: error,
    details: { sent, cause: code },
  });
}

function causeCode(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'cause' in error ? causeCode(error.cause) : '';
}

function isTls(code: string): boolean {
  return /^(?:ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|EPROTO)/.test(code);
}
