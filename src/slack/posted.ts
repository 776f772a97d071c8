import { z } from 'zod';
import type { SlackClient } from './client.ts';
import { fileKey } from './share.ts';

/** Our mark on every message: the keys of what it says. */
export const EVENT_TYPE = 'salvor_message';

const Mark = z.looseObject({ event_type: z.literal(EVENT_TYPE), event_payload: z.looseObject({ keys: z.array(z.string()) }) });
const Page = z.looseObject({
  messages: z.array(
    z.looseObject({
      ts: z.string(),
      user: z.string().optional(),
      metadata: z.unknown().optional(),
      files: z.array(z.looseObject({ name: z.string().nullish() })).optional(),
    }),
  ),
  response_metadata: z.looseObject({ next_cursor: z.string().optional() }).optional(),
});
const Self = z.looseObject({ user_id: z.string() });

const PAGE = 200;
/** Far more than is ever posted between a lost answer and the look for it. */
const MOST_PAGES = 20;
/** Whoever wrote down when it was posted may have had a clock that is ahead of Slack's by so much. */
const SKEW_S = 86_400;

export type Where = { readonly channel: string; readonly root?: string | undefined; readonly after?: string | undefined; readonly sinceMs: number };

/**
 * Our own messages in a thread, or in the channel, behind the last one that is known: by key, the time stamp that Slack calls them by. A mark that
 * somebody else's app sets is none.
 */
export async function findPosted(client: SlackClient, { channel, root, after, sinceMs }: Where): Promise<ReadonlyMap<string, string>> {
  const { user_id: self } = await client.call('auth.test', {}, Self);
  const oldest = after ?? `${Math.floor(sinceMs / 1000) - SKEW_S}.000000`;
  const found = new Map<string, string>();
  let cursor: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const args = {
      channel,
      oldest,
      limit: PAGE,
      include_all_metadata: true,
      ...(root === undefined ? {} : { ts: root }),
      ...(cursor === undefined ? {} : { cursor }),
    };
    const page = await client.call(root === undefined ? 'conversations.history' : 'conversations.replies', args, Page);
    for (const { ts, user, metadata, files = [] } of page.messages) {
      const mark = Mark.safeParse(metadata);
      const shared = user === self ? files.flatMap(({ name }) => fileKey(name ?? '') ?? []) : [];
      for (const key of shared) found.set(key, ts);
      if (user === self && mark.success) for (const key of mark.data.event_payload.keys) found.set(key, ts);
    }
    cursor = page.response_metadata?.next_cursor;
    if (cursor === undefined || cursor === '') break;
  }
  return found;
}
