import { z } from 'zod';
import { isObject, type Json, type JsonObject } from '../../model/json.ts';
import type { Wanted } from './wanted.ts';

const Link = z.object({ title: z.string(), url: z.string() });
const WantedShape: z.ZodType<Wanted> = z.object({
  name: z.string(),
  isPrivate: z.boolean(),
  topic: z.string(),
  purpose: z.string(),
  invite: z.array(z.object({ id: z.string(), name: z.string() })),
  bookmarks: z.array(Link),
  closedMs: z.number().exactOptional(),
  archiveAfterMs: z.number(),
});

/** One thing about a channel: what it was last made to be, or how often and until when it has failed. */
const Step = z.object({
  /** What it is to be, as far as it says; another one begins anew. */
  of: z.string(),
  done: z.boolean(),
  attempts: z.number(),
  retryAtMs: z.number().exactOptional(),
  /** It was refused for good: it is not tried again before something else is wanted. */
  refused: z.boolean().exactOptional(),
});
export type Step = z.output<typeof Step>;

const Value = z.object({
  incident: z.string(),
  wanted: WantedShape.exactOptional(),
  state: z.enum(['making', 'open', 'none', 'lost', 'archived']),
  id: z.string().exactOptional(),
  name: z.string().exactOptional(),
  /** Names that somebody else's channels have. */
  taken: z.number(),
  /** A channel that was about to be made, and of which nobody has written down what became of it. */
  intent: z.object({ name: z.string(), atMs: z.number() }).exactOptional(),
  steps: z.record(z.string(), Step),
  /** Ids of people who were invited, or could not be. */
  asked: z.array(z.string()),
  /** When people were told that it will be archived. */
  noticeMs: z.number().exactOptional(),
  /** When its silence is looked at next. */
  quietAtMs: z.number().exactOptional(),
});

/** How an incident's own channel stands: what is wanted of it, and what of that was done. */
export type ChannelLane = Readonly<z.output<typeof Value>>;

export function newChannelLane(incident: string): ChannelLane {
  return { incident, state: 'making', taken: 0, steps: {}, asked: [] };
}

/** Undefined for a value that is none. */
export function readChannelLane(value: Json): ChannelLane | undefined {
  return Value.safeParse(value).data;
}

/** `refs`, `waiting` and the like are what lanes of messages have: whoever counts what waits reads all kinds alike. */
export function channelLaneJson(lane: ChannelLane): JsonObject {
  return { ...lane, to: 'chat', refs: [], waiting: [], attempts: 0 };
}

/** What is asked of a channel, as mail to its lane: the newest counts. */
export function wantedMail(wanted: Wanted): JsonObject {
  return { wanted };
}

export function readWanted(value: Json): Wanted | undefined {
  return isObject(value) ? WantedShape.safeParse(value['wanted']).data : undefined;
}
