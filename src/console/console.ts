import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Response, Router } from 'express';
import { errorText, SalvorError } from '../model/error.ts';
import { ERROR_KINDS } from '../model/error-kind.ts';
import type { Clock } from '../port/clock.ts';
import type { Caller, Commands } from '../port/commands.ts';
import type { Ids } from '../port/ids.ts';
import type { Log } from '../port/log.ts';
import { cookieIn, cookieLine } from './cookie.ts';
import { type Decision, decisions } from './decisions.ts';
import { type Page, page, type Seat } from './layout.ts';
import { loginPage, refusalPage } from './page/login.ts';
import { isSame, SESSION_MS, type Session, type Sessions } from './session.ts';
import { SCRIPT, STYLE } from './style.ts';
import { type View, views } from './views.ts';

export type ConsoleDeps = {
  readonly commands: Commands;
  readonly sessions: Sessions;
  readonly callerOf: (person: string) => Caller;
  /** What somebody who is not logged in may do. */
  readonly anonymous: (req: Request) => Caller;
  /** People come by TLS. */
  readonly secure: () => boolean;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
};

const BODY_LIMIT = '64kb';
const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * The console: pages made on the server, forms that work without a script, nothing from elsewhere. Who is logged in is in a cookie, and a form
 * counts only with what a page of ours put into it.
 */
export function consoleRouter(deps: ConsoleDeps): Router {
  const { commands, sessions, clock, ids } = deps;
  const router = Router({ caseSensitive: true, strict: true });
  const seatOf = (req: Request): Seat => ({ session: sessions.read(cookieIn(req.headers.cookie)), nowMs: clock.nowMs() });

  const look =
    (view: View): RequestHandler =>
    async (req, res) => {
      const seat = seatOf(req);
      const caller = seat.session === undefined ? deps.anonymous(req) : deps.callerOf(seat.session.person);
      if (seat.session === undefined && !caller.rights.includes('read')) return res.redirect(303, loginPath(req.originalUrl));
      show(res, seat, await view({ commands, caller, seat, part: (name) => textOf(req.params[name]), key: ids.next() }));
    };

  const press =
    (decide: Decision): RequestHandler =>
    async (req, res) => {
      const seat = seatOf(req);
      if (seat.session === undefined) return res.redirect(303, loginPath('/'));
      const field = fieldsOf(req);
      assertOurs(req, seat.session, field('csrf'));
      const to = await decide({
        commands,
        caller: deps.callerOf(seat.session.person),
        field,
        fields: fieldNames(req),
        part: (name) => textOf(req.params[name]),
      });
      if (typeof to === 'string') res.redirect(303, to);
      else show(res, seat, to);
    };

  router.use(safely);
  router.get('/console.css', (_req, res) => void res.type('css').setHeader('cache-control', 'max-age=3600').send(STYLE));
  router.get('/console.js', (_req, res) => void res.type('js').setHeader('cache-control', 'max-age=3600').send(SCRIPT));
  router.get('/login', (req, res) => show(res, seatOf(req), loginPage({ to: ownPath(textOf(req.query['to'])), wrong: false })));
  for (const [path, view] of views) router.get(path, look(view));

  const readForm = express.urlencoded({ extended: false, limit: BODY_LIMIT });
  router.post('/login', readForm, (req, res) => {
    assertSameOrigin(req);
    const field = fieldsOf(req);
    const to = ownPath(field('to'));
    const cookie = sessions.open(field('token').trim());
    if (cookie === undefined) return show(res, seatOf(req), loginPage({ to, wrong: true }));
    res.setHeader('set-cookie', cookieLine(cookie, { secure: deps.secure(), maxAgeMs: SESSION_MS }));
    res.redirect(303, to);
  });
  router.post('/logout', readForm, (req, res) => {
    assertSameOrigin(req);
    res.setHeader('set-cookie', cookieLine(undefined, { secure: deps.secure(), maxAgeMs: 0 }));
    res.redirect(303, '/login');
  });
  for (const [path, decide] of decisions) router.post(path, readForm, press(decide));

  router.use((req) => {
    throw new SalvorError('request.not-found', `There is no page ${req.path.slice(0, 200)}`);
  });
  router.use(refusals(deps, seatOf));
  return router;
}

const safely: RequestHandler = (_req, res, next) => {
  res.setHeader('content-security-policy', POLICY);
  res.setHeader('x-content-type-options', 'nosniff');
  res.setHeader('referrer-policy', 'same-origin');
  res.setHeader('cache-control', 'no-store');
  next();
};

function show(res: Response, seat: Seat, shown: Page): void {
  res
    .status(shown.status ?? 200)
    .type('html')
    .send(page(shown, seat).toString());
}

/** What is refused is a page, too: what, and the way back. */
function refusals({ log }: ConsoleDeps, seatOf: (req: Request) => Seat): ErrorRequestHandler {
  // oxlint-disable-next-line max-params -- Express tells the handler of errors by its four parameters.
  return (error: unknown, req, res, _next) => {
    const code = error instanceof SalvorError ? error.code : isBodyFault(error) ? 'request.invalid' : 'internal';
    const { status, title } = ERROR_KINDS[code];
    if (status === 500) log.error('console.failed', { method: req.method, path: req.path.slice(0, 200), code, reason: errorText(error) });
    const detail = code === 'internal' ? 'Something went wrong that nobody expected; the log says more' : errorText(error);
    const back = req.method === 'POST' ? ownPath(req.path.split('/').slice(0, 3).join('/')) : '/';
    show(res, seatOf(req), { ...refusalPage({ title, detail, back }), status });
  };
}

function isBodyFault(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'type' in error && typeof error.type === 'string';
}

const loginPath = (to: string): string => `/login?to=${encodeURIComponent(ownPath(to))}`;

/** A path of this site; anything that a browser would take for another site is the first page. */
function ownPath(to: string): string {
  return /^\/(?![/\\])[^\\]*$/.test(to) && !to.startsWith('/login') ? to : '/';
}

function assertOurs(req: Request, session: Session, csrf: string): void {
  assertSameOrigin(req);
  if (!isSame(csrf, session.csrf))
    throw new SalvorError('request.forbidden', 'The form is not of this session: go back, load the page again, and send it from there');
}

/** Browsers say where a form was; one that says nothing is none. */
function assertSameOrigin({ headers }: Request): void {
  const { origin, host } = headers;
  const isOther = headers['sec-fetch-site'] !== undefined && !['same-origin', 'none'].includes(String(headers['sec-fetch-site']));
  if (isOther || (origin !== undefined && URL.parse(origin)?.host !== host)) throw new SalvorError('request.forbidden', 'The form was sent from another site');
}

function fieldsOf(req: Request): (name: string) => string {
  const body: unknown = req.body;
  return (name) => (typeof body === 'object' && body !== null && Object.hasOwn(body, name) ? textOf(Reflect.get(body, name)) : '');
}

function fieldNames(req: Request): readonly string[] {
  const body: unknown = req.body;
  return typeof body === 'object' && body !== null ? Object.keys(body) : [];
}

/** A field that came twice counts as its first. */
function textOf(value: unknown): string {
  const [first] = [value].flat();
  return typeof first === 'string' ? first : '';
}
