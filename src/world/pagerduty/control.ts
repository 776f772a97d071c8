import { z } from 'zod';
import { errorText } from '../../model/error.ts';
import { isObject, type Json, type JsonObject } from '../../model/json.ts';
import { PagerDutyScenario } from './account.ts';
import { PagerDutyFault } from './faults.ts';
import type { SimulatedPagerDuty } from './pagerduty.ts';

const Act = z.strictObject({
  person: z.string(),
  does: z.enum(['acknowledge', 'resolve', 'reopen', 'note', 'escalate', 'reassign', 'prioritize', 'ask', 'accept', 'publish']),
  /** Number of the incident; absent: the newest one that is open. */
  incident: z.int().min(1).optional(),
  text: z.string().optional(),
  to: z.string().optional(),
});

/**
 * The world's own switches below PagerDuty's address, no part of PagerDuty: `POST control/person`, `control/fault`, `control/clear`, `control/timeout`,
 * `control/apply`, `GET control/webhooks`. For demos and for tests in other languages.
 */
export function controlPagerDuty(pagerduty: SimulatedPagerDuty, asked: string, body: Json): { readonly code: number; readonly body: JsonObject } {
  try {
    switch (asked) {
      case 'POST /control/person':
        act(pagerduty, Act.parse(body));
        break;
      case 'POST /control/fault':
        pagerduty.faults.put(PagerDutyFault.parse(body));
        break;
      case 'POST /control/clear':
        pagerduty.faults.clear();
        break;
      case 'POST /control/timeout':
        pagerduty.timeOut(isObject(body) && typeof body['incident'] === 'number' ? body['incident'] : undefined);
        break;
      case 'POST /control/apply':
        pagerduty.apply(PagerDutyScenario.parse(body));
        break;
      case 'GET /control/webhooks':
        return { code: 200, body: { sent: pagerduty.webhooks.sent().map((one): JsonObject => ({ ...one })) } };
      default:
        return { code: 404, body: { error: `no such switch: ${asked}` } };
    }
    return { code: 200, body: { done: true } };
  } catch (error) {
    return { code: 400, body: { error: errorText(error) } };
  }
}

function act(pagerduty: SimulatedPagerDuty, { person, does, incident, text = '', to = '' }: z.output<typeof Act>): void {
  const somebody = pagerduty.person(person);
  switch (does) {
    case 'note':
      return somebody.note(text, incident);
    case 'publish':
      return somebody.publish(text, incident);
    case 'prioritize':
      return somebody.prioritize(text, incident);
    case 'reassign':
      return somebody.reassign(to, incident);
    case 'ask':
      return somebody.ask(to, text, incident);
    case 'reopen':
      return somebody.reopen(incident ?? pagerduty.incidents()[0]?.number ?? 0);
    default:
      return somebody[does](incident);
  }
}
