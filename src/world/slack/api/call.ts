import { z } from 'zod';
import { isObject, type Json, type JsonObject, parseJson } from '../../../model/json.ts';
import { sleep } from '../../../port/clock.ts';
import type { Call, Core } from '../core.ts';
import type { ReadSlackFault } from '../scenario.ts';
import { CHAT } from './chat.ts';
import { CONVERSATIONS } from './conversations.ts';
import { FILES } from './files.ts';
import { READING } from './history.ts';
import { INSTALLATION } from './installation.ts';
import { MARKS } from './marks.ts';
import { type Method, Refusal } from './method.ts';
import { PEOPLE } from './people.ts';
import { VIEWS } from './views.ts';

/** What a method call over HTTP brings. */
export type Asked = {
  readonly method: string;
  readonly contentType: string;
  readonly authorization?: string | undefined;
  readonly query: URLSearchParams;
  readonly body: string;
};

/** What it meets: an answer, a broken connection, or silence. */
export type Answered =
  | { readonly kind: 'answer'; readonly code: number; readonly body: JsonObject | string; readonly headers: { readonly [name: string]: string } }
  | { readonly kind: 'reset' }
  | { readonly kind: 'silence' };

/** Calls that are kept to be looked at; of more, the older half goes. */
const MOST_REMEMBERED = 20_000;

const METHODS: ReadonlyMap<string, Method> = new Map<string, Method>(
  Object.entries({ ...INSTALLATION, ...CHAT, ...CONVERSATIONS, ...READING, ...MARKS, ...PEOPLE, ...VIEWS, ...FILES }),
);

/** The methods that this Slack knows, with `apps.connections.open`, which the sockets bring. */
export function webApi(
  core: Core,
  more: { readonly [name: string]: Method },
): { readonly names: readonly string[]; readonly call: (asked: Asked) => Promise<Answered> } {
  const methods = new Map([...METHODS, ...Object.entries(more)]);
  return { names: [...methods.keys()].toSorted(), call: (asked) => answer(core, methods, asked) };
}

async function answer(core: Core, methods: ReadonlyMap<string, Method>, asked: Asked): Promise<Answered> {
  const args = argumentsOf(asked);
  const channel = typeof args['channel'] === 'string' ? args['channel'] : undefined;
  const record = (outcome: string): void => {
    const { token: _, ...shown } = args;
    const call: Call = { method: asked.method, args: shown, atMs: core.clock.nowMs(), outcome };
    core.calls.push(call);
    if (core.calls.length > MOST_REMEMBERED) core.calls.splice(0, MOST_REMEMBERED / 2);
  };

  const fault = core.faults.meet({ method: asked.method, channel });
  if (fault !== undefined) {
    const delayMs = fault.delay ?? (fault.give === 'slow' ? 1000 : 0);
    if (delayMs > 0) await sleep(core.clock, delayMs);
    const met = outcomeOf(fault);
    if (met !== undefined) {
      record(fault.give === 'refuse' ? (fault.error ?? 'fatal_error') : fault.give);
      return met;
    }
  }

  const done = perform(core, methods.get(asked.method), { asked, args, channel });
  record(fault?.give === 'lost-reply' ? `lost ${done.outcome}` : done.outcome);
  return fault?.give === 'lost-reply' ? { kind: 'reset' } : done.answered;
}

/** What a fault answers without doing anything; undefined where the call is done. */
function outcomeOf({ give, error, status = 500, retryAfter = 1000 }: ReadSlackFault): Answered | undefined {
  switch (give) {
    case 'down':
    case 'reset':
      return { kind: 'reset' };
    case 'hang':
      return { kind: 'silence' };
    case 'rate-limited':
      return tooMany(retryAfter);
    case 'server-error':
      return { kind: 'answer', code: status, body: '<html><body>Server Error</body></html>', headers: {} };
    case 'refuse':
      return { kind: 'answer', code: 200, body: { ok: false, error: error ?? 'fatal_error' }, headers: {} };
    case 'lost-reply':
    case 'slow':
      return undefined;
  }
}

function tooMany(waitMs: number): Answered {
  return { kind: 'answer', code: 429, body: { ok: false, error: 'ratelimited' }, headers: { 'Retry-After': String(Math.max(1, Math.ceil(waitMs / 1000))) } };
}

type Performing = { readonly asked: Asked; readonly args: JsonObject; readonly channel: string | undefined };

function perform(core: Core, method: Method | undefined, { asked, args, channel }: Performing): { readonly outcome: string; readonly answered: Answered } {
  const { app } = core.workspace;
  const refused = (error: string, extra: JsonObject = {}): { readonly outcome: string; readonly answered: Answered } => ({
    outcome: error,
    answered: { kind: 'answer', code: 200, body: { ok: false, error, ...extra }, headers: {} },
  });
  if (method === undefined) return refused('unknown_method', { req_method: asked.method });
  const kind = method.token === 'none' ? 'none' : tokenKind(core, asked, args);
  if (kind !== 'none' && kind !== 'bot' && kind !== 'app') return refused(kind.error);
  if (kind !== method.token) return refused('not_allowed_token_type');
  const headers = { 'x-oauth-scopes': kind === 'app' ? 'connections:write' : app.scopes.join(','), 'x-accepted-oauth-scopes': method.scopes.join(',') };
  const waitMs = core.limits.take({ method: asked.method, channel, rate: method.rate });
  if (waitMs > 0) return { outcome: 'ratelimited', answered: tooMany(waitMs) };
  const isAllowed = kind !== 'bot' || method.scopes.length === 0 || method.scopes.some((scope) => app.scopes.includes(scope));
  try {
    if (!isAllowed) throw new Refusal('missing_scope', { needed: method.scopes[0], provided: app.scopes.join(',') });
    return { outcome: 'ok', answered: { kind: 'answer', code: 200, body: { ok: true, ...method.call(core, args) }, headers } };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { outcome, answered } = refused(error.error, error.extra);
    return { outcome, answered: { ...answered, ...(answered.kind === 'answer' ? { headers } : {}) } };
  }
}

function tokenKind({ workspace: { app } }: Core, { authorization }: Asked, args: JsonObject): 'bot' | 'app' | { readonly error: string } {
  const given = typeof args['token'] === 'string' ? args['token'] : authorization?.replace(/^Bearer /i, '');
  if (given === undefined || given === '') return { error: 'not_authed' };
  const kind = given.startsWith('xoxb-') ? 'bot' : given.startsWith('xapp-') ? 'app' : undefined;
  const only = kind === 'app' ? app.appToken : app.botToken;
  if (kind === undefined) return { error: given.startsWith('xoxp-') ? 'not_allowed_token_type' : 'invalid_auth' };
  if (only !== undefined && only !== given) return { error: 'invalid_auth' };
  return app.refusedWith === undefined ? kind : { error: app.refusedWith };
}

/** The arguments, from wherever they are: the address, a form, or JSON. */
function argumentsOf({ contentType, query, body }: Asked): JsonObject {
  const inQuery = Object.fromEntries(query);
  if (contentType !== 'application/json') return { ...inQuery, ...Object.fromEntries(new URLSearchParams(body)) };
  const read = z.json().safeParse(parseJson(body));
  const value: Json | undefined = read.success ? read.data : undefined;
  return isObject(value) ? { ...inQuery, ...value } : inQuery;
}
