import { z } from 'zod';
import { parseJson } from '../model/json.ts';
import type { Call, PagerNews } from '../port/pager.ts';

const WHAT: ReadonlyMap<string, PagerNews['what']> = new Map([
  ['incident.triggered', 'triggered'],
  ['incident.acknowledged', 'acknowledged'],
  ['incident.unacknowledged', 'unacknowledged'],
  ['incident.escalated', 'escalated'],
  ['incident.reassigned', 'reassigned'],
  ['incident.delegated', 'delegated'],
  ['incident.annotated', 'annotated'],
  ['incident.resolved', 'resolved'],
  ['incident.reopened', 'reopened'],
  ['incident.priority_updated', 'prioritized'],
  ['incident.responder.added', 'asked'],
  ['incident.responder.replied', 'replied'],
  ['incident.status_update_published', 'published'],
]);

/** What only a person does. Our own events have no person as their agent, so that they are no news: no loop. */
const BY_PEOPLE: ReadonlySet<PagerNews['what']> = new Set(['acknowledged', 'resolved', 'annotated', 'reopened', 'asked', 'replied', 'published']);

const Named = z.looseObject({ id: z.string(), summary: z.string().nullish(), type: z.string().optional() });
const Body = z.looseObject({
  event: z.looseObject({
    id: z.string().min(1),
    event_type: z.string(),
    occurred_at: z.string().optional(),
    agent: Named.nullish(),
    data: z.looseObject({
      id: z.string().optional(),
      type: z.string().optional(),
      number: z.number().optional(),
      incident_key: z.string().nullish(),
      assignees: z.array(Named).optional(),
      escalation_policy: Named.nullish(),
      priority: Named.nullish(),
      content: z.string().nullish(),
      message: z.string().nullish(),
      state: z.string().optional(),
      user: Named.nullish(),
      incident: z.looseObject({ id: z.string().optional(), incident_key: z.string().nullish() }).nullish(),
    }),
  }),
});
type Event = z.output<typeof Body>['event'];

/** The news in the body of a webhook v3; undefined for another type, and for what is about no incident. */
export function newsIn(text: string): PagerNews | undefined {
  const read = Body.safeParse(parseJson(text));
  if (!read.success) return undefined;
  const { event } = read.data;
  const { id, event_type: type, agent, data, occurred_at: occurred } = event;
  const what = WHAT.get(type);
  const user = agent?.type === 'user_reference' || agent?.type === 'user' ? { id: agent.id, name: agent.summary ?? agent.id } : undefined;
  if (what === undefined || (BY_PEOPLE.has(what) && user === undefined)) return undefined;
  const key = data.incident_key ?? data.incident?.incident_key ?? undefined;
  const call = callOf(event);
  if (key === undefined && call === undefined) return undefined;
  const atMs = Date.parse(occurred ?? '');
  const said = textOf(what, event);
  return {
    id,
    what,
    ...(key === undefined ? {} : { key }),
    ...(call === undefined ? {} : { call }),
    ...(Number.isNaN(atMs) ? {} : { atMs }),
    ...(user === undefined ? {} : { user }),
    ...(said === undefined ? {} : { text: said }),
    ...(data.user?.summary === undefined || data.user.summary === null ? {} : { whom: data.user.summary }),
  };
}

/** Notes, responders and updates name their incident by its id alone. */
function callOf({ data }: Event): Call | undefined {
  const id = data.incident?.id ?? (data.incident === undefined || data.incident === null ? data.id : undefined);
  if (id === undefined) return undefined;
  const who = (data.assignees ?? []).flatMap(({ summary }) => summary ?? []);
  return { id, who, ...(data.number === undefined ? {} : { number: data.number }) };
}

function textOf(what: PagerNews['what'], { data }: Event): string | undefined {
  switch (what) {
    case 'annotated':
      return data.content ?? undefined;
    case 'prioritized':
      return data.priority?.summary ?? undefined;
    case 'delegated':
      return data.escalation_policy?.summary ?? undefined;
    case 'replied':
      return data.state;
    default:
      return data.message ?? undefined;
  }
}
