import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import { SalvorError } from '../model/error.ts';
import type { Clock } from '../port/clock.ts';
import type { Caller, Commands } from '../port/commands.ts';
import type { Ids } from '../port/ids.ts';
import type { Log } from '../port/log.ts';
import type { SignIn } from '../port/sign-in.ts';
import { type Rules, whyNot } from './access.ts';
import { type Attempts, slowAttempts } from './attempts.ts';
import { cookieIn, cookieLine } from './cookie.ts';
import { type Decision, decisions } from './decisions.ts';
import { EMPTY_FORM, type Form, formOf, textOf } from './form.ts';
import { safely } from './headers.ts';
import { keepForm, keptIn, keptPage } from './kept.ts';
import { type Page, page, type Seat } from './layout.ts';
import type { Looking, View } from './looking.ts';
import { assertSameOrigin } from './origin.ts';
import { ownPath } from './own-path.ts';
import { loginPage } from './page/login.ts';
import { isShownAgain, noticeOf, refusals } from './refusal.ts';
import { SCRIPT } from './script.ts';
import { isSame, SESSION_MS, type Session, type Sessions } from './session.ts';
import { signInRoutes } from './sign-in.ts';
import { STYLE } from './style.ts';
import { views } from './views.ts';

export type ConsoleDeps = {
  readonly commands: Commands;
  readonly sessions: Sessions;
  /** The OpenID provider, as the configuration says now. */
  readonly signIn: () => SignIn | undefined;
  readonly callerOf: (person: string) => Caller;
  /** What somebody who is not logged in may do. */
  readonly anonymous: (req: Request) => Caller;
  /** Who may do what, as the configuration says now. */
  readonly rules: () => Rules;
  /** Names of the clusters. */
  readonly clusters: () => readonly string[];
  /** How people reach us, as the configuration says now; by TLS, the cookie is sent by TLS only. */
  readonly publicUrl: () => string | undefined;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
};

const BODY_LIMIT = '64kb';

/**
 * The console: pages made on the server, forms that work without a script, nothing from elsewhere. Who is logged in is in a cookie, and a form
 * counts only with what a page of ours put into it.
 */
