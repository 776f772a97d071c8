import { z } from 'zod';
import type { Incident } from '../model/incident.ts';
import type { Json } from '../model/json.ts';
import type { IncidentMail } from '../model/mail.ts';

const Severity = z.enum(['SEV1', 'SEV2', 'SEV3']);

const Stored: z.ZodType<Incident> = z.object({
  id: z.string(),
  key: z.string(),
  ordinal: z.number(),
  cluster: z.string(),
  playbook: z.string().exactOptional(),
  title: z.string(),
  state: z.enum(['open', 'mitigated', 'closed']),
  severity: Severity,
  lead: z.string().exactOptional(),
  communications: z.string().exactOptional(),
  update: z.object({ text: z.string(), by: z.string(), atMs: z.number() }).exactOptional(),
  openedMs: z.number(),
  mitigatedMs: z.number().exactOptional(),
  closedMs: z.number().exactOptional(),
  closedBecause: z.string().exactOptional(),
  openRuns: z.array(z.string()),
  firing: z.array(z.string()),
  runs: z.array(z.string()),
  unwell: z.array(z.string()).exactOptional(),
  climbs: z.array(
    z.object({
      key: z.string(),
      ladder: z.string(),
      reason: z.string(),
      sinceMs: z.number(),
      walked: z.number(),
      ahead: z.number().exactOptional(),
      stoppedMs: z.number().exactOptional(),
      answered: z.boolean().exactOptional(),
    }),
  ),
  pagerMs: z.number().exactOptional(),
  proposals: z
    .array(
      z.object({
        run: z.string(),
        n: z.number(),
        digest: z.string(),
        votes: z.array(z.object({ by: z.string(), surface: z.string(), atMs: z.number() })),
        missing: z.string().exactOptional(),
        expiresMs: z.number().exactOptional(),
        held: z.object({ by: z.string(), reason: z.string(), atMs: z.number().exactOptional() }).exactOptional(),
        also: z.array(z.string()).exactOptional(),
        over: z.object({ how: z.enum(['approved', 'rejected', 'expired', 'replaced', 'void', 'ended']), text: z.string(), atMs: z.number() }).exactOptional(),
      }),
    )
    .exactOptional(),
  parked: z.array(z.object({ episode: z.string(), untilMs: z.number() })),
  channel: z
    .object({
      wanted: z.string(),
      state: z.enum(['wanted', 'open', 'lost', 'none', 'archived']),
      id: z.string().exactOptional(),
      name: z.string().exactOptional(),
      asked: z.string().exactOptional(),
    })
    .exactOptional(),
  chain: z.object({ n: z.number(), hash: z.string() }),
});

/** An incident as it was stored. Throws where the record is none: it is written here only. */
export function readIncident(value: Json): Incident {
  return Stored.parse(value);
}

const Facts = z.record(z.string(), z.json());
const Mail: z.ZodType<IncidentMail> = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('alert'),
    status: z.enum(['firing', 'resolved']),
    name: z.string(),
    episode: z.string(),
    summary: z.string(),
    severity: z.string().exactOptional(),
  }),
  z.object({ kind: z.literal('run'), run: z.string(), n: z.number(), type: z.string(), text: z.string(), state: z.string(), facts: Facts }),
  z.object({ kind: z.literal('note'), by: z.string(), surface: z.string(), text: z.string(), reply: z.string().exactOptional() }),
  z.object({ kind: z.literal('severity'), by: z.string(), surface: z.string(), severity: Severity }),
  z.object({ kind: z.literal('lead'), by: z.string(), surface: z.string(), lead: z.string() }),
  z.object({ kind: z.literal('communications'), by: z.string(), surface: z.string(), person: z.string() }),
  z.object({ kind: z.literal('update'), by: z.string(), surface: z.string(), text: z.string() }),
  z.object({ kind: z.literal('acknowledge'), by: z.string(), surface: z.string(), person: z.boolean(), pagerMs: z.number().exactOptional() }),
  z.object({ kind: z.literal('close'), by: z.string(), surface: z.string(), reason: z.string() }),
  z.object({ kind: z.literal('escalate'), key: z.string(), ladder: z.string(), reason: z.string() }),
  z.object({ kind: z.literal('calm'), key: z.string(), by: z.string().exactOptional() }),
  z.object({ kind: z.literal('park'), episode: z.string(), untilMs: z.number() }),
  z.object({
    kind: z.literal('pager'),
    what: z.enum(['waits', 'taken', 'called', 'escalated', 'joined', 'nobody', 'refused', 'unsure', 'asked', 'not-asked']),
    target: z.string(),
    who: z.array(z.string()).exactOptional(),
    onCallMs: z.number().exactOptional(),
    number: z.number().exactOptional(),
    sinceMs: z.number().exactOptional(),
    withinMs: z.number().exactOptional(),
    reason: z.string().exactOptional(),
  }),
  z.object({
    kind: z.literal('channel'),
    what: z.enum(['opened', 'none', 'lost', 'left-out', 'archived']),
    id: z.string().exactOptional(),
    name: z.string().exactOptional(),
    reason: z.string().exactOptional(),
  }),
  z.object({ kind: z.literal('unacknowledged'), by: z.string(), surface: z.string(), pagerMs: z.number().exactOptional() }),
]);

/** Undefined for mail that is none of ours: it is told to the log, and what is behind it is read. */
export function readIncidentMail(value: Json): IncidentMail | undefined {
  return Mail.safeParse(value).data;
}
