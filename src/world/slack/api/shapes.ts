import type { JsonObject } from '../../../model/json.ts';
import { type Core, present } from '../core.ts';
import { type Channel, type Message, shownTo, type User, type View, type Workspace } from '../workspace.ts';

const STRANGERS_TEAM = 'T0OTHER';

/** The workspace that a user belongs to. */
export function teamOf({ team }: Workspace, { isStranger }: User): string {
  return isStranger ? STRANGERS_TEAM : team.id;
}

/** A user as `users.info` gives it; the address only with its scope. */
export function userJson({ workspace }: Core, user: User): JsonObject {
  const { id, name, realName, email, isBot, isDeleted, guest, isStranger } = user;
  const showsEmail = workspace.app.scopes.includes('users:read.email') && !isBot && !isDeleted;
  return present({
    id,
    team_id: teamOf(workspace, user),
    name,
    deleted: isDeleted,
    real_name: realName,
    tz: 'Etc/UTC',
    tz_offset: 0,
    profile: present({ real_name: realName, display_name: name, email: showsEmail ? email : undefined, team: teamOf(workspace, user) }),
    is_admin: false,
    is_owner: false,
    is_restricted: guest !== undefined,
    is_ultra_restricted: guest === 'single',
    is_stranger: isStranger ? true : undefined,
    is_bot: isBot,
    is_app_user: false,
    updated: 0,
  });
}

/** A channel as `conversations.info` gives it. */
export function channelJson({ workspace }: Core, { id, name, kind, creator, createdMs, isArchived, isShared, members, topic, purpose }: Channel): JsonObject {
  const { app, team } = workspace;
  const created = Math.floor(createdMs / 1000);
  if (kind === 'im') {
    const user = [...members].find((one) => one !== app.userId) ?? '';
    return { id, created, is_im: true, is_org_shared: false, user, is_user_deleted: workspace.users.get(user)?.isDeleted ?? false, priority: 0 };
  }
  return {
    id,
    name,
    name_normalized: name,
    created,
    creator,
    is_channel: kind === 'public',
    is_group: kind === 'private',
    is_im: false,
    is_mpim: false,
    is_private: kind === 'private',
    is_archived: isArchived,
    is_general: false,
    is_shared: isShared,
    is_ext_shared: isShared,
    is_org_shared: false,
    is_member: members.has(app.userId),
    num_members: members.size,
    context_team_id: team.id,
    topic: { value: topic, creator: topic === '' ? '' : app.userId, last_set: topic === '' ? 0 : created },
    purpose: { value: purpose, creator: purpose === '' ? '' : app.userId, last_set: purpose === '' ? 0 : created },
    previous_names: [],
  };
}

/** A message as history gives it. */
export function messageJson({ workspace }: Core, message: Message, { withMetadata = false }: { readonly withMetadata?: boolean } = {}): JsonObject {
  const { app, team, channels, files } = workspace;
  const { ts, user, isOurs, text, blocks, threadTs, isBroadcast, editedTs, metadata, reactions } = message;
  const channel = channels.get(message.channel);
  // Only a message of the channel itself has replies.
  const replies = channel === undefined || threadTs !== undefined ? [] : shownTo(channel).filter((one) => one.threadTs === ts);
  return present({
    type: 'message',
    subtype: isBroadcast ? 'thread_broadcast' : undefined,
    user,
    ts,
    text,
    team: team.id,
    ...(isOurs ? { bot_id: app.botId, app_id: app.id, bot_profile: { id: app.botId, app_id: app.id, name: 'Salvor', deleted: false, team_id: team.id } } : {}),
    blocks: blocks.length === 0 ? undefined : blocks,
    edited: editedTs === undefined ? undefined : { user, ts: editedTs },
    metadata: withMetadata ? metadata : undefined,
    reactions: reactions.size === 0 ? undefined : [...reactions].map(([name, users]) => ({ name, users, count: users.length })),
    files: message.files.length === 0 ? undefined : message.files.map((id) => ({ id, name: files.get(id)?.name ?? '', title: files.get(id)?.title ?? '' })),
    ...(threadTs === undefined ? {} : { thread_ts: threadTs, parent_user_id: channel?.messages.find((one) => one.ts === threadTs)?.user }),
    ...(replies.length === 0
      ? {}
      : {
          thread_ts: ts,
          reply_count: replies.length,
          reply_users_count: new Set(replies.map((one) => one.user)).size,
          reply_users: [...new Set(replies.map((one) => one.user))],
          latest_reply: replies.at(-1)?.ts,
          is_locked: false,
          subscribed: false,
        }),
  });
}

/** A view as `views.open` gives it and payloads carry it. */
export function viewJson({ workspace }: Core, view: View, values: JsonObject = {}): JsonObject {
  const { app, team } = workspace;
  const { id, hash, rootId, previousId, type, blocks } = view;
  const modal =
    view.type === 'modal'
      ? {
          title: view.title,
          submit: view.submit ?? null,
          close: view.close ?? null,
          clear_on_close: view.clear_on_close ?? false,
          notify_on_close: view.notify_on_close ?? false,
          submit_disabled: view.submit_disabled ?? false,
        }
      : { title: { type: 'plain_text', text: 'View Title', emoji: true }, submit: null, close: null, clear_on_close: false, notify_on_close: false };
  return {
    id,
    team_id: team.id,
    type,
    blocks,
    private_metadata: view.private_metadata ?? '',
    callback_id: view.callback_id ?? '',
    external_id: view.external_id ?? '',
    state: { values },
    hash,
    ...modal,
    root_view_id: rootId,
    previous_view_id: previousId ?? null,
    app_id: app.id,
    app_installed_team_id: team.id,
    bot_id: app.botId,
  };
}
