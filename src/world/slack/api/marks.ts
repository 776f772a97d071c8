import { z } from 'zod';
import { TIER } from '../limits.ts';
import type { Channel } from '../workspace.ts';
import { channelOf, joinedChannel, messageOf } from './find.ts';
import { Flag, method, refuse, Ts } from './method.ts';
import { messageJson } from './shapes.ts';

const pinAdd = method({
  scopes: ['pins:write'],
  rate: TIER.two,
  args: z.looseObject({ channel: z.string(), timestamp: Ts }),
  run(core, { channel: id, timestamp: ts }) {
    const channel = joinedChannel(core, id);
    messageOf(channel, ts);
    if (channel.isArchived) return refuse('is_archived');
    if (channel.pins.has(ts)) return refuse('already_pinned');
    channel.pins.add(ts);
    core.changed();
    return {};
  },
});

const pinRemove = method({
  scopes: ['pins:write'],
  rate: TIER.two,
  args: z.looseObject({ channel: z.string(), timestamp: Ts }),
  run(core, { channel: id, timestamp: ts }) {
    const channel = joinedChannel(core, id);
    messageOf(channel, ts);
    if (!channel.pins.delete(ts)) return refuse('no_pin');
    core.changed();
    return {};
  },
});

const bookmarkJson = ({ id, title, link, emoji }: Channel['bookmarks'][number], channelId: string) => ({
  id,
  channel_id: channelId,
  title,
  link,
  emoji: emoji ?? '',
  type: 'link',
});

const bookmarkAdd = method({
  scopes: ['bookmarks:write'],
  rate: TIER.two,
  args: z.looseObject({ channel_id: z.string(), title: z.string().min(1), type: z.string(), link: z.string().optional(), emoji: z.string().optional() }),
  run(core, { channel_id: id, title, type, link, emoji }) {
    const channel = joinedChannel(core, id);
    if (type !== 'link') return refuse('invalid_bookmark_type');
    if (link === undefined || !URL.canParse(link)) return refuse('invalid_link');
    if (channel.isArchived) return refuse('is_archived');
    const bookmark = { id: core.newId('Bk'), title, link, emoji };
    channel.bookmarks.push(bookmark);
    core.changed();
    return { bookmark: bookmarkJson(bookmark, id) };
  },
});

const bookmarkList = method({
  scopes: ['bookmarks:read'],
  rate: TIER.three,
  args: z.looseObject({ channel_id: z.string() }),
  run: (core, { channel_id: id }) => ({ bookmarks: joinedChannel(core, id).bookmarks.map((bookmark) => bookmarkJson(bookmark, id)) }),
});

const reactionAdd = method({
  scopes: ['reactions:write'],
  rate: TIER.three,
  args: z.looseObject({ channel: z.string(), timestamp: Ts, name: z.string().regex(/^[a-z0-9_+'-]+$/) }),
  run(core, { channel: id, timestamp: ts, name }) {
    const message = messageOf(joinedChannel(core, id), ts);
    const { userId } = core.workspace.app;
    const users = message.reactions.get(name) ?? [];
    if (users.includes(userId)) return refuse('already_reacted');
    message.reactions.set(name, [...users, userId]);
    core.changed();
    return {};
  },
});

const reactionGet = method({
  scopes: ['reactions:read'],
  rate: TIER.three,
  args: z.looseObject({ channel: z.string(), timestamp: Ts, full: Flag.optional() }),
  run(core, { channel: id, timestamp: ts }) {
    return { type: 'message', channel: id, message: messageJson(core, messageOf(channelOf(core, id), ts)) };
  },
});

/** What hangs on channels and messages: pins, bookmarks, reactions. */
export const MARKS = {
  'pins.add': pinAdd,
  'pins.remove': pinRemove,
  'bookmarks.add': bookmarkAdd,
  'bookmarks.list': bookmarkList,
  'reactions.add': reactionAdd,
  'reactions.get': reactionGet,
};
