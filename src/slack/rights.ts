/**
 * Every method of the Web API that Salvor calls, with the scopes of the bot token that it needs, and why. The manifest, `check --live` and the documentation
 * are made of this; a test holds it to the calls in the code.
 * Source  Slack developer documentation, the page of each method.
 */
export type MethodRights = { readonly scopes: readonly string[]; readonly why: string };

const LOOK = ['channels:read', 'groups:read'] as const;
const MANAGE = ['channels:manage', 'groups:write'] as const;
const READ = ['channels:history', 'groups:history'] as const;

export const METHODS: { readonly [method: string]: MethodRights } = {
  'auth.test': { scopes: [], why: 'who we are, and in which workspace' },
  'chat.postMessage': { scopes: ['chat:write'], why: 'cards, proposals and timelines' },
  'chat.update': { scopes: ['chat:write'], why: 'cards stay where they are, and change' },
  'chat.postEphemeral': { scopes: ['chat:write'], why: 'late answers that only one person sees' },
  'conversations.list': { scopes: LOOK, why: 'finds slack.channel by its name' },
  'conversations.info': { scopes: LOOK, why: 'is the channel ours, archived, shared' },
  'conversations.join': { scopes: ['channels:join'], why: 'joins a public slack.channel by itself' },
  'conversations.history': { scopes: READ, why: 'is a card there already, when Slack did not say' },
  'conversations.replies': { scopes: READ, why: 'is a line there already, when Slack did not say; what somebody puts on the timeline' },
  'conversations.create': { scopes: MANAGE, why: 'a channel for an incident (slack.incidentChannels)' },
  'conversations.invite': { scopes: MANAGE, why: 'people are invited to the channel of an incident' },
  'conversations.setTopic': { scopes: MANAGE, why: 'the channel of an incident says how it stands' },
  'conversations.setPurpose': { scopes: MANAGE, why: 'the channel of an incident says what it is for' },
  'conversations.archive': { scopes: MANAGE, why: 'the channel of an incident is archived when it was quiet for long' },
  'conversations.unarchive': { scopes: MANAGE, why: 'the channel of an incident that begins again is opened again' },
  'bookmarks.list': { scopes: ['bookmarks:read'], why: 'is a bookmark there already' },
  'bookmarks.add': { scopes: ['bookmarks:write'], why: 'the channel of an incident links to the console' },
  'pins.add': { scopes: ['pins:write'], why: 'the card is pinned in the channel of its incident' },
  'files.getUploadURLExternal': { scopes: ['files:write'], why: 'the report of an incident as a file' },
  'files.completeUploadExternal': { scopes: ['files:write'], why: 'the report of an incident as a file' },
  'users.info': { scopes: ['users:read'], why: 'whoever presses is a member: no bot, no guest, not deactivated' },
  'usergroups.list': { scopes: ['usergroups:read'], why: 'finds the user groups that approvals name' },
  'usergroups.users.list': { scopes: ['usergroups:read'], why: 'who is in a user group, and so may approve' },
  'views.open': { scopes: [], why: 'forms: typed confirmation, reason, question, the whole plan' },
  'views.publish': { scopes: [], why: 'the App Home' },
  'views.update': { scopes: [], why: 'forms that took longer' },
};

/** What Slack tells by itself, with the scope that each takes, and why. The manifest subscribes to exactly these. */
export const EVENTS: { readonly [event: string]: MethodRights } = {
  app_home_opened: { scopes: [], why: 'the App Home is shown to whoever opens it' },
  app_mention: { scopes: ['app_mentions:read'], why: 'the words of /dr in a thread, where Slack takes no commands' },
  reaction_added: { scopes: ['reactions:read'], why: 'a pushpin puts a message on the timeline' },
};

/** `/dr` itself, and "Add to timeline" in the menu of a message. */
const COMMANDS = 'commands';
const NEEDING = [...Object.values(METHODS), ...Object.values(EVENTS)];

/** Scopes that the bot token must have, in order. */
export function neededScopes(): readonly string[] {
  return [...new Set([COMMANDS, ...NEEDING.flatMap(({ scopes }) => scopes)])].sort();
}

/** What goes without this scope, in words. */
export function scopeWhy(scope: string): string {
  if (scope === COMMANDS) return 'the command /dr';
  return NEEDING.filter(({ scopes }) => scopes.includes(scope))
    .map(({ why }) => why)
    .join('; ');
}

/** The one scope of the app-level token, for Socket Mode. */
export const APP_SCOPE = 'connections:write';
