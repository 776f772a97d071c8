import { z } from 'zod';
import { cut } from '../model/cut.ts';
import type { Call } from '../port/pager.ts';
import type { Rest } from './rest.ts';

const Named = z.looseObject({ id: z.string(), summary: z.string().nullish() });
const Incident = z.looseObject({
  id: z.string(),
  incident_number: z.number().optional(),
  status: z.string(),
  created_at: z.string(),
  assignments: z.array(z.looseObject({ assignee: Named })).default([]),
});
const OneIncident = z.looseObject({ incident: Incident });

/** A clock of theirs may be behind ours by that much. */
const SKEW_MS = 60_000;
/** What PagerDuty shows of a note; the timeline has the rest. */
const MOST_NOTE = 2000;
const MOST_MESSAGE = 500;

/** Everything that is open under this dedup key, or was opened since then: the newest first. */
export async function callsOf(rest: Rest, key: string, sinceMs: number): Promise<readonly Call[]> {
  const found = await rest.all('/incidents', { name: 'incidents', shape: Incident, query: { incident_key: key, date_range: 'all' } });
  const isCall = ({ status, created_at }: z.output<typeof Incident>): boolean => status !== 'resolved' || Date.parse(created_at) >= sinceMs - SKEW_MS;
  return found.filter(isCall).map(callOf);
}

/** Calls the people of this level; undefined: its policy has no such level, or it is over. */
export async function escalateTo(rest: Rest, id: string, level: number): Promise<Call | undefined> {
  const data = { incident: { type: 'incident_reference', escalation_level: level } };
  const { incident } = await rest.write('PUT', `/incidents/${encodeURIComponent(id)}`, { data, shape: OneIncident });
  return callOf(incident);
}

const Notes = z.looseObject({ notes: z.array(z.looseObject({ content: z.string() })) });

/** Writes a note, unless it is there: whoever lost an answer asks again. */
export async function noteOn(rest: Rest, id: string, text: string): Promise<void> {
  const path = `/incidents/${encodeURIComponent(id)}/notes`;
  const content = cut(text, MOST_NOTE);
  const { notes } = await rest.get(path, Notes);
  if (notes.some((note) => note.content === content)) return;
  await rest.write('POST', path, { data: { note: { content } }, shape: z.looseObject({}) });
}

const Asked = z.looseObject({
  incident: z.looseObject({
    assignments: z.array(z.looseObject({ assignee: Named })).default([]),
    incidents_responders: z.array(z.looseObject({ user: Named })).default([]),
  }),
});

/**
 * Asks people to help on an incident, each once: who is called for it, or was asked, is not asked again, so whoever lost an answer asks anew.
 * Source  PagerDuty REST API v2, "Create a responder request for an incident".
 */
export async function askToHelp(
  rest: Rest,
  id: string,
  { by, whom, message }: { readonly by: string; readonly whom: readonly string[]; readonly message: string },
): Promise<void> {
  const path = `/incidents/${encodeURIComponent(id)}`;
  const { incident } = await rest.get(path, Asked);
  const there = new Set([...incident.assignments.map(({ assignee }) => assignee.id), ...incident.incidents_responders.map(({ user }) => user.id)]);
  const missing = whom.filter((one) => !there.has(one));
  if (missing.length === 0) return;
  const targets = missing.map((one) => ({ responder_request_target: { id: one, type: 'user_reference' } }));
  await rest.write('POST', `${path}/responder_requests`, {
    data: { requester_id: by, message: cut(message, MOST_MESSAGE), responder_request_targets: targets },
    shape: z.looseObject({}),
  });
}

function callOf({ id, incident_number: number, assignments }: z.output<typeof Incident>): Call {
  return { id, who: assignments.flatMap(({ assignee }) => assignee.summary ?? []), ...(number === undefined ? {} : { number }) };
}
