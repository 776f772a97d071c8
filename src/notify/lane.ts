import { z } from 'zod';
import { laneId, talkLaneId, updateLaneId } from '../model/identity.ts';
import { isObject, type Json, type JsonObject } from '../model/json.ts';
import type { CardFacts, ChatMessage, UpdateFacts } from '../port/chat.ts';
import type { Page } from '../port/pager.ts';
import type { Change } from '../port/store.ts';

/** One message on its way: to the chat or to the pager. Both are mail to a lane, in the order of the timeline. `inside`: into the incident's own channel. */
export type Outgoing = { readonly to: 'chat'; readonly message: ChatMessage; readonly inside?: string } | { readonly to: 'pager'; readonly page: Page };

const Card: z.ZodType<CardFacts> = z.object({
  severity: z.enum(['SEV1', 'SEV2', 'SEV3']),
  state: z.enum(['open', 'mitigated', 'closed']),
  title: z.string(),
  cluster: z.string(),
  sinceMs: z.number(),
  updatedMs: z.number(),
  lead: z.string().exactOptional(),
  communications: z.string().exactOptional(),
  channel: z.string().exactOptional(),
  firing: z.number(),
  openRuns: z.number(),
  runs: z.number(),
  notices: z.array(z.string()),
  latest: z.array(z.string()),
});

const Update: z.ZodType<UpdateFacts> = z.object({
  severity: z.enum(['SEV1', 'SEV2', 'SEV3']),
  state: z.enum(['open', 'mitigated', 'closed']),
  title: z.string(),
  cluster: z.string(),
  openedMs: z.number(),
  sinceMs: z.number(),
  lead: z.string().exactOptional(),
  communications: z.string().exactOptional(),
  said: z.object({ text: z.string(), by: z.string(), atMs: z.number() }).exactOptional(),
});

const Step = z.object({
  step: z.string(),
  summary: z.string(),
  cluster: z.string(),
  risk: z.string(),
  back: z.string().exactOptional(),
  diff: z.array(z.string()),
  changes: z.number(),
  told: z.array(z.string()),
});

const Approval = z.object({
  asked: z
    .object({
      summary: z.string(),
      risk: z.string(),
      steps: z.array(Step),
      moreSteps: z.number(),
      policy: z.string(),
      expiresMs: z.number().exactOptional(),
      typed: z.boolean(),
      changed: z.array(z.string()),
      held: z.string().exactOptional(),
    })
    .exactOptional(),
  votes: z.array(z.object({ by: z.string(), surface: z.string(), atMs: z.number() })).exactOptional(),
  missing: z.string().exactOptional(),
  held: z.object({ by: z.string(), reason: z.string(), atMs: z.number().exactOptional() }).exactOptional(),
  over: z.object({ how: z.enum(['approved', 'rejected', 'expired', 'replaced', 'void', 'ended']), text: z.string(), atMs: z.number() }).exactOptional(),
});

const line = {
  key: z.string(),
  title: z.string(),
  lines: z.array(z.string()),
  atMs: z.number().exactOptional(),
  calls: z.array(z.string()).exactOptional(),
};

const Message: z.ZodType<ChatMessage> = z.object({
  ...line,
  thread: z.string(),
  kind: z.enum(['card', 'timeline', 'approval', 'report', 'update', 'file']),
  aloud: z.boolean().exactOptional(),
  more: z.array(z.object(line)).exactOptional(),
  folded: z.number().exactOptional(),
  links: z.array(z.object({ text: z.string(), url: z.string() })).exactOptional(),
  card: Card.exactOptional(),
  update: Update.exactOptional(),
  approval: z.object({ run: z.string(), plan: z.string(), ...Approval.shape }).exactOptional(),
  table: z.array(z.tuple([z.string(), z.string()])).exactOptional(),
});

export const PageShape: z.ZodType<Page> = z.object({
  action: z.enum(['trigger', 'acknowledge', 'resolve', 'note', 'change', 'ask']),
  dedupKey: z.string(),
  target: z.string(),
  severity: z.enum(['critical', 'error', 'warning', 'info']),
  summary: z.string(),
  details: z.record(z.string(), z.string()),
  before: z.array(z.string()).exactOptional(),
});

