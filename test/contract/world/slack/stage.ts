import { onTestFinished } from 'vitest';
import { systemClock } from '../../../../src/port/clock.ts';
import { systemIds } from '../../../../src/port/ids.ts';
import { type ServedSlack, serveSlack } from '../../../../src/world/slack/http.ts';
import type { SlackScenario } from '../../../../src/world/slack/scenario.ts';
import { type SimulatedSlack, simulatedSlack } from '../../../../src/world/slack/slack.ts';

export const BOT = 'xoxb-1-simulated';
export const APP = 'xapp-1-simulated';

export type Stage = { readonly slack: SimulatedSlack; readonly served: ServedSlack; call(method: string, args?: object, token?: string): Promise<Called> };
/** What came back of one plain call. */
export type Called = {
  readonly status: number;
  readonly headers: Headers;
  readonly body: { readonly ok: boolean; readonly error?: string; readonly [field: string]: unknown };
};

/** A simulated Slack on a port of its own, which ends with the test. */
export async function stage(scenario: SlackScenario = {}): Promise<Stage> {
  const slack = simulatedSlack({ clock: systemClock, ids: systemIds });
  slack.apply(scenario);
  const served = await serveSlack(slack);
  onTestFinished(() => served.close());
  return { slack, served, call: (method, args = {}, token = BOT) => call(`${served.apiUrl}${method}`, args, token) };
}

/** One call as curl would make it. */
export async function call(url: string, args: object, token: string): Promise<Called> {
  const headers = { 'Content-Type': 'application/json', ...(token === '' ? {} : { Authorization: `Bearer ${token}` }) };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(args) });
  return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) };
}
