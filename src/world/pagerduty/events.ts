import { z } from 'zod';
import type { Json, JsonObject } from '../../model/json.ts';
import type { Clock } from '../../port/clock.ts';
import type { Account } from './account.ts';
import type { Incidents } from './incidents.ts';

export type PagerDutyAnswer = { readonly code: number; readonly body: JsonObject; readonly headers?: { readonly [name: string]: string } };

/** A change event: something happened to a service, and nobody is woken. */
export type PagedChange = {
  readonly integration: string;
  readonly summary: string;
  readonly atMs: number;
  readonly links: readonly string[];
  readonly details: Json;
};

export type EventsApi = {
  enqueue(body: Json): PagerDutyAnswer;
  change(body: Json): PagerDutyAnswer;
  /** Oldest first. */
  changes(): readonly PagedChange[];
};

const SEVERITIES = ['critical', 'error', 'warning', 'info'] as const;
const Event = z.looseObject({
  routing_key: z.string(),
  event_action: z.enum(['trigger', 'acknowledge', 'resolve']),
  dedup_key: z.string().max(255).optional(),
  payload: z.looseObject({ summary: z.string().min(1).max(1024), source: z.string().min(1), severity: z.enum(SEVERITIES) }).optional(),
});
const Change = z.looseObject({
  routing_key: z.string(),
  payload: z.looseObject({ summary: z.string().min(1).max(1024), timestamp: z.iso.datetime().optional(), custom_details: z.json().optional() }),
  links: z.array(z.looseObject({ href: z.string() })).optional(),
});

const KEY_LENGTH = 32;
const MOST_A_MINUTE = 120;
const MINUTE_MS = 60_000;

/**
 * The rules of Events API v2: one incident per integration and dedup key while it is open, a trigger behind its end opens another, and what is about
 * none is dropped without a word. 120 events a minute and integration. A rule of the service may take an event and make no incident of it.
 * Source  PagerDuty developer documentation, "Events API v2 Overview", and its rate limits.
 */
export function eventsApi({ clock, account, incidents }: { readonly clock: Clock; readonly account: Account; readonly incidents: Incidents }): EventsApi {
  const taken = new Map<string, number[]>();
  const changes: PagedChange[] = [];
  let made = 0;

  const tooMany = (integration: string): boolean => {
    const sinceMs = clock.nowMs() - MINUTE_MS;
    const lately = (taken.get(integration) ?? []).filter((atMs) => atMs > sinceMs);
    if (lately.length >= MOST_A_MINUTE) return true;
    lately.push(clock.nowMs());
    taken.set(integration, lately);
    return false;
  };

  return {
    enqueue(body) {
      const event = Event.safeParse(body);
      const errors = event.success ? faultsOf(event.data) : issuesOf(event.error);
      if (!event.success || errors.length > 0) return invalid(errors);
      const { routing_key: integration, event_action: action, payload } = event.data;
      if (tooMany(integration)) return THROTTLED;
      made += 1;
      const key = event.data.dedup_key ?? `made-${made}`;
      const service = account.serviceOf(integration);
      const found = incidents.openAt(integration, key);
      if (found !== undefined && action === 'trigger') incidents.joined(found);
      else if (found !== undefined) incidents.become(found, action === 'resolve' ? 'resolved' : 'acknowledged');
      else if (action === 'trigger' && !service.suppressed) incidents.open({ key, service, title: payload?.summary ?? '', severity: payload?.severity ?? '' });
      return { code: 202, body: { status: 'success', message: 'Event processed', dedup_key: key } };
    },
    change(body) {
      const change = Change.safeParse(body);
      const errors = change.success ? keyFaults(change.data.routing_key) : issuesOf(change.error);
      if (!change.success || errors.length > 0) return invalid(errors);
      const { routing_key: integration, payload, links = [] } = change.data;
      if (tooMany(integration)) return THROTTLED;
      account.serviceOf(integration);
      changes.push({ integration, summary: payload.summary, atMs: clock.nowMs(), links: links.map(({ href }) => href), details: payload.custom_details ?? {} });
      return { code: 202, body: { status: 'success', message: 'Change event processed' } };
    },
    changes: () => changes,
  };
}

const THROTTLED: PagerDutyAnswer = { code: 429, body: { status: 'throttle exceeded', message: 'Requests for this service are arriving too quickly.' } };

function invalid(errors: readonly string[]): PagerDutyAnswer {
  return { code: 400, body: { status: 'invalid event', message: 'Event object is invalid', errors: [...errors] } };
}

function issuesOf(error: z.ZodError): readonly string[] {
  return error.issues.map(({ path, message }) => `'${path.join('.')}' is invalid (${message})`);
}

function keyFaults(key: string): readonly string[] {
  return key.length === KEY_LENGTH ? [] : [`'routing_key' is invalid (must be ${KEY_LENGTH} characters long)`];
}

function faultsOf({ routing_key: key, event_action: action, payload, dedup_key: dedup }: z.output<typeof Event>): readonly string[] {
  return [
    ...keyFaults(key),
    ...(action === 'trigger' && payload === undefined ? ["'payload' is missing or blank"] : []),
    ...(action !== 'trigger' && dedup === undefined ? ["'dedup_key' is missing or blank"] : []),
  ];
}