const Value = z.object({
  to: z.enum(['chat', 'pager']),
  incident: z.string(),
  /** What the other side calls messages that may be edited, by our key. */
  refs: z.array(z.tuple([z.string(), z.string()])),
  /** Messages that could not be delivered yet, oldest first: they are no longer mail, or the lane would be due all the time. */
  waiting: z.array(z.unknown()),
  attempts: z.number(),
  retryAtMs: z.number().exactOptional(),
  sinceMs: z.number().exactOptional(),
  after: z.string().exactOptional(),
  intent: z.object({ keys: z.array(z.string()), atMs: z.number() }).exactOptional(),
  channel: z.string().exactOptional(),
  isLost: z.boolean().exactOptional(),
  editedMs: z.number().exactOptional(),
  saidMs: z.number().exactOptional(),
});

/** How the delivery of one thread stands. */
export type Lane = {
  readonly to: 'chat' | 'pager';
  readonly incident: string;
  readonly refs: ReadonlyMap<string, string>;
  readonly waiting: readonly Outgoing[];
  readonly attempts: number;
  readonly retryAtMs?: number;
  /** Since when something waits here without having been delivered. */
  readonly sinceMs?: number;
  /** What the other side calls the last message that was posted here. */
  readonly after?: string;
  /** A post that was about to go out, and of which nobody has written down what became of it. */
  readonly intent?: { readonly keys: readonly string[]; readonly atMs: number };
  /** The incident's own channel, where it is the lane of that. */
  readonly channel?: string;
  /** Nothing is said there any more: the one place for all has everything. */
  readonly isLost?: boolean;
  /** When a message was last edited here, and when quiet lines were last posted: both are done now and then only. */
  readonly editedMs?: number;
  readonly saidMs?: number;
};

/** The lane that a record's id names: `lane/chat/incident/…`. */
export function laneOfId(id: string): Lane {
  const [, to, ...incident] = id.split('/');
  return newLane(to === 'pager' ? 'pager' : 'chat', incident.join('/'));
}

export function newLane(to: 'chat' | 'pager', incident: string): Lane {
  return { to, incident, refs: new Map(), waiting: [], attempts: 0 };
}

/** Undefined for a value that is no lane. */
export function readLane(value: Json): Lane | undefined {
  const read = Value.safeParse(value);
  if (!read.success) return undefined;
  const { to, refs, waiting, ...rest } = read.data;
  return { ...rest, to, refs: new Map(refs), waiting: waiting.flatMap((one) => readOutgoing(to, one) ?? []) };
}

export function laneJson({ refs, waiting, ...rest }: Lane): JsonObject {
  return { ...rest, refs: [...refs], waiting: waiting.map(outgoingJson) };
}

/** Undefined for mail that is no message: our own mistake, and nobody else's delivery waits for it. */
export function readMailed(to: Lane['to'], value: Json): Outgoing | undefined {
  return isObject(value) ? readOutgoing(to, value['message']) : undefined;
}

/** The change that puts a message on its way. `key` is the mail's own: the same for a repeat, another for each edit. */
export function mailOut(incident: string, key: string, outgoing: Outgoing): Change {
  return { do: 'mail', to: laneOfOutgoing(incident, outgoing), key, value: { message: outgoingJson(outgoing) } };
}

/** The lane that it goes by. */
export function laneOfOutgoing(incident: string, outgoing: Outgoing): string {
  // What others are told waits for nothing that is said here.
  if (outgoing.to === 'chat' && outgoing.message.kind === 'update') return updateLaneId(incident);
  return outgoing.to === 'chat' && outgoing.inside !== undefined ? talkLaneId(incident, outgoing.inside) : laneId(outgoing.to, incident);
}

function readOutgoing(to: Lane['to'], value: unknown): Outgoing | undefined {
  if (to === 'chat') {
    const message = Message.safeParse(value);
    return message.success ? { to, message: message.data } : undefined;
  }
  const page = PageShape.safeParse(value);
  return page.success ? { to, page: page.data } : undefined;
}

function outgoingJson(outgoing: Outgoing): JsonObject {
  return outgoing.to === 'chat' ? outgoing.message : outgoing.page;
}
