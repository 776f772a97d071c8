import type { JsonObject } from '../../model/json.ts';
import type { PagedPolicy, PagedSchedule, PagedService, PagedUser } from './account.ts';
import type { PagedChange } from './events.ts';
import type { PagedHappening, PagedIncident, PagedNote } from './incidents.ts';

/** Objects of the simulated PagerDuty as its REST API and its webhooks show them. */

type Reference = { readonly id: string; readonly name: string };
const reference = (kind: string, { id, name }: Reference): JsonObject => ({ id, type: `${kind}_reference`, summary: name, self: null, html_url: null });

export const userReference = (user: PagedUser): JsonObject => reference('user', user);

export function userJson({ id, name, email }: PagedUser): JsonObject {
  return { id, type: 'user', summary: name, name, email, role: 'user', time_zone: 'UTC' };
}

export function policyJson({ id, name, levels }: PagedPolicy): JsonObject {
  const escalation_rules = levels.map((users, index) => ({ id: `${id}R${index + 1}`, escalation_delay_in_minutes: 30, targets: users.map(userReference) }));
  return { id, type: 'escalation_policy', summary: name, name, escalation_rules };
}

export const scheduleReference = (schedule: PagedSchedule): JsonObject => reference('schedule', schedule);

export function scheduleJson(schedule: PagedSchedule): JsonObject {
  return { ...scheduleReference(schedule), type: 'schedule', name: schedule.name, time_zone: 'UTC', users: schedule.onCall.map(userReference) };
}

export function serviceJson({ id, name, key, policy }: PagedService, withIntegrations: boolean): JsonObject {
  const integration = { id: `${id}I`, summary: 'Events API V2' };
  const integrations = withIntegrations
    ? [{ ...integration, type: 'events_api_v2_inbound_integration', integration_key: key }]
    : [{ ...integration, type: 'events_api_v2_inbound_integration_reference' }];
  return { id, type: 'service', summary: name, name, status: 'active', escalation_policy: reference('escalation_policy', policy), integrations };
}

export function incidentJson(incident: PagedIncident): JsonObject {
  const { id, number, key, title, status, openedMs, alerts, service, level, assigned, responders, priority } = incident;
  return {
    id,
    type: 'incident',
    summary: `[#${number}] ${title}`,
    incident_number: number,
    incident_key: key,
    title,
    status,
    urgency: 'high',
    created_at: new Date(openedMs).toISOString(),
    alert_counts: { all: alerts, triggered: status === 'resolved' ? 0 : alerts, resolved: status === 'resolved' ? alerts : 0 },
    service: reference('service', service),
    escalation_policy: reference('escalation_policy', service.policy),
    escalation_level: level,
    assignments: status === 'resolved' ? [] : assigned.map((user) => ({ at: new Date(openedMs).toISOString(), assignee: userReference(user) })),
    incidents_responders: responders.map((user) => ({ state: 'pending', user: userReference(user), incident: reference('incident', { id, name: title }) })),
    priority: priority === undefined ? null : { id: `PR${priority}`, type: 'priority_reference', summary: priority },
  };
}

export function noteJson({ id, content, user, atMs }: PagedNote): JsonObject {
  return { id, content, user: userReference(user), created_at: new Date(atMs).toISOString() };
}

export function changeJson({ integration, summary, atMs, links, details }: PagedChange, index: number): JsonObject {
  return {
    id: `C${index + 1}`,
    type: 'change_event',
    summary,
    timestamp: new Date(atMs).toISOString(),
    links: links.map((href) => ({ href })),
    custom_details: details,
    integration: integration.slice(-6),
  };
}

/** The body of a webhook. What is about a note, a responder or an update names the incident by its id alone, as PagerDuty does. */
export function webhookJson(id: string, { type, incident, by, note, message, responder }: PagedHappening, atMs: number): JsonObject {
  const self: JsonObject = { id: incident.id, type: 'incident_reference', summary: incident.title, self: null, html_url: null };
  const whole: JsonObject = {
    id: incident.id,
    type: 'incident',
    number: incident.number,
    status: incident.status,
    incident_key: incident.key,
    title: incident.title,
    created_at: new Date(incident.openedMs).toISOString(),
    service: reference('service', incident.service),
    assignees: incident.assigned.map(userReference),
    escalation_policy: reference('escalation_policy', incident.service.policy),
    teams: [],
    priority: incident.priority === undefined ? null : { id: `PR${incident.priority}`, type: 'priority_reference', summary: incident.priority },
    urgency: 'high',
  };
  const about: JsonObject =
    note !== undefined
      ? { type: 'incident_note', id: note.id, content: note.content, trimmed: false, incident: self }
      : responder !== undefined
        ? {
            type: 'incident_responder',
            incident: self,
            user: userReference(responder),
            message: message ?? '',
            state: type.endsWith('replied') ? 'accepted' : 'pending',
          }
        : message !== undefined
          ? { type: 'incident_status_update', id: `U${incident.number}`, message, trimmed: false, incident: self }
          : whole;
  return {
    event: {
      id,
      event_type: type,
      resource_type: 'incident',
      occurred_at: new Date(atMs).toISOString(),
      agent: by === undefined ? null : userReference(by),
      client: null,
      data: about,
    },
  };
}
