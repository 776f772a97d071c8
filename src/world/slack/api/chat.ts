import { z } from 'zod';
import type { JsonObject } from '../../../model/json.ts';
import type { Core } from '../core.ts';
import { TIER } from '../limits.ts';
import { blocksOf, channelOf, messageOf, postable, userOf } from './find.ts';
import { Flag, inJson, method, refuse, Ts } from './method.ts';
import { messageJson } from './shapes.ts';

const MOST_TEXT = 40_000;
const MOST_UPDATED_TEXT = 4000;

const Metadata = z.strictObject({ event_type: z.string().min(1), event_payload: z.record(z.string(), z.json()) });
const said = {
  text: z.string().optional(),
  blocks: inJson(z.unknown()).optional(),
  metadata: inJson(z.unknown()).optional(),
};

type Said = { readonly text?: string | undefined; readonly blocks?: unknown; readonly metadata?: unknown };

/** What is said, checked; refuses `no_text` where nothing is. */
function sayingOf(
  core: Core,
  { text = '', blocks, metadata }: Said,
): { readonly text: string; readonly blocks: readonly JsonObject[]; readonly metadata?: JsonObject } {
  const checked = blocks === undefined ? [] : blocksOf(core, blocks);
  if (text === '' && checked.length === 0) return refuse('no_text');
  if (metadata === undefined) return { text: cut(text), blocks: checked };
  const read = Metadata.safeParse(metadata);
  // Slack keeps the post and drops metadata that it cannot read, with a warning; a test should notice.
  if (!read.success) return refuse('invalid_metadata_format');
  return { text: cut(text), blocks: checked, metadata: read.data };
}

function cut(text: string): string {
  const characters = Array.from(text);
  return characters.length > MOST_TEXT ? characters.slice(0, MOST_TEXT).join('') : text;
}

/** Slack posts what is too long, cut, and says so. */
function cutWarning(text = ''): JsonObject {
  return Array.from(text).length > MOST_TEXT ? { warning: 'message_truncated', response_metadata: { warnings: ['message_truncated'] } } : {};
}

const postMessage = method({
  scopes: ['chat:write'],
  rate: TIER.posting,
  args: z.looseObject({ channel: z.string(), thread_ts: Ts.optional(), reply_broadcast: Flag.optional(), ...said }),
  run(core, { channel: given, thread_ts: threadTs, reply_broadcast: isBroadcast, ...rest }) {
    const channel = postable(core, given);
    const { app } = core.workspace;
    const message = core.post({ channel, user: app.userId, isOurs: true, threadTs, isBroadcast: isBroadcast || undefined, ...sayingOf(core, rest) });
    return { channel: channel.id, ts: message.ts, message: messageJson(core, message, { withMetadata: true }), ...cutWarning(rest.text) };
  },
});

const update = method({
  scopes: ['chat:write'],
  rate: TIER.three,
  args: z.looseObject({ channel: z.string(), ts: Ts, ...said }),
  run(core, { channel: id, ts, ...rest }) {
    const channel = channelOf(core, id);
    const message = messageOf(channel, ts);
    if (!message.isOurs) return refuse('cant_update_message');
    if (channel.isArchived) return refuse('is_archived');
    if ((rest.text ?? '').length > MOST_UPDATED_TEXT) return refuse('msg_too_long');
    const { text, blocks, metadata } = sayingOf(core, rest);
    message.text = text;
    // As Slack documents it: blocks stay where no text is given, and go where a text is given without them.
    if (rest.blocks !== undefined || rest.text !== undefined) message.blocks = blocks;
    if (metadata !== undefined) message.metadata = metadata;
    message.editedTs = core.nextTs();
    message.edits += 1;
    core.changed();
    return { channel: id, ts, text: message.text, message: messageJson(core, message, { withMetadata: true }) };
  },
});

const postEphemeral = method({
  scopes: ['chat:write'],
  rate: TIER.four,
  args: z.looseObject({ channel: z.string(), user: z.string(), thread_ts: Ts.optional(), ...said }),
  run(core, { channel: given, user: userId, thread_ts: threadTs, ...rest }) {
    const channel = postable(core, given);
    const user = userOf(core, userId);
    if (!channel.members.has(user.id)) return refuse('user_not_in_channel');
    const { app } = core.workspace;
    const message = core.post({ channel, user: app.userId, isOurs: true, threadTs, onlyFor: user.id, ...sayingOf(core, rest) });
    return { message_ts: message.ts };
  },
});

const remove = method({
  scopes: ['chat:write'],
  rate: TIER.three,
  args: z.looseObject({ channel: z.string(), ts: Ts }),
  run(core, { channel: id, ts }) {
    const channel = channelOf(core, id);
    const message = messageOf(channel, ts);
    if (!message.isOurs) return refuse('cant_delete_message');
    channel.messages.splice(channel.messages.indexOf(message), 1);
    channel.pins.delete(ts);
    core.changed();
    return { channel: id, ts };
  },
});

const getPermalink = method({
  rate: TIER.special,
  args: z.looseObject({ channel: z.string(), message_ts: Ts }),
  run(core, { channel: id, message_ts: ts }) {
    const message = messageOf(channelOf(core, id), ts);
    const thread = message.threadTs === undefined ? '' : `?thread_ts=${message.threadTs}&cid=${id}`;
    return { channel: id, permalink: `${core.baseUrl()}/archives/${id}/p${ts.replace('.', '')}${thread}` };
  },
});

export const CHAT = {
  'chat.postMessage': postMessage,
  'chat.update': update,
  'chat.postEphemeral': postEphemeral,
  'chat.delete': remove,
  'chat.getPermalink': getPermalink,
};
