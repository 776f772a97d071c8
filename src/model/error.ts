/**
 * The one fault of this house. Adapters translate foreign errors into it at the edge; nobody reads `message` to decide.
 * `now`: try again at once; `later`: try again after a pause, the cause may go away; `never`: trying again cannot help.
 */
export type Retry = 'now' | 'later' | 'never';

export type ErrorCode =
  | 'kube.not-found'
  | 'kube.conflict'
  | 'kube.exists'
  | 'kube.forbidden'
  | 'kube.unauthorized'
  | 'kube.invalid'
  | 'kube.too-many-requests'
  | 'kube.expired'
  | 'kube.unavailable'
  | 'kube.timeout'
  | 'kube.unknown-kind'
  | 'metrics.unavailable'
  | 'probe.unavailable'
  | 'storage.unavailable'
  | 'chat.unavailable'
  | 'pager.unavailable'
  | 'store.full'
  | 'store.unavailable'
  | 'store.damaged'
  | 'store.locked'
  | 'run.fenced'
  | 'run.held'
  | 'run.not-planned'
  | 'run.facts-changed'
  | 'run.journal-full'
  | 'action.failed'
  | 'action.timeout'
  | 'action.bad-result'
  | 'playbook.invalid'
  | 'playbook.unknown'
  | 'config.invalid'
  | 'request.invalid'
  | 'request.unauthorized'
  | 'request.forbidden'
  | 'request.not-found'
  | 'request.conflict'
  | 'request.too-large'
  | 'request.media-type'
  | 'request.method'
  | 'approval.plan-changed'
  | 'approval.not-allowed'
  | 'approval.confirmation-missing'
  | 'approval.not-waiting'
  | 'sign-in.refused'
  | 'sign-in.unavailable'
  | 'server.unreachable'
  | 'server.busy'
  | 'server.draining'
  | 'internal';

export type ErrorOptions = {
  readonly retry?: Retry;
  readonly cause?: unknown;
  /** How long the other side asked us to wait, in ms (Retry-After). */
  readonly retryAfterMs?: number;
  /** Facts for machines; never a secret. */
  readonly details?: { readonly [name: string]: string | number | boolean };
};

export class SalvorError extends Error {
  readonly code: ErrorCode;
  readonly retry: Retry;
  readonly retryAfterMs: number | undefined;
  readonly details: { readonly [name: string]: string | number | boolean };

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'SalvorError';
    this.code = code;
    this.retry = options.retry ?? 'never';
    this.retryAfterMs = options.retryAfterMs;
    this.details = options.details ?? {};
  }
}

/** The code of any thrown value: a fault of ours, or `internal`. */
export function errorCode(error: unknown): ErrorCode {
  return error instanceof SalvorError ? error.code : 'internal';
}

/** One line for people; never a stack. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
