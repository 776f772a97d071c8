import { z } from 'zod';
import { isObject, type Json, type JsonObject } from '../../model/json.ts';
import type { Clock } from '../../port/clock.ts';

/** One incident of the simulated PagerDuty. */
export type PagedIncident = {
  readonly id: string;
  readonly number: number;
  /** The dedup key of the event that opened it. */
  readonly key: string;
  /** The integration whose people it woke. */
  readonly integration: string;
  readonly title: string;
  readonly severity: string;
  readonly status: 'triggered' | 'acknowledged' | 'resolved';
  readonly openedMs: number;
  /** How many events it took in; only the first one called anybody. */
  readonly alerts: number;
};

export type PagerDutyAnswer = { readonly code: number; readonly body: JsonObject; readonly headers?: { readonly [name: string]: string } };

/** PagerDuty as far as Salvor asks it: events in, incidents to be read. */
export type SimulatedPagerDuty = {
  enqueue(body: Json): PagerDutyAnswer;
  /** Newest first. */
  incidents(): readonly PagedIncident[];
};

const SEVERITIES = ['critical', 'error', 'warning', 'info'] as const;
const Event = z.looseObject({
  routing_key: z.string(),
  event_action: z.enum(['trigger', 'acknowledge', 'resolve']),
  dedup_key: z.string().max(255).optional(),
  payload: z.looseObject({ summary: z.string().min(1).max(1024), source: z.string().min(1), severity: z.enum(SEVERITIES) }).optional(),
});

const KEY_LENGTH = 32;
const MOST_A_MINUTE = 120;
const MINUTE_MS = 60_000;

/**
 * The rules of Events API v2: one incident per integration and dedup key while it is open, a trigger behind its end opens another, and what is about
 * none is dropped without a word. 120 events a minute and integration.
 * Source  PagerDuty developer documentation, "Events API v2 Overview", and its rate limits.
 */
export function simulatedPagerDuty({ clock }: { readonly clock: Clock }): SimulatedPagerDuty {
  const incidents: PagedIncident[] = [];
  const taken = new Map<string, number[]>();

  const openAt = (integration: string, key: string): number =>
    incidents.findLastIndex((one) => one.integration === integration && one.key === key && one.status !== 'resolved');

  const tooMany = (integration: string): boolean => {
    const sinceMs = clock.nowMs() - MINUTE_MS;
    const lately = (taken.get(integration) ?? []).filter((atMs) => atMs > sinceMs);
    if (lately.length < MOST_A_MINUTE) lately.push(clock.nowMs());
    else return true;
    taken.set(integration, lately);
    return false;
  };

  return {
    enqueue(body) {
      const event = Event.safeParse(body);
      const errors = event.success ? faultsOf(event.data) : event.error.issues.map(({ path, message }) => `'${path.join('.')}' is invalid (${message})`);
      if (!event.success || errors.length > 0) {
        return { code: 400, body: { status: 'invalid event', message: 'Event object is invalid', errors } };
      }
      const { routing_key: integration, event_action: action, payload } = event.data;
      if (tooMany(integration)) return { code: 429, body: { status: 'throttle exceeded', message: 'Requests for this service are arriving too quickly.' } };

      const key = event.data.dedup_key ?? `made-${incidents.length + 1}`;
      const at = openAt(integration, key);
      const found = incidents[at];
      if (action === 'trigger' && found === undefined) {
        incidents.push({
          id: `Q${String(incidents.length + 1).padStart(13, '0')}`,
          number: incidents.length + 1,
          key,
          integration,
          title: payload?.summary ?? '',
          severity: payload?.severity ?? '',
          status: 'triggered',
          openedMs: clock.nowMs(),
          alerts: 1,
        });
      } else if (found !== undefined) {
        incidents[at] =
          action === 'trigger' ? { ...found, alerts: found.alerts + 1 } : { ...found, status: action === 'resolve' ? 'resolved' : 'acknowledged' };
      }
      return { code: 202, body: { status: 'success', message: 'Event processed', dedup_key: key } };
    },
    incidents: () => incidents.toReversed(),
  };
}

function faultsOf({ routing_key: key, event_action: action, payload, dedup_key: dedup }: z.output<typeof Event>): readonly string[] {
  return [
    ...(key.length === KEY_LENGTH ? [] : [`'routing_key' is invalid (must be ${KEY_LENGTH} characters long)`]),
    ...(action === 'trigger' && payload === undefined ? ["'payload' is missing or blank"] : []),
    ...(action !== 'trigger' && dedup === undefined ? ["'dedup_key' is missing or blank"] : []),
  ];
}

/** An incident as `GET /incidents` shows it. */
export function incidentJson({ id, number, key, integration, title, status, openedMs, alerts }: PagedIncident): JsonObject {
  return {
    id,
    type: 'incident',
    incident_number: number,
    incident_key: key,
    title,
    status,
    created_at: new Date(openedMs).toISOString(),
    alert_counts: { all: alerts, triggered: status === 'resolved' ? 0 : alerts, resolved: status === 'resolved' ? alerts : 0 },
    service: { id: `S${integration.slice(-6).toUpperCase()}`, type: 'service_reference', summary: integration.slice(-6) },
  };
}

/** The events that a body asks for may be any JSON; what is no object is as wrong as an empty one. */
export function bodyOf(text: string): Json {
  try {
    const read: Json = JSON.parse(text);
    return isObject(read) ? read : {};
  } catch {
    return {};
  }
}
