import type { ServerResponse } from 'node:http';
import type { ErrorRequestHandler } from 'express';
import { z } from 'zod';
import { type ErrorCode, errorText, SalvorError } from '../model/error.ts';
import { ERROR_KINDS } from '../model/error-kind.ts';
import type { Log } from '../port/log.ts';

/** An error as programs get it: RFC 9457, with a code that never changes its meaning, and what to do about it. */
export const ProblemBody = z
  .looseObject({
    type: z.string().describe('urn:salvor:problem: and the code'),
    title: z.string(),
    status: z.number(),
    code: z.string().describe('Stable: programs decide by this'),
    detail: z.string().describe('What happened, for people'),
    next: z.string().describe('What to do about it'),
  })
  .describe('An error (RFC 9457); facts about it, such as the digest of the current plan, are members beside these');

/** What an endpoint answers with instead of its own answer. `facts` become members beside the fixed ones. */
export type Problem = {
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly headers?: { readonly [name: string]: string };
  readonly facts?: SalvorError['details'];
};

/** The status of a code: the same wherever it is answered. */
export function statusOf(code: ErrorCode): number {
  return ERROR_KINDS[code].status;
}

/** Any thrown value as a problem. What is no fault of ours says nothing about our inside. */
export function problemOf(error: unknown): Problem {
  const { code, message, details: facts, retryAfterMs = 5000 } = faultOf(error);
  const { status } = ERROR_KINDS[code];
  const detail = code === 'internal' ? 'Something went wrong that nobody expected' : message;
  const headers = {
    ...(status === 401 ? { 'www-authenticate': 'Bearer realm="salvor"' } : {}),
    ...(status === 503 ? { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) } : {}),
  };
  return { status, code, detail, headers, facts };
}

/** Answers with a problem document (RFC 9457). */
export function sendProblem(response: ServerResponse, { status, code, detail, headers = {}, facts = {} }: Problem): void {
  if (response.headersSent) {
    // A stream that broke half-way must not look complete.
    response.destroy();
    return;
  }
  const { title, next } = ERROR_KINDS[code];
  const body = JSON.stringify({ ...facts, type: `urn:salvor:problem:${code}`, title, status, code, detail, next });
  response.writeHead(status, {
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(body);
}

/** The last endpoint of a router: whatever was thrown becomes a problem; only faults of our own are told to the log. */
export function problemHandler(log: Log): ErrorRequestHandler {
  // oxlint-disable-next-line max-params -- Express tells the handler of errors by its four parameters.
  return (error, req, res, _next) => {
    const fault = faultOf(error);
    const problem = problemOf(fault);
    if (problem.status === 500)
      log.error('http.failed', { method: req.method, path: req.path.slice(0, 200), code: fault.code, reason: errorText(fault.cause ?? fault) });
    sendProblem(res, problem);
  };
}

/** Errors of the body's reader, by what it calls them, and everything else. */
const BODY_FAULTS: ReadonlyMap<string, ErrorCode> = new Map<string, ErrorCode>([
  ['entity.too.large', 'request.too-large'],
  ['entity.parse.failed', 'request.invalid'],
  ['entity.verify.failed', 'request.invalid'],
  ['request.aborted', 'request.invalid'],
  ['request.size.invalid', 'request.invalid'],
  ['encoding.unsupported', 'request.media-type'],
  ['charset.unsupported', 'request.media-type'],
]);

function faultOf(error: unknown): SalvorError {
  if (error instanceof SalvorError) return error;
  const type = typeof error === 'object' && error !== null && 'type' in error && typeof error.type === 'string' ? error.type : '';
  const code = BODY_FAULTS.get(type);
  if (code !== undefined)
    return new SalvorError(code, code === 'request.invalid' ? `The body cannot be read as JSON: ${errorText(error)}` : errorText(error), { cause: error });
  // A path that is not well encoded.
  if (error instanceof URIError) return new SalvorError('request.invalid', 'The path is not well encoded', { cause: error });
  return new SalvorError('internal', errorText(error), { cause: error });
}
