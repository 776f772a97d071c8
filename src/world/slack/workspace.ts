import type { JsonObject } from '../../model/json.ts';
import type { CheckedView } from './blocks/block.ts';

export type User = {
  readonly id: string;
  readonly name: string;
  readonly realName: string;
  readonly email?: string | undefined;
  readonly isBot: boolean;
  readonly isDeleted: boolean;
  readonly guest?: 'multi' | 'single' | undefined;
  /** From another workspace, by Slack Connect. */
  readonly isStranger: boolean;
};

export type Channel = {
  readonly id: string;
  name: string;
  readonly kind: 'public' | 'private' | 'im';
  readonly creator: string;
  readonly createdMs: number;
  isArchived: boolean;
  isShared: boolean;
  /** Ids of users, the app's own among them. */
  readonly members: Set<string>;
  topic: string;
  purpose: string;
  /** `ts` of messages. */
  readonly pins: Set<string>;
  readonly bookmarks: { readonly id: string; readonly title: string; readonly link: string; readonly emoji?: string | undefined }[];
  /** In posted order. */
  readonly messages: Message[];
};

/** A message as it stands now. */
export type Message = {
  readonly ts: string;
  readonly channel: string;
  readonly user: string;
  /** Said by the app. */
  readonly isOurs: boolean;
  text: string;
  blocks: readonly JsonObject[];
  readonly threadTs?: string | undefined;
  readonly isBroadcast?: boolean | undefined;
  editedTs?: string | undefined;
  edits: number;
  metadata?: JsonObject | undefined;
  readonly reactions: Map<string, string[]>;
  readonly files: readonly string[];
  /** Only this user sees it, and the Web API never shows it. */
  readonly onlyFor?: string | undefined;
  readonly atMs: number;
};

export type Group = { readonly id: string; readonly handle: string; readonly name: string; readonly users: readonly string[] };

export type View = CheckedView & {
  readonly id: string;
  readonly hash: string;
  readonly rootId: string;
  readonly previousId?: string | undefined;
  readonly user: string;
};

export type File = { readonly id: string; readonly name: string; title: string; readonly sizeBytes: number; content?: Buffer | undefined; shared: boolean };

export type App = {
  readonly id: string;
  readonly botId: string;
  readonly userId: string;
  botToken: string | undefined;
  appToken: string | undefined;
  signingSecret: string;
  requestUrl: string | undefined;
  scopes: readonly string[];
  commands: readonly { readonly command: string; readonly escape?: boolean | undefined }[];
  /** The error that its tokens get. */
  refusedWith: string | undefined;
};

/** Everything that one simulated Slack holds. */
export type Workspace = {
  readonly team: { readonly id: string; readonly name: string; readonly domain: string };
  readonly app: App;
  readonly users: Map<string, User>;
  readonly channels: Map<string, Channel>;
  readonly groups: Map<string, Group>;
  readonly files: Map<string, File>;
  /** Open modals by user, the top one last. */
  readonly modals: Map<string, View[]>;
  readonly homes: Map<string, View>;
};

/** What a full installation has; `salvor slack-manifest` asks for no more. */
export const FULL_SCOPES: readonly string[] = [
  'app_mentions:read',
  'bookmarks:read',
  'bookmarks:write',
  'channels:history',
  'channels:join',
  'channels:manage',
  'channels:read',
  'chat:write',
  'chat:write.public',
  'commands',
  'files:read',
  'files:write',
  'groups:history',
  'groups:read',
  'groups:write',
  'im:history',
  'im:read',
  'im:write',
  'pins:read',
  'pins:write',
  'reactions:read',
  'reactions:write',
  'team:read',
  'usergroups:read',
  'users:read',
  'users:read.email',
];

/** A workspace with the app in it, and nobody yet. */
export function emptyWorkspace(): Workspace {
  const app: App = {
    id: 'A0SALVOR',
    botId: 'B0SALVOR',
    userId: 'U0SALVOR',
    botToken: undefined,
    appToken: undefined,
    signingSecret: 'signing-secret-of-the-simulated-slack',
    requestUrl: undefined,
    scopes: FULL_SCOPES,
    commands: [{ command: '/dr', escape: true }],
    refusedWith: undefined,
  };
  const bot: User = { id: app.userId, name: 'salvor', realName: 'Salvor', isBot: true, isDeleted: false, isStranger: false };
  return {
    team: { id: 'T0SALVOR', name: 'Simulated', domain: 'simulated' },
    app,
    users: new Map([[bot.id, bot]]),
    channels: new Map(),
    groups: new Map(),
    files: new Map(),
    modals: new Map(),
    homes: new Map(),
  };
}

/** A user by id, handle or `@handle`. */
export function findUser({ users }: Workspace, given: string): User | undefined {
  const name = given.replace(/^@/, '');
  return users.get(given) ?? [...users.values()].find((user) => user.name === name);
}

/** A channel by id, name or `#name`; never a direct message by name. */
export function findChannel({ channels }: Workspace, given: string): Channel | undefined {
  const name = given.replace(/^#/, '');
  return channels.get(given) ?? [...channels.values()].find((channel) => channel.kind !== 'im' && channel.name === name);
}

/** The messages of a channel that this user may see; without one, those that the Web API shows. */
export function shownTo({ messages }: Channel, user?: string): readonly Message[] {
  return messages.filter(({ onlyFor }) => onlyFor === undefined || (user !== undefined && onlyFor === user));
}
