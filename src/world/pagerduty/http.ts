import type { IncomingMessage, ServerResponse } from 'node:http';
import { isObject, type Json } from '../../model/json.ts';
import { type Clock, sleep } from '../../port/clock.ts';
import { breakOff, respond } from '../http/respond.ts';
import type { Incoming } from '../http/route.ts';
import type { PeopleState } from '../people.ts';
import { controlPagerDuty } from './control.ts';
import type { PagerDutyAnswer } from './events.ts';
import type { Asked, PagerDutyFault } from './faults.ts';
import type { SimulatedPagerDuty } from './pagerduty.ts';

type Serving = { readonly pagerduty: SimulatedPagerDuty; readonly state: PeopleState; readonly clock: Clock };
type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse };

const SLOW_MS = 5000;

/**
 * The simulated PagerDuty over HTTP: Events v2, change events, REST and the world's own switches, with the pager's fault switch and with faults by
 * endpoint. `path` is what follows its base address.
 */
export async function servePagerDuty(serving: Serving, { request, response }: Exchange, incoming: Incoming): Promise<void> {
  const { pagerduty, state, clock } = serving;
  const { method, path, body } = incoming;
  if (path.startsWith('/control/')) return respond(response, controlPagerDuty(pagerduty, `${method} ${path}`, bodyOf(body)));
  if (state === 'down') return respond(response, { code: 503, body: 'Service Unavailable' });
  if (state === 'slow') await sleep(clock, SLOW_MS);
  const on: Asked['on'] = path === '/v2/enqueue' ? 'events' : path === '/v2/change/enqueue' ? 'changes' : 'rest';
  const met = pagerduty.faults.meet({ on, method, path });
  if (met?.delay !== undefined) await sleep(clock, met.delay);
  if (met?.give === 'hang') return;
  if (met?.give === 'down') return breakOff(response);
  const refused = met === undefined ? undefined : refusal(met.give, met.retryAfter);
  if (refused !== undefined) return respond(response, refused);
  const answer = answerOf(pagerduty, { on, request, incoming });
  if (met?.give === 'lost-reply' || (state === 'lost-reply' && method !== 'GET')) return breakOff(response);
  return respond(response, answer);
}

function answerOf(
  pagerduty: SimulatedPagerDuty,
  { on, request, incoming }: { readonly on: Asked['on']; readonly request: IncomingMessage; readonly incoming: Incoming },
): PagerDutyAnswer {
  const { method, path, query } = incoming;
  const body = bodyOf(incoming.body);
  if (on !== 'rest' && method === 'POST') return on === 'events' ? pagerduty.enqueue(body) : pagerduty.change(body);
  const from = request.headers['from'];
  return pagerduty.rest({ method, path, query, body, authorization: request.headers.authorization, from: typeof from === 'string' ? from : undefined });
}

function refusal(give: PagerDutyFault['give'], retryAfter: number | undefined): PagerDutyAnswer | undefined {
  switch (give) {
    case 'unavailable':
      return { code: 503, body: {} };
    case 'internal':
      return { code: 500, body: { error: { message: 'Internal Server Error', code: 2000 } } };
    case 'unauthorized':
      return { code: 401, body: { error: { message: 'Authentication failed', code: 2006 } } };
    case 'too-many-requests': {
      const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter), 'ratelimit-remaining': '0', 'ratelimit-reset': String(retryAfter) };
      return { code: 429, body: { error: { message: 'Rate Limit Exceeded', code: 2020 } }, headers };
    }
    default:
      return undefined;
  }
}

/** A body may be any JSON; what is no object is as wrong as an empty one. */
function bodyOf(text: string): Json {
  try {
    const read: Json = JSON.parse(text);
    return isObject(read) ? read : {};
  } catch {
    return {};
  }
}
