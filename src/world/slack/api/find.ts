import type { JsonObject } from '../../../model/json.ts';
import { checkBlocks, MOST_BLOCK_TEXT, MOST_MESSAGE_BLOCKS, textLength } from '../blocks/check.ts';
import type { Core } from '../core.ts';
import { type Channel, findChannel, type Message, type User } from '../workspace.ts';
import { needScope, refuse } from './method.ts';

/** A channel by its id. One that the app cannot see is not there. */
export function channelOf({ workspace }: Core, id: string): Channel {
  const channel = workspace.channels.get(id);
  if (channel === undefined || (channel.kind !== 'public' && !channel.members.has(workspace.app.userId))) return refuse('channel_not_found');
  return channel;
}

/** The same for what only members may do. */
export function joinedChannel(core: Core, id: string): Channel {
  const channel = channelOf(core, id);
  return channel.members.has(core.workspace.app.userId) ? channel : refuse('not_in_channel');
}

/** Where a post goes: a channel by id or name, or the direct messages with a user. Refuses what Slack refuses to post to. */
export function postable(core: Core, given: string): Channel {
  const { workspace } = core;
  if (workspace.users.has(given)) return directMessages(core, given);
  const channel = channelOf(core, findChannel(workspace, given)?.id ?? given);
  if (channel.isArchived) return refuse('is_archived');
  const isIn = channel.members.has(workspace.app.userId);
  return isIn || workspace.app.scopes.includes('chat:write.public') ? channel : refuse('not_in_channel');
}

/** The direct messages of the app with one user; opened where there are none. */
export function directMessages({ workspace, clock, newId }: Core, userId: string): Channel {
  const user = workspace.users.get(userId);
  if (user === undefined) return refuse('user_not_found');
  const open = [...workspace.channels.values()].find(({ kind, members }) => kind === 'im' && members.has(userId));
  if (open !== undefined) return open;
  const made: Channel = {
    id: newId('D'),
    name: '',
    kind: 'im',
    creator: workspace.app.userId,
    createdMs: clock.nowMs(),
    isArchived: false,
    isShared: false,
    members: new Set([workspace.app.userId, userId]),
    topic: '',
    purpose: '',
    pins: new Set(),
    bookmarks: [],
    messages: [],
  };
  workspace.channels.set(made.id, made);
  return made;
}

export function userOf({ workspace }: Core, id: string): User {
  return workspace.users.get(id) ?? refuse('user_not_found');
}

/** A message of a channel that the Web API shows. */
export function messageOf({ messages }: Channel, ts: string): Message {
  return messages.find((one) => one.ts === ts && one.onlyFor === undefined) ?? refuse('message_not_found');
}

/** Blocks of a message as they are kept. Refuses `invalid_blocks` and `msg_blocks_too_long`. */
export function blocksOf({ newId }: Core, given: unknown): readonly JsonObject[] {
  const checked = checkBlocks(given, { most: MOST_MESSAGE_BLOCKS, make: () => newId('') });
  if (!checked.ok) return refuse(checked.error, { response_metadata: { messages: checked.messages } });
  if (textLength(checked.value) > MOST_BLOCK_TEXT) return refuse('msg_blocks_too_long');
  return checked.value;
}

const SCOPES = {
  read: { public: 'channels:read', private: 'groups:read', im: 'im:read' },
  history: { public: 'channels:history', private: 'groups:history', im: 'im:history' },
  manage: { public: 'channels:manage', private: 'groups:write', im: 'im:write' },
} as const;

/** Ends the call unless the app may do this in a channel of this kind. */
export function needScopeIn(core: Core, doing: keyof typeof SCOPES, kind: Channel['kind']): void {
  needScope(core, SCOPES[doing][kind]);
}
