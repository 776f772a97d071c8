import { onTestFinished } from 'vitest';
import type { Json } from '../../../../src/model/json.ts';
import { type VirtualClock, virtualClock } from '../../../../src/world/clock.ts';
import { serveWorld } from '../../../../src/world/http.ts';
import { seededIds } from '../../../../src/world/ids.ts';
import type { PagerDutyScenario } from '../../../../src/world/pagerduty/account.ts';
import type { SimulatedPagerDuty } from '../../../../src/world/pagerduty/pagerduty.ts';
import { simulatedWorld } from '../../../../src/world/world.ts';

export const KEY = 'e93facc04764012d7bfb002500d5d1a6';
export const OTHER = 'f03facc04764012d7bfb002500d5d1a7';

export type Answered = { readonly status: number; readonly body: { readonly [name: string]: Json }; readonly headers: Headers };

export type OpenPagerDuty = {
  readonly url: string;
  readonly clock: VirtualClock;
  readonly pagerduty: SimulatedPagerDuty;
  ask(method: string, path: string, more?: { readonly body?: Json; readonly headers?: { readonly [name: string]: string } }): Promise<Answered>;
  event(action: 'trigger' | 'acknowledge' | 'resolve', key: string, integration?: string): Promise<Answered>;
};

/** The simulated PagerDuty over HTTP, on a clock that the test moves. */
export async function openPagerDuty(scenario: PagerDutyScenario = {}): Promise<OpenPagerDuty> {
  const clock = virtualClock();
  const world = simulatedWorld({ clock, ids: seededIds('pagerduty'), clusters: [{ name: 'prod' }] });
  world.apply({ pagerduty: scenario });
  const served = await serveWorld(world);
  onTestFinished(() => served.close());
  const ask: OpenPagerDuty['ask'] = async (method, path, { body, headers = {} } = {}) => {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(`${served.pagerdutyUrl}${path}`, {
      method,
      headers: { authorization: 'Token token=u+test', from: 'salvor@example.com', ...headers },
      ...sent,
    });
    const text = await answer.text();
    return { status: answer.status, body: text.startsWith('{') ? (JSON.parse(text) as Answered['body']) : {}, headers: answer.headers };
  };
  return {
    url: served.pagerdutyUrl,
    clock,
    pagerduty: world.pagerduty,
    ask,
    event: (action, key, integration = KEY) =>
      ask('POST', '/v2/enqueue', {
        body: {
          routing_key: integration,
          event_action: action,
          dedup_key: key,
          ...(action === 'trigger' ? { payload: { summary: `about ${key}`, source: 'prod', severity: 'critical' } } : {}),
        },
      }),
  };
}
