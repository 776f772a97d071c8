import type { RequestHandler } from 'express';
import { SalvorError } from '../model/error.ts';
import type { Ids } from '../port/ids.ts';
import type { Log } from '../port/log.ts';
import { SIGN_IN_CALLBACK, type SignIn } from '../port/sign-in.ts';
import { cookieIn, cookieLine } from './cookie.ts';
import { textOf } from './form.ts';
import { ownPath } from './own-path.ts';
import { SESSION_MS, type Sessions } from './session.ts';

/** So long may somebody take at the provider: a second factor, a new password. */
const WITHIN_MS = 900_000;
const COOKIE = 'salvor-sign-in';

type Deps = {
  readonly signIn: () => SignIn | undefined;
  readonly sessions: Sessions;
  readonly publicUrl: () => string | undefined;
  readonly ids: Ids;
  readonly log: Log;
};

/** The two halves of logging in by a provider, by their paths. What was begun is in a cookie, so no other browser can end it. */
export function signInRoutes(deps: Deps): ReadonlyMap<string, RequestHandler> {
  const { ids, log, sessions } = deps;
  const secure = (): boolean => deps.publicUrl()?.startsWith('https:') === true;
  return new Map<string, RequestHandler>([
    [
      '/login/oidc',
      async (req, res) => {
        const state = ids.next();
        const address = await providerOf(deps).begin(state);
        const value = `${state}.${Buffer.from(ownPath(textOf(req.query['to']))).toString('base64url')}`;
        res.setHeader('set-cookie', cookieLine(value, { secure: secure(), maxAgeMs: WITHIN_MS, cookie: COOKIE }));
        res.redirect(303, address);
      },
    ],
    [
      SIGN_IN_CALLBACK,
      async (req, res) => {
        const [state = '', to = ''] = (cookieIn(req.headers.cookie, COOKIE) ?? '').split('.');
        if (state === '')
          throw new SalvorError(
            'sign-in.refused',
            'This browser did not begin to log in here, or took too long, or began once more in another tab. Begin again',
          );
        const { person } = await providerOf(deps).finish(req.originalUrl.split('?', 2)[1] ?? '', state);
        const cookie = sessions.openFor(person);
        if (cookie === undefined) throw new SalvorError('sign-in.refused', `${person} may not come by the provider any more`);
        log.info('console.signed-in', { person });
        res.setHeader('set-cookie', [
          cookieLine(cookie, { secure: secure(), maxAgeMs: SESSION_MS }),
          cookieLine(undefined, { secure: secure(), maxAgeMs: 0, cookie: COOKIE }),
        ]);
        res.redirect(303, ownPath(Buffer.from(to, 'base64url').toString('utf8')));
      },
    ],
  ]);
}

function providerOf({ signIn }: Deps): SignIn {
  const provider = signIn();
  if (provider === undefined) throw new SalvorError('request.not-found', 'There is no OpenID provider in the configuration: log in with your token');
  return provider;
}
