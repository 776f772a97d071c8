import { z } from 'zod';
import type { Core } from '../core.ts';
import { TIER } from '../limits.ts';
import { type Channel, type Message, shownTo } from '../workspace.ts';
import { page } from './cursor.ts';
import { joinedChannel, needScopeIn } from './find.ts';
import { Flag, method, refuse, Ts, Whole } from './method.ts';
import { messageJson } from './shapes.ts';

const HISTORY = ['channels:history', 'groups:history', 'im:history'];
const paged = { cursor: z.string().optional(), limit: Whole.optional() };
const range = { oldest: z.string().optional(), latest: z.string().optional(), inclusive: Flag.optional(), include_all_metadata: Flag.optional(), ...paged };
type Range = { readonly oldest?: string | undefined; readonly latest?: string | undefined; readonly inclusive?: boolean | undefined };

/** Slack takes bounds as `seconds.micros` or plain seconds; `0` and `now` are open. */
function within({ ts }: Message, { oldest = '0', latest = 'now', inclusive = false }: Range): boolean {
  const at = Number(ts);
  const from = Number(oldest);
  const to = latest === 'now' || latest === '' ? Number.POSITIVE_INFINITY : Number(latest);
  return (at > from && at < to) || (inclusive && (at === from || at === to));
}

const history = method({
  scopes: HISTORY,
  rate: TIER.three,
  args: z.looseObject({ channel: z.string(), ...range }),
  run(core, { channel: id, cursor, limit = 100, include_all_metadata: withMetadata = false, ...bounds }) {
    const channel = readable(core, id);
    const top = shownTo(channel).filter((message) => (message.threadTs === undefined || message.isBroadcast === true) && within(message, bounds));
    const { items, metadata, hasMore } = page(top.toReversed(), { cursor, limit, most: 999 });
    const messages = items.map((message) => messageJson(core, message, { withMetadata }));
    return { messages, has_more: hasMore, pin_count: channel.pins.size, ...(hasMore ? { response_metadata: metadata } : {}) };
  },
});

const replies = method({
  scopes: HISTORY,
  rate: TIER.three,
  args: z.looseObject({ channel: z.string(), ts: Ts, ...range }),
  run(core, { channel: id, ts, cursor, limit = 1000, include_all_metadata: withMetadata = false, ...bounds }) {
    const channel = readable(core, id);
    const asked = shownTo(channel).find((one) => one.ts === ts) ?? refuse('thread_not_found');
    const root = asked.threadTs ?? asked.ts;
    const parent = shownTo(channel).filter((one) => one.ts === root);
    const below = shownTo(channel).filter((one) => one.threadTs === root && within(one, bounds));
    const { items, metadata, hasMore } = page([...parent, ...below], { cursor, limit, most: 1000 });
    const messages = items.map((message) => messageJson(core, message, { withMetadata }));
    return { messages, has_more: hasMore, ...(hasMore ? { response_metadata: metadata } : {}) };
  },
});

function readable(core: Core, id: string): Channel {
  const channel = joinedChannel(core, id);
  needScopeIn(core, 'history', channel.kind);
  return channel;
}

export const READING = { 'conversations.history': history, 'conversations.replies': replies };