export function consoleRouter(deps: ConsoleDeps): Router {
  const { sessions, clock } = deps;
  const attempts = slowAttempts(clock);
  const router = Router({ caseSensitive: true, strict: true });
  const seatOf = (req: Request, form: Form = EMPTY_FORM): Seat => seatAt(deps, req, form);

  const logInAt = (at: Omit<Parameters<typeof loginPage>[0], 'provider'>): Page => loginPage({ ...at, provider: deps.signIn()?.label });

  const look =
    (view: View): RequestHandler =>
    async (req, res) => {
      const seat = seatOf(req);
      if (seat.session === undefined && !seat.caller.rights.includes('read')) return res.redirect(303, loginPath(req.originalUrl));
      show(res, seat, await view(lookingAt(deps, req, seat)));
    };

  const press =
    ({ view, decide }: Decision): RequestHandler =>
    async (req, res) => {
      const form = formOf(req);
      const seat = seatOf(req, form);
      assertSameOrigin(req.headers, deps.publicUrl());
      // Whoever was logged out in the middle of writing goes on where they were.
      if (seat.session === undefined) return show(res, seat, logInAt({ to: '/', why: 'expired', kept: keepForm(req.path, form) }));
      assertOurs(seat.session, form.field('csrf'));
      const looking = lookingAt(deps, req, seat);
      try {
        const to = await decide({ ...looking, form });
        if (typeof to === 'string') res.redirect(303, to);
        else show(res, seat, to);
      } catch (error) {
        const again = views.get(view);
        if (again === undefined || !isShownAgain(error)) throw error;
        const { notice, status } = noticeOf(error);
        show(res, { ...seat, notice }, { ...(await again(looking)), status });
      }
    };

  router.use(safely);
  router.get('/console.css', asset('css', STYLE));
  router.get('/console.js', asset('js', SCRIPT));
  router.get('/login', (req, res) => show(res, seatOf(req), logInAt({ to: ownPath(textOf(req.query['to'])) })));
  for (const [path, handler] of signInRoutes(deps)) router.get(path, handler);
  for (const [path, view] of views) router.get(path, look(view));

  const readForm = express.urlencoded({ extended: false, limit: BODY_LIMIT });
  router.post('/login', readForm, logIn(deps, attempts));
  router.post('/logout', readForm, (req, res) => {
    assertSameOrigin(req.headers, deps.publicUrl());
    res.setHeader('set-cookie', cookieLine(undefined, { secure: isSecure(deps), maxAgeMs: 0 }));
    res.redirect(303, '/login');
  });
  for (const [path, decision] of decisions) router.post(path, readForm, press(decision));

  router.use((req) => {
    throw new SalvorError('request.not-found', `There is no page ${req.path.slice(0, 200)}`);
  });
  router.use(refusals(deps.log, (req, res, shown) => show(res, seatOf(req), shown)));
  return router;

  function logIn({ ids }: ConsoleDeps, { mayTry, wrong }: Attempts): RequestHandler {
    return async (req, res) => {
      assertSameOrigin(req.headers, deps.publicUrl());
      const form = formOf(req);
      const to = ownPath(form.field('to'));
      const kept = keptIn(form.field('kept'));
      const address = req.socket.remoteAddress ?? '';
      if (!mayTry(address)) return show(res, seatOf(req), { ...logInAt({ to, why: 'busy', kept }), status: 429 });
      const token = form.field('token').trim();
      const here = sessions.read(cookieIn(req.headers.cookie));
      // Who logged in beside this page goes on with what it keeps.
      if (token === '' && kept !== undefined && here !== undefined) return show(res, { ...seatOf(req), session: here }, keptPage(kept, here, ids.next()));
      if (token === '') return show(res, seatOf(req), logInAt({ to, why: 'not-yet', kept }));
      const cookie = sessions.open(token);
      if (cookie === undefined) {
        await wrong(address);
        return show(res, seatOf(req), logInAt({ to, why: 'wrong', kept }));
      }
      res.setHeader('set-cookie', cookieLine(cookie, { secure: isSecure(deps), maxAgeMs: SESSION_MS }));
      const session = sessions.read(cookie);
      if (kept === undefined || session === undefined) return res.redirect(303, to);
      show(res, { ...seatOf(req), session }, keptPage(kept, session, ids.next()));
    };
  }
}

function seatAt(deps: ConsoleDeps, req: Request, form: Form): Seat {
  const session = deps.sessions.read(cookieIn(req.headers.cookie));
  const caller = session === undefined ? deps.anonymous(req) : deps.callerOf(session.person);
  const rules = deps.rules();
  return { session, caller, rules, nowMs: deps.clock.nowMs(), whyNot: (right) => whyNot(right, caller, rules), key: deps.ids.next(), form };
}

function lookingAt({ commands, clusters, clock }: ConsoleDeps, req: Request, seat: Seat): Looking {
  return {
    commands,
    caller: seat.caller,
    clusters: clusters(),
    clock,
    seat,
    part: (name) => textOf(req.params[name]),
    query: (name) => textOf(req.query[name]),
  };
}

function show(res: Response, seat: Seat, shown: Page): void {
  res
    .status(shown.status ?? 200)
    .type('html')
    .send(page(shown, seat).toString());
}

/** Asked for again with each page, and answered with a 304 while it is the same: an upgrade counts at once. */
function asset(type: string, text: string): RequestHandler {
  return (_req, res) => void res.type(type).setHeader('cache-control', 'no-cache').send(text);
}

const isSecure = ({ publicUrl }: Pick<ConsoleDeps, 'publicUrl'>): boolean => publicUrl()?.startsWith('https:') === true;

const loginPath = (to: string): string => `/login?to=${encodeURIComponent(ownPath(to))}`;

function assertOurs(session: Session, csrf: string): void {
  if (!isSame(csrf, session.csrf))
    throw new SalvorError('request.forbidden', 'The form is not of this session: go back, load the page again, and send it from there');
}
