import express, { type Request, type RequestHandler, Router } from 'express';
import { SalvorError } from '../../model/error.ts';
import type { Clock } from '../../port/clock.ts';
import type { Commands } from '../../port/commands.ts';
import type { Log } from '../../port/log.ts';
import { openapi } from '../openapi.ts';
import { problemHandler } from '../problem.ts';
import { type CallerDeps, callerOf } from './caller.ts';
import { type Endpoint, endpoint, json } from './endpoint.ts';
import { incidentEndpoints } from './incidents.ts';
import { operationEndpoints } from './operations.ts';
import { playbookEndpoints } from './playbooks.ts';
import { runEndpoints } from './runs.ts';
import { send } from './send.ts';

const BODY_LIMIT = '256kb';
const MOST_STREAMS = 100;

export type ApiDeps = CallerDeps & {
  readonly commands: Commands;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  /** Aborts when the server begins to stop: streams end. */
  readonly draining: AbortSignal;
  /** How many may follow the stream at once; default 100. */
  readonly mostStreams?: number;
};

/** Every endpoint of the API: the router, its description and the tests are made of this list. */
export function apiEndpoints({ commands, clock, version }: Pick<ApiDeps, 'commands' | 'clock' | 'version'>): readonly Endpoint[] {
  const endpoints = [...incidentEndpoints(commands), ...runEndpoints(commands), ...playbookEndpoints(commands), ...operationEndpoints(commands, clock)];
  const description = endpoint({
    method: 'get',
    path: '/openapi.json',
    summary: 'This description',
    access: 'open',
    answers: [],
    handle: () => json(document),
  });
  const document = openapi([...endpoints, description], version);
  return [...endpoints, description];
}

/**
 * The API for people and programs. Mounted at the root, behind the endpoints of machines (Alertmanager, Slack, PagerDuty) and before the console:
 * it answers `/api/v1/*` to the end, 404 included, and `/openapi.json`.
 */
export function apiRouter(deps: ApiDeps): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const endpoints = apiEndpoints(deps);
  const streams = { open: 0 };
  router.use('/api/v1', plainAnswers);
  for (const path of new Set(endpoints.map((one) => one.path))) {
    const own = endpoints.filter((one) => one.path === path);
    const place = path.replace(/\{([A-Za-z]+)\}/g, ':$1');
    for (const one of own) router[one.method](place, ...handlersOf(one, deps, streams));
    router.all(place, wrongMethod(own));
  }
  router.use('/api/v1', () => {
    throw new SalvorError('request.not-found', 'There is nothing under this path; /openapi.json lists what there is');
  });
  router.use(problemHandler(deps.log));
  return router;
}

const plainAnswers: RequestHandler = (_req, res, next) => {
  res.removeHeader('X-Powered-By');
  res.setHeader('Cache-Control', 'no-store');
  res.setHeader('X-Content-Type-Options', 'nosniff');
  next();
};

function wrongMethod(endpoints: readonly Endpoint[]): RequestHandler {
  const methods = endpoints.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]));
  const allow = [...methods, 'OPTIONS'].join(', ');
  return (req, res) => {
    res.setHeader('Allow', allow);
    if (req.method !== 'OPTIONS')
      throw new SalvorError('request.method', `${req.method} is not answered here, ${methods.join(' and ')} ${methods.length > 1 ? 'are' : 'is'}`);
    res.statusCode = 204;
    res.end();
  };
}

const readJson = express.json({ limit: BODY_LIMIT, type: ['application/json', 'application/*+json'], strict: false });

/** Who asks is known before the body is read. */
function handlersOf(one: Endpoint, deps: ApiDeps, streams: { open: number }): readonly RequestHandler[] {
  const who: RequestHandler = (req, _res, next) => {
    callerOf(deps, req, one.access);
    next();
  };
  const media: RequestHandler = (req, _res, next) => {
    const hasBody = req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0;
    if (hasBody && one.body !== undefined && req.is(['application/json', 'application/*+json']) === false)
      throw new SalvorError('request.media-type', 'Expected Content-Type: application/json');
    next();
  };
  const answer: RequestHandler = async (req, res) => {
    const gone = new AbortController();
    res.once('close', () => gone.abort());
    const signal = AbortSignal.any([gone.signal, deps.draining]);
    const raw = { caller: callerOf(deps, req, one.access), path: textParts(req), query: req.query, body: req.body as unknown, headers: req.headers, signal };
    const reply = await one.respond(raw);
    if (reply.kind !== 'stream' || req.method === 'HEAD') return send(reply, { res, clock: deps.clock, signal });
    if (streams.open >= (deps.mostStreams ?? MOST_STREAMS))
      throw new SalvorError('server.busy', 'As many as can follow the stream do so already', { retry: 'later' });
    streams.open += 1;
    try {
      await send(reply, { res, clock: deps.clock, signal });
    } finally {
      streams.open -= 1;
    }
  };
  return one.body === undefined ? [who, answer] : [who, media, readJson, answer];
}

function textParts(req: Request): { readonly [name: string]: string | undefined } {
  return Object.fromEntries(Object.entries(req.params).map(([name, value]) => [name, [value].flat().join('/')]));
}
