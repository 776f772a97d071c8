import { z } from 'zod';
import { defined } from '../../model/defined.ts';
import type { Commands, ReportFormat } from '../../port/commands.ts';
import { Change, IncidentPage, IncidentView, SeverityName, Told } from '../../port/view/incident.ts';
import { AnyObject } from '../../port/view/shape.ts';
import { type Endpoint, endpoint, json, pressed } from './endpoint.ts';
import { Paging, Reason, Several } from './fields.ts';

const TOLD = [
  { status: 200, schema: Told },
  { status: 202, schema: Told },
];

const REPORT_TYPES: { readonly [F in ReportFormat]: string } = {
  md: 'text/markdown; charset=utf-8',
  html: 'text/html; charset=utf-8',
  json: 'application/json',
};

/** Incidents: looking at them, and what people say about them. */
export function incidentEndpoints(commands: Commands): readonly Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/api/v1/incidents',
      summary: 'Incidents, newest first',
      access: 'read',
      query: z.strictObject({ state: Several.describe('open, mitigated, closed'), cluster: z.string().max(200).optional(), ...Paging }),
      answers: [{ status: 200, schema: IncidentPage }],
      handle: async ({ caller, query }) => json(await commands.incidents(caller, defined(query))),
    }),
    endpoint({
      method: 'get',
      path: '/api/v1/incidents/{id}',
      summary: 'An incident with its timeline, runs and people',
      access: 'read',
      answers: [{ status: 200, schema: IncidentView }],
      handle: async ({ caller, part }) => json(await commands.incident(caller, part('id'))),
    }),
    endpoint({
      method: 'post',
      path: '/api/v1/incidents/{id}/notes',
      summary: 'Put a note on the timeline',
      access: 'person',
      headers: [{ name: 'Idempotency-Key', summary: 'The same key again adds no second note while the first is unread' }],
      body: z.strictObject({ text: z.string().trim().min(1).max(4000) }),
      answers: TOLD,
      handle: async ({ caller, part, body, headers }) =>
        pressed(await commands.note(caller, part('id'), defined({ ...body, idempotencyKey: headerOf(headers, 'idempotency-key') }))),
    }),
    endpoint({
      method: 'post',
      path: '/api/v1/incidents/{id}/severity',
      summary: 'Change the severity',
      access: 'person',
      body: z.strictObject({ severity: SeverityName }),
      answers: TOLD,
      handle: async ({ caller, part, body }) => pressed(await commands.severity(caller, part('id'), body)),
    }),
    endpoint({
      method: 'post',
      path: '/api/v1/incidents/{id}/lead',
      summary: 'Say who leads from now on',
      access: 'person',
      body: z.strictObject({ lead: z.string().trim().min(1).max(200).describe('A person of the configuration') }),
      answers: TOLD,
      handle: async ({ caller, part, body }) => pressed(await commands.lead(caller, part('id'), body)),
    }),
    endpoint({
      method: 'post',
      path: '/api/v1/incidents/{id}/role',
      summary: 'Say who leads, or who speaks for it to others',
      access: 'person',
      body: z.strictObject({
        role: z.enum(['lead', 'communications']),
        person: z.string().trim().min(1).max(200).describe('A person of the configuration'),
      }),
      answers: TOLD,
      handle: async ({ caller, part, body }) => pressed(await commands.role(caller, part('id'), body)),
    }),
    endpoint({
      method: 'post',
      path: '/api/v1/incidents/{id}/updates',
      summary: 'Tell others how it stands; the newest counts',
      access: 'person',
      headers: [{ name: 'Idempotency-Key', summary: 'The same key again says nothing twice while the first is unread' }],
      body: z.strictObject({ text: z.string().trim().min(1).max(1000) }),
      answers: TOLD,
      handle: async ({ caller, part, body, headers }) =>
        pressed(await commands.update(caller, part('id'), defined({ ...body, idempotencyKey: headerOf(headers, 'idempotency-key') }))),
    }),
    endpoint({
      method: 'post',
      path: '/api/v1/incidents/{id}/page',
      summary: 'Call people now, by a ladder of the configuration',
      access: 'person',
      body: z.strictObject({ reason: Reason, ladder: z.string().max(100).optional() }),
      answers: TOLD,
      handle: async ({ caller, part, body: { reason, ladder } }) => pressed(await commands.page(caller, part('id'), { reason, ...defined({ ladder }) })),
    }),
    endpoint({
      method: 'post',
      path: '/api/v1/incidents/{id}/acknowledge',
      summary: 'Say that you have it: nobody more is called',
      access: 'person',
      body: z.strictObject({}).prefault({}),
      answers: TOLD,
      handle: async ({ caller, part }) => pressed(await commands.acknowledge(caller, part('id'))),
    }),
    endpoint({
      method: 'post',
      path: '/api/v1/incidents/{id}/close',
      summary: 'Close the incident',
      access: 'person',
      body: z.strictObject({ reason: Reason }),
      answers: TOLD,
      handle: async ({ caller, part, body }) => pressed(await commands.closeIncident(caller, part('id'), body)),
    }),
    endpoint({
      method: 'get',
      path: '/api/v1/incidents/{id}/report',
      summary: 'The four clocks, timeline, plans, approvals and evidence',
      access: 'read',
      query: z.strictObject({ format: z.enum(['md', 'html', 'json']).default('json') }),
      answers: [
        { status: 200, schema: AnyObject },
        { status: 200, schema: z.string(), contentType: 'text/markdown' },
        { status: 200, schema: z.string(), contentType: 'text/html' },
      ],
      handle: async ({ caller, part, query: { format } }) => ({
        kind: 'text',
        contentType: REPORT_TYPES[format],
        text: await commands.report(caller, part('id'), format),
      }),
    }),
    endpoint({
      method: 'get',
      path: '/api/v1/stream',
      summary: 'New lines of timelines as they are stored, as server-sent events',
      access: 'read',
      headers: [{ name: 'Last-Event-ID', summary: 'The id of the last line that arrived: goes on behind it without a gap' }],
      query: z.strictObject({
        incident: z.string().max(200).optional(),
        after: z.string().max(20_000).optional().describe('As Last-Event-ID, for those who cannot send headers'),
      }),
      answers: [{ status: 200, schema: Change, contentType: 'text/event-stream' }],
      handle: async ({ caller, query: { incident, after }, headers, signal }) => {
        const from = headerOf(headers, 'last-event-id') ?? after;
        return { kind: 'stream', following: await commands.changes(caller, { signal, ...defined({ incident, after: from === '' ? undefined : from }) }) };
      },
    }),
  ];
}

/** One header as text; absent where it was sent twice. */
export function headerOf(headers: { readonly [name: string]: string | readonly string[] | undefined }, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}
