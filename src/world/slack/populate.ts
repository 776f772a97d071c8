import { type ReadSlackScenario } from './scenario.ts';
import { type Channel, FULL_SCOPES, findChannel, findUser, type User, type Workspace } from './workspace.ts';

/** Users and the channel that every workspace has. */
const PEOPLE = ['ana', 'ben', 'cleo', 'dan'] as const;

export const DEFAULTS = { users: PEOPLE.map((name) => ({ name })), channels: [{ name: 'dr' }] };

const idOf = (prefix: string, name: string): string => `${prefix}0${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')}`;

/** Puts into the workspace what the scenario names: who and what is there already is changed. */
export function populate(workspace: Workspace, { users = [], channels = [], groups = [], app }: ReadSlackScenario, nowMs: number): void {
  const hadUsers = workspace.users.size;
  for (const { name, id, realName, email, bot, deleted, guest, stranger } of users) {
    const before = findUser(workspace, name);
    const user: User = {
      id: id ?? before?.id ?? idOf('U', name),
      name,
      realName: realName ?? before?.realName ?? name.charAt(0).toUpperCase() + name.slice(1),
      email: email ?? before?.email ?? `${name}@example.com`,
      isBot: bot ?? before?.isBot ?? false,
      isDeleted: deleted ?? before?.isDeleted ?? false,
      guest: guest ?? before?.guest,
      isStranger: stranger ?? before?.isStranger ?? false,
    };
    if (before !== undefined && before.id !== user.id) replaceUser(workspace, before.id, user.id);
    workspace.users.set(user.id, user);
  }
  if (workspace.users.size > hadUsers) for (const channel of workspace.channels.values()) joinAll(workspace, channel);
  for (const one of channels) {
    const channel =
      findChannel(workspace, one.name) ?? newChannel({ name: one.name, id: one.id, isPrivate: one.private ?? false, creator: 'USLACKBOT', nowMs });
    workspace.channels.set(channel.id, channel);
    channel.isArchived = one.archived ?? channel.isArchived;
    channel.isShared = one.shared ?? channel.isShared;
    if (one.members === undefined && channel.members.size === 0) joinAll(workspace, channel);
    for (const handle of one.members ?? []) {
      const user = findUser(workspace, handle);
      if (user !== undefined) channel.members.add(user.id);
    }
    if (one.bot === false) channel.members.delete(workspace.app.userId);
    else channel.members.add(workspace.app.userId);
  }
  for (const { handle, id, name, users: handles } of groups) {
    const key = id ?? idOf('S', handle);
    const members = handles.flatMap((one) => findUser(workspace, one)?.id ?? []);
    workspace.groups.set(key, { id: key, handle, name: name ?? handle, users: members });
  }
  if (app === undefined) return;
  const { botToken, appToken, signingSecret, requestUrl, scopes, commands } = app;
  Object.assign(workspace.app, {
    ...(botToken === undefined ? {} : { botToken }),
    ...(appToken === undefined ? {} : { appToken }),
    ...(signingSecret === undefined ? {} : { signingSecret }),
    ...(requestUrl === undefined ? {} : { requestUrl: requestUrl ?? undefined }),
    ...(commands === undefined ? {} : { commands }),
    scopes: scopes ?? (workspace.app.scopes.length === 0 ? FULL_SCOPES : workspace.app.scopes),
  });
}

type NewChannel = { readonly name: string; readonly id?: string | undefined; readonly isPrivate: boolean; readonly creator: string; readonly nowMs: number };

export function newChannel({ name, id, isPrivate, creator, nowMs }: NewChannel): Channel {
  return {
    id: id ?? idOf('C', name),
    name,
    kind: isPrivate ? 'private' : 'public',
    creator,
    createdMs: nowMs,
    isArchived: false,
    isShared: false,
    members: new Set(),
    topic: '',
    purpose: '',
    pins: new Set(),
    bookmarks: [],
    messages: [],
  };
}

function joinAll({ users }: Workspace, { members, kind }: Channel): void {
  if (kind !== 'public') return;
  for (const user of users.values()) if (!user.isBot && !user.isDeleted) members.add(user.id);
}

function replaceUser({ users, channels }: Workspace, from: string, to: string): void {
  users.delete(from);
  for (const { members } of channels.values()) if (members.delete(from)) members.add(to);
}
