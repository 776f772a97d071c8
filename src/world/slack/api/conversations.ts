import { z } from 'zod';
import type { Core } from '../core.ts';
import { TIER } from '../limits.ts';
import { newChannel } from '../populate.ts';
import { type Channel, findChannel } from '../workspace.ts';
import { page } from './cursor.ts';
import { channelOf, directMessages, joinedChannel, needScopeIn } from './find.ts';
import { Flag, Listed, method, refuse, Whole } from './method.ts';
import { channelJson } from './shapes.ts';

const Channelled = z.looseObject({ channel: z.string() });
const paged = { cursor: z.string().optional(), limit: Whole.optional() };
const READ = ['channels:read', 'groups:read', 'im:read'];
const MANAGE = ['channels:manage', 'groups:write'];
const KINDS = { public_channel: 'public', private_channel: 'private', im: 'im', mpim: 'none' } as const;
const MOST_NAME = 80;
const MOST_TOPIC = 250;

const list = method({
  scopes: READ,
  rate: TIER.two,
  args: z.looseObject({ types: Listed.optional(), exclude_archived: Flag.optional(), ...paged }),
  run(core, { types = ['public_channel'], exclude_archived: noArchived = false, cursor, limit = 100 }) {
    const kinds = types.map((type) => (type in KINDS ? KINDS[type as keyof typeof KINDS] : refuse('invalid_types')));
    for (const kind of kinds) if (kind !== 'none') needScopeIn(core, 'read', kind);
    const { app, channels } = core.workspace;
    const seen = [...channels.values()].filter(
      ({ kind, isArchived, members }) => kinds.includes(kind) && !(noArchived && isArchived) && (kind === 'public' || members.has(app.userId)),
    );
    const { items, metadata } = page(seen, { cursor, limit, most: 1000 });
    return { channels: items.map((channel) => channelJson(core, channel)), response_metadata: metadata };
  },
});

const info = method({
  scopes: READ,
  rate: TIER.three,
  args: Channelled,
  run(core, { channel: id }) {
    const channel = channelOf(core, id);
    needScopeIn(core, 'read', channel.kind);
    return { channel: channelJson(core, channel) };
  },
});

const open = method({
  scopes: ['im:write'],
  rate: TIER.three,
  args: z.looseObject({ users: Listed, return_im: Flag.optional() }),
  run(core, { users, return_im: isWhole = false }) {
    const [only] = users;
    if (only === undefined) return refuse('users_list_not_supplied');
    if (users.length > 1) return refuse('method_not_supported_for_channel_type');
    const channel = directMessages(core, only);
    return { channel: isWhole ? channelJson(core, channel) : { id: channel.id } };
  },
});

const create = method({
  scopes: MANAGE,
  rate: TIER.two,
  args: z.looseObject({ name: z.string(), is_private: Flag.optional() }),
  run(core, { name, is_private: isPrivate = false }) {
    needScopeIn(core, 'manage', isPrivate ? 'private' : 'public');
    checkName(name);
    const { workspace, clock } = core;
    if (findChannel(workspace, name) !== undefined) return refuse('name_taken');
    const { userId } = workspace.app;
    const channel = newChannel({ name, id: core.newId('C'), isPrivate, creator: userId, nowMs: clock.nowMs() });
    channel.members.add(userId);
    workspace.channels.set(channel.id, channel);
    core.changed();
    return { channel: channelJson(core, channel) };
  },
});

/** Source  Slack documentation, errors of `conversations.create`. */
function checkName(name: string): void {
  if (name === '') refuse('invalid_name_required');
  if (name.length > MOST_NAME) refuse('invalid_name_maxlength');
  if (/^[\p{P}\p{S}]+$/u.test(name)) refuse('invalid_name_punctuation');
  if (!/^[\p{Ll}\p{Lo}\p{Lm}\p{M}\p{N}_-]+$/u.test(name)) refuse('invalid_name_specials');
}

