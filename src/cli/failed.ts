import { errorText } from '../model/error.ts';
import { isObject, type Json, type JsonObject } from '../model/json.ts';
import { EXIT } from './context.ts';
import { type Io, paint, printJson, printLine } from './print.ts';

/** Why a request gave no answer: in words, with what to do next, and what the program ends with. */
export type Failed = {
  readonly kind: 'failed';
  readonly exitCode: 1 | 2 | 3;
  readonly text: string;
  readonly next: string;
  /** Stable: `approval.plan-changed` and the like; absent where no server said it. */
  readonly code?: string;
  /** Nothing listens at that address. */
  readonly nobody?: boolean;
  /** As the API answered it (RFC 9457). */
  readonly problem?: JsonObject;
};

export function wrongUse(text: string, next: string): Failed {
  return { kind: 'failed', exitCode: EXIT.wrongUse, text, next };
}

/** Prints a failure where people look for it; programs get the problem as the API answered it. Gives the exit code. */
export function printFailed(io: Io, { text, next, exitCode, problem }: Failed, options: { readonly json?: boolean } = {}): number {
  if (options.json === true && problem !== undefined) printJson(io, problem);
  const err = { ...io, stdout: (line: string) => io.stderr(line) };
  printLine(err, paint(io, 'red', text));
  if (next !== '') printLine(err, next);
  return exitCode;
}

/** Codes of answers that mean: not reached, or not now. */
const UNREACHED: readonly string[] = ['server.unreachable', 'server.draining', 'server.busy', 'store.unavailable', 'kube.unavailable', 'kube.timeout'];
/** Codes that mean that the words on the command line were wrong. */
const WRONG_USE: readonly string[] = ['request.invalid', 'request.method', 'request.media-type', 'request.too-large'];

/** What to do next on the command line, where that differs from what the API says to programs. */
const NEXT: ReadonlyMap<string, string> = new Map([
  ['request.forbidden', 'Ask somebody who has the right, or have the configuration changed (rights, people).'],
  ['request.not-found', 'See what there is: salvor runs, salvor incidents.'],
  ['request.invalid', 'Correct it; --help shows an example.'],
  ['playbook.unknown', 'See what there is: salvor playbooks.'],
  ['approval.plan-changed', 'Look at the current plan (salvor show RUN), and approve that one if you agree.'],
  ['approval.confirmation-missing', 'Say it again with --confirm TEXT; salvor show RUN tells which word.'],
]);

/** A problem document in words. */
export function failedBy(body: string, { url, status, hasToken }: { readonly url: string; readonly status: number; readonly hasToken: boolean }): Failed {
  const problem = parsed(body);
  if (!isObject(problem)) return unexpectedAnswer(url, { status, type: 'application/problem+json', location: null });
  const code = textOf(problem['code']);
  const detail = textOf(problem['detail']) || textOf(problem['title']) || `The server answers ${status}`;
  const exitCode = UNREACHED.includes(code) ? EXIT.unreached : WRONG_USE.includes(code) ? EXIT.wrongUse : EXIT.no;
  const next = code === 'request.unauthorized' ? tokenAdvice(hasToken) : (NEXT.get(code) ?? textOf(problem['next']));
  return { kind: 'failed', exitCode, text: detail, next, code, problem };
}

function tokenAdvice(hasToken: boolean): string {
  return hasToken
    ? 'The server does not know the token in SALVOR_TOKEN: compare it with the token of yours that the configuration names (people).'
    : 'Put your token in SALVOR_TOKEN: export SALVOR_TOKEN="$(cat FILE)". The configuration (people) says where yours lies.';
}

type Strange = { readonly status: number; readonly type: string; readonly location: string | null };

/** Something answers, and it is not Salvor. */
export function unexpectedAnswer(url: string, { status, type, location }: Strange): Failed {
  const what = location === null ? `${status}${type === '' ? '' : ` and ${type.split(';')[0] ?? ''}`}` : `${status}, a redirect to ${location.slice(0, 200)}`;
  const next =
    location === null
      ? `Is the address right? curl ${url}/openapi.json tells who is there.`
      : 'Redirects are not followed: name that address with --url, if you trust it.';
  return { kind: 'failed', exitCode: EXIT.unreached, text: `What answers at ${url} is not Salvor's API: ${what}`, next };
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'it refuses connections'],
  ['ENOTFOUND', 'there is no such host name'],
  ['EAI_AGAIN', 'the host name cannot be looked up now'],
  ['ECONNRESET', 'it broke the connection off'],
  ['UND_ERR_SOCKET', 'it broke the connection off'],
  ['EHOSTUNREACH', 'there is no way to that host'],
  ['ENETUNREACH', 'there is no way to that network'],
  ['ETIMEDOUT', 'it does not answer'],
  ['UND_ERR_CONNECT_TIMEOUT', 'it does not answer'],
]);

/** No answer at all. */
export function unreachable(url: string, error: unknown): Failed {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  const reason = REASONS.get(code) ?? errorText(cause);
  return {
    kind: 'failed',
    exitCode: EXIT.unreached,
    code: 'server.unreachable',
    nobody: code === 'ECONNREFUSED',
    text: `Cannot reach Salvor at ${url}: ${reason}`,
    next: `Does it run there? curl ${url}/openapi.json shows it. Another place is named by --url or SALVOR_URL; salvor serve starts one.`,
  };
}

/** The JSON of a text; undefined where it is none. */
export function parsed(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
