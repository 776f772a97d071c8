import type { z } from 'zod';
import type { Json } from '../../model/json.ts';
import type { Clock } from '../../port/clock.ts';
import { type Account, account as newAccount, PagerDutyScenario } from './account.ts';
import { eventsApi, type PagedChange, type PagerDutyAnswer } from './events.ts';
import { type PagerDutyFault, type PagerDutyFaults, pagerDutyFaults } from './faults.ts';
import { type PagedHappening, type PagedIncident, pagedIncidents } from './incidents.ts';
import { type PagedPerson, pagedPerson } from './people.ts';
import { type RestRequest, restApi } from './rest.ts';
import { pagedWebhooks, type SendWebhook, type Webhooks } from './webhooks.ts';

/** PagerDuty as far as Salvor asks it: events in, incidents, notes and people by REST, webhooks out. Nobody is woken. */
export type SimulatedPagerDuty = {
  enqueue(body: Json): PagerDutyAnswer;
  change(body: Json): PagerDutyAnswer;
  rest(request: RestRequest): PagerDutyAnswer;
  /** Requests by REST that were answered, as `GET /incidents`, oldest first. */
  asked(): readonly string[];
  /** Newest first. */
  incidents(): readonly PagedIncident[];
  changes(): readonly PagedChange[];
  /** Somebody with the app on their phone. */
  person(name: string): PagedPerson;
  /** Nobody did anything for too long: what was acknowledged is triggered again. */
  timeOut(number?: number): void;
  readonly webhooks: Webhooks;
  readonly faults: PagerDutyFaults;
  fault(fault: PagerDutyFault): void;
  /** Users, policies, services and webhooks as a scenario says. Throws `config.invalid`. */
  apply(scenario: PagerDutyScenario): void;
};

type PagerDutyOptions = { readonly clock: Clock /** How webhooks get to their addresses; absent: over HTTP. */; readonly send?: SendWebhook };

export function simulatedPagerDuty({ clock, send }: PagerDutyOptions): SimulatedPagerDuty {
  const account: Account = newAccount();
  const webhooks = pagedWebhooks(clock, send);
  const happened = (what: PagedHappening): void => webhooks.happened(what);
  const incidents = pagedIncidents({ clock, happened });
  const events = eventsApi({ clock, account, incidents });
  const faults = pagerDutyFaults(clock);
  const rest = restApi({ clock, account, incidents, events, webhooks });
  const asked: string[] = [];
  return {
    enqueue: (body) => events.enqueue(body),
    change: (body) => events.change(body),
    rest(request) {
      asked.push(`${request.method} ${request.path}`);
      return rest(request);
    },
    asked: () => asked,
    incidents: () => incidents.all().toReversed(),
    changes: () => events.changes(),
    person: pagedPerson({ account, incidents, happened }),
    timeOut(number) {
      const found = incidents.all().findLast((one) => one.status === 'acknowledged' && (number === undefined || one.number === number));
      if (found !== undefined) incidents.become(found, 'triggered');
    },
    webhooks,
    faults,
    fault: (fault) => faults.add(fault),
    apply(scenario) {
      const read: z.output<typeof PagerDutyScenario> = PagerDutyScenario.parse(scenario);
      account.apply(read);
      for (const webhook of read.webhooks ?? []) webhooks.subscribe(webhook);
    },
  };
}
