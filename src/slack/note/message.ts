import { z } from 'zod';
import type { SlackClient } from '../client.ts';
import { EVENT_TYPE } from '../posted.ts';

/** A message that somebody points at: where it is, as payloads and forms say it. */
export const At = z.strictObject({ channel: z.string(), ts: z.string() });
export type At = z.infer<typeof At>;

/** A message as it stands now. Its text is data, with Slack's escapes. */
export type Pointed = {
  readonly text: string;
  /** Undefined: an app said it. */
  readonly user: string | undefined;
  readonly atMs: number;
  /** The incident whose card it is, or in whose thread it stands. */
  readonly incident: string | undefined;
};

const Mark = z.looseObject({ event_type: z.literal(EVENT_TYPE), event_payload: z.looseObject({ keys: z.array(z.string()) }) });
const Message = z.looseObject({
  ts: z.string(),
  thread_ts: z.string().optional(),
  text: z.string().default(''),
  user: z.string().optional(),
  bot_id: z.string().optional(),
  metadata: z.unknown().optional(),
});
const Replies = z.looseObject({ messages: z.array(Message) });
const KEY = /^incident\/([0-9a-f]{16}-\d{1,9})\//;

/** Reads a message, and finds whose thread it is: our card says that itself. Undefined: it is gone. */
export async function readMessage(client: Pick<SlackClient, 'call'>, { channel, ts }: At, self: string): Promise<Pointed | undefined> {
  const range = { oldest: ts, latest: ts, inclusive: true, include_all_metadata: true, limit: 10 };
  const { messages } = await client.call('conversations.replies', { channel, ts, ...range }, Replies);
  const message = messages.find((one) => one.ts === ts);
  if (message === undefined) return undefined;
  const rootTs = message.thread_ts ?? ts;
  const root = messages.find((one) => one.ts === rootTs) ?? (await rootOf(client, { channel, ts: rootTs }));
  // A mark that somebody else's app sets is none.
  const mark = root?.user === self ? Mark.safeParse(root.metadata).data : undefined;
  const [, incident] = mark?.event_payload.keys.map((key) => KEY.exec(key)).find((found) => found !== null) ?? [];
  return { text: message.text, user: message.bot_id === undefined ? message.user : undefined, atMs: Number(ts) * 1000, incident };
}

/** The incident whose thread begins with this message. */
export async function incidentOfThread(client: Pick<SlackClient, 'call'>, at: At, self: string): Promise<string | undefined> {
  return (await readMessage(client, at, self))?.incident;
}

async function rootOf(client: Pick<SlackClient, 'call'>, { channel, ts }: At): Promise<z.infer<typeof Message> | undefined> {
  const { messages } = await client.call('conversations.replies', { channel, ts, limit: 1, include_all_metadata: true }, Replies);
  return messages.find((one) => one.ts === ts);
}
