import type { ServerResponse } from 'node:http';
import { type Clock, sleep } from '../../port/clock.ts';
import { breakOff, respond, respondJson } from '../http/respond.ts';
import type { Incoming } from '../http/route.ts';
import type { PeopleState } from '../people.ts';
import { bodyOf, incidentJson, type SimulatedPagerDuty } from './pagerduty.ts';

type Serving = { readonly pagerduty: SimulatedPagerDuty; readonly state: PeopleState; readonly clock: Clock };

const SLOW_MS = 5000;

/** The simulated PagerDuty over HTTP: `POST /v2/enqueue` and `GET /incidents`, with the pager's fault switch. `path` is what follows its base address. */
export async function servePagerDuty({ pagerduty, state, clock }: Serving, response: ServerResponse, { method, path, query, body }: Incoming): Promise<void> {
  if (state === 'down') return respond(response, { code: 503, body: 'Service Unavailable' });
  if (state === 'slow') await sleep(clock, SLOW_MS);
  switch (`${method} ${path}`) {
    case 'POST /v2/enqueue': {
      const answer = pagerduty.enqueue(bodyOf(body));
      return state === 'lost-reply' ? breakOff(response) : respond(response, answer);
    }
    case 'GET /incidents': {
      const key = query.get('incident_key');
      const statuses = query.getAll('statuses[]');
      const found = pagerduty.incidents().filter((one) => (key === null || one.key === key) && (statuses.length === 0 || statuses.includes(one.status)));
      return respondJson(response, { incidents: found.map(incidentJson), limit: 25, offset: 0, more: false, total: null });
    }
    default:
      return respondJson(response, { error: { message: 'Not Found', code: 2100 } }, 404);
  }
}
