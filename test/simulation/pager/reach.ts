import { z } from 'zod';
import { type JsonObject, parseJson } from '../../../src/model/json.ts';
import type { Fetch } from '../../../src/pagerduty/events.ts';
import { notReached, notTaken } from '../../../src/pagerduty/fault.ts';
import type { Rest, RestOptions } from '../../../src/pagerduty/rest.ts';
import { sleep } from '../../../src/port/clock.ts';
import type { PagerDutyAnswer } from '../../../src/world/pagerduty/events.ts';
import type { SimulatedPagerDuty } from '../../../src/world/pagerduty/pagerduty.ts';
import { call, type Link } from '../link.ts';
import type { Taken } from '../watch/pages.ts';

type Met = { readonly kind: 'answer'; readonly answer: PagerDutyAnswer } | { readonly kind: 'broken' };
type Reach = { readonly fetch: Fetch; readonly rest: (options: RestOptions) => Rest };

const DEADLINE_MS = 10_000;

/**
 * PagerDuty as one program reaches it: the simulated one's own events and REST behind a link of the simulation, below the product's own code that makes
 * events, asks whether they call anybody, and escalates. HTTP and PagerDuty's library alone are left out, which no seed could replay.
 */
export function linkedPagerDuty(link: Link, pagerduty: SimulatedPagerDuty, took: (one: Taken) => void): Reach {
  const { chance, replica } = link;
  const reach = async (what: string, run: () => PagerDutyAnswer): Promise<PagerDutyAnswer> => {
    const asking = call<Met>(link, {
      what: `pagerduty ${what}`,
      run: async () => ({ kind: 'answer', answer: run() }),
      refused: () => notDone(chance.next(), 1 + chance.below(20)),
      lost: () => ({ kind: 'broken' }),
    });
    const giving = new AbortController();
    const late = sleep(replica.clock, DEADLINE_MS, giving.signal).then((): Met => ({ kind: 'broken' }));
    const met = await Promise.race([asking, late]);
    giving.abort();
    if (met.kind === 'answer') return met.answer;
    throw new DOMException('The operation was aborted due to timeout', 'TimeoutError');
  };

  return {
    async fetch(url, { body }) {
      const event = bodyOf(body);
      const isChange = url.endsWith('/change/enqueue');
      const {
        code,
        body: said,
        headers,
      } = await reach(isChange ? 'change' : 'event', () => {
        const answer = isChange ? pagerduty.change(event) : pagerduty.enqueue(event);
        const [key, integration] = [event['dedup_key'], event['routing_key']];
        if (answer.code === 202 && event['event_action'] === 'trigger' && typeof key === 'string' && typeof integration === 'string')
          took({ key, integration, atMs: link.loop.nowMs() });
        return answer;
      });
      return new Response(JSON.stringify(said), { status: code, headers: { ...headers } });
    },
    rest: ({ from }) => {
      const ask = async (method: string, path: string, query: Query = {}, data: JsonObject = {}): Promise<unknown> => {
        const pairs = Object.entries(query).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, one]));
        const request = { method, path, query: new URLSearchParams(pairs), body: data, authorization: 'Token token=simulation', from };
        const answer = await reach(`${method} ${path}`, () => {
          const given = pagerduty.rest(request);
          const incident = method === 'PUT' && given.code < 300 ? pagerduty.incidents().find(({ id }) => path.endsWith(id)) : undefined;
          if (incident !== undefined) took({ key: incident.key, integration: incident.integration, atMs: link.loop.nowMs() });
          return given;
        }).catch((error: unknown) => {
          throw notReached(error);
        });
        if (answer.code < 300) return answer.body;
        const retry = [400, 404, 422].includes(answer.code) ? 'never' : 'later';
        throw notTaken(`PagerDuty did not do ${method} ${path}`, { status: answer.code }, { secret: 'simulation', retry });
      };
      return {
        get: async (path, shape, query) => shape.parse(await ask('GET', path, query)),
        all: async (path, { name, shape, query }) =>
          z.array(shape).parse(z.looseObject({ [name]: z.array(z.unknown()) }).parse(await ask('GET', path, { ...query, limit: '100' }))[name]),
        write: async (method, path, { data, shape }) => shape.parse(await ask(method, path, {}, { ...data })),
      };
    },
  };
}
type Query = { readonly [name: string]: string | readonly string[] };

/** Nothing was done: too much at once, or PagerDuty is unwell. */
function notDone(which: number, seconds: number): Met {
  if (which < 0.4) return { kind: 'answer', answer: { code: 429, body: { status: 'throttle exceeded' }, headers: { 'retry-after': String(seconds) } } };
  if (which < 0.7) return { kind: 'answer', answer: { code: 503, body: {} } };
  return { kind: 'broken' };
}

function bodyOf(body: unknown): JsonObject {
  const read = z.record(z.string(), z.json()).safeParse(typeof body === 'string' ? parseJson(body) : {});
  return read.success ? read.data : {};
}
