import type { IncomingMessage } from 'node:http';
import { SalvorError } from '../../model/error.ts';
import type { Caller } from '../../port/commands.ts';
import { isLocal } from '../is-local.ts';
import type { Access } from './endpoint.ts';

export type CallerDeps = {
  /** Who sends this `Authorization` header; undefined: nobody we know. */
  readonly authenticate: (authorization: string | undefined) => Caller | undefined;
  /** Who is logged in to the console with this `Cookie` header: the console's pages follow the stream, and show reports. */
  readonly session?: (cookie: string | undefined) => Caller | undefined;
  /** What everybody may do; only asked for requests from this machine. */
  readonly anonymous: () => Caller;
};

/**
 * Who asks, before anything else of the request is read. Without a token only this machine itself may read, and only where everybody may;
 * a wrong token is refused also where none is needed.
 */
export function callerOf(deps: CallerDeps, req: IncomingMessage, access: Access): Caller {
  const { authorization } = req.headers;
  const caller = authorization === undefined ? (byCookie(deps, req) ?? unnamed(deps, req)) : deps.authenticate(authorization);
  if (caller === undefined) throw new SalvorError('request.unauthorized', 'Nobody in the configuration has this token');
  if (access === 'person' && caller.person === undefined) throw new SalvorError('request.unauthorized', 'This needs a person: send their token');
  if (access === 'read' && !caller.rights.includes('read')) {
    if (caller.person === undefined) throw new SalvorError('request.unauthorized', 'Reading needs a token here');
    throw new SalvorError('request.forbidden', `${caller.person} has not the right "read"`, { details: { right: 'read' } });
  }
  return req.headers['x-salvor-surface'] === 'cli' ? { ...caller, surface: 'cli' } : caller;
}

/** Only for looking: a browser sends its cookies whoever wrote the page. */
function byCookie({ session }: CallerDeps, { method, headers }: IncomingMessage): Caller | undefined {
  return method === 'GET' || method === 'HEAD' ? session?.(headers.cookie) : undefined;
}

function unnamed({ anonymous }: CallerDeps, req: IncomingMessage): Caller {
  return isLocal(req) ? anonymous() : { person: undefined, rights: [], surface: 'api' };
}