const invite = method({
  scopes: MANAGE,
  rate: TIER.three,
  args: z.looseObject({ channel: z.string(), users: Listed, force: Flag.optional() }),
  run(core, { channel: id, users, force: isForced = false }) {
    const channel = managed(core, id);
    const errors: { user: string; ok: false; error: string }[] = [];
    const joining: string[] = [];
    for (const user of users) {
      const error = whyNotInvited(core, channel, user);
      if (error === undefined) joining.push(user);
      else errors.push({ user, ok: false, error });
    }
    const [first] = errors;
    if (first !== undefined && (!isForced || joining.length === 0)) return refuse(first.error, { errors });
    for (const user of joining) channel.members.add(user);
    core.changed();
    return { channel: channelJson(core, channel), ...(errors.length === 0 ? {} : { errors }) };
  },
});

function whyNotInvited({ workspace }: Core, { members }: Channel, id: string): string | undefined {
  const user = workspace.users.get(id);
  if (user === undefined || user.isDeleted) return 'user_not_found';
  if (id === workspace.app.userId) return 'cant_invite_self';
  if (user.guest === 'single') return 'ura_max_channels';
  return members.has(id) ? 'already_in_channel' : undefined;
}

/** A channel that the app is in, may change and that is not archived. */
function managed(core: Core, id: string): Channel {
  const channel = joinedChannel(core, id);
  needScopeIn(core, 'manage', channel.kind);
  return channel.isArchived ? refuse('is_archived') : channel;
}

const join = method({
  scopes: ['channels:join'],
  rate: TIER.three,
  args: Channelled,
  run(core, { channel: id }) {
    const channel = channelOf(core, id);
    if (channel.kind !== 'public') return refuse('method_not_supported_for_channel_type');
    if (channel.isArchived) return refuse('is_archived');
    const wasIn = channel.members.has(core.workspace.app.userId);
    channel.members.add(core.workspace.app.userId);
    core.changed();
    return {
      channel: channelJson(core, channel),
      ...(wasIn ? { warning: 'already_in_channel', response_metadata: { warnings: ['already_in_channel'] } } : {}),
    };
  },
});

const members = method({
  scopes: READ,
  rate: TIER.four,
  args: z.looseObject({ channel: z.string(), ...paged }),
  run(core, { channel: id, cursor, limit = 100 }) {
    const channel = channelOf(core, id);
    needScopeIn(core, 'read', channel.kind);
    const { items, metadata } = page([...channel.members], { cursor, limit, most: 1000 });
    return { members: items, response_metadata: metadata };
  },
});

const setTopic = method({
  scopes: MANAGE,
  rate: TIER.two,
  args: z.looseObject({ channel: z.string(), topic: z.string() }),
  run: (core, { channel, topic }) => setText(core, channel, { topic }),
});

const setPurpose = method({
  scopes: MANAGE,
  rate: TIER.two,
  args: z.looseObject({ channel: z.string(), purpose: z.string() }),
  run: (core, { channel, purpose }) => ({ ...setText(core, channel, { purpose }), purpose }),
});

function setText(core: Core, id: string, text: { readonly topic: string } | { readonly purpose: string }) {
  const channel = managed(core, id);
  if (Object.values(text).some(({ length }) => length > MOST_TOPIC)) return refuse('too_long');
  Object.assign(channel, text);
  core.changed();
  return { channel: channelJson(core, channel) };
}

const archive = method({
  scopes: MANAGE,
  rate: TIER.two,
  args: Channelled,
  run(core, { channel: id }) {
    const channel = joinedChannel(core, id);
    needScopeIn(core, 'manage', channel.kind);
    if (channel.isArchived) return refuse('already_archived');
    channel.isArchived = true;
    core.changed();
    return {};
  },
});

const unarchive = method({
  scopes: MANAGE,
  rate: TIER.two,
  args: Channelled,
  run(core, { channel: id }) {
    const channel = channelOf(core, id);
    needScopeIn(core, 'manage', channel.kind);
    if (!channel.isArchived) return refuse('not_archived');
    channel.isArchived = false;
    core.changed();
    return {};
  },
});

export const CONVERSATIONS = {
  'conversations.list': list,
  'conversations.info': info,
  'conversations.open': open,
  'conversations.create': create,
  'conversations.invite': invite,
  'conversations.join': join,
  'conversations.members': members,
  'conversations.setTopic': setTopic,
  'conversations.setPurpose': setPurpose,
  'conversations.archive': archive,
  'conversations.unarchive': unarchive,
};
