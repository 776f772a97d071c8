import type { JsonObject } from '../../../model/json.ts';
import { messageJson, teamOf, viewJson } from '../api/shapes.ts';
import { type Core, present } from '../core.ts';
import type { Channel, Message, User, View } from '../workspace.ts';

/** What every payload says about who and where. */
function frame({ workspace }: Core, user: User): JsonObject {
  const { app, team } = workspace;
  return {
    user: { id: user.id, username: user.name, name: user.name, team_id: teamOf(workspace, user) },
    api_app_id: app.id,
    token: 'verification',
    team: { id: team.id, domain: team.domain },
    enterprise: null,
    is_enterprise_install: false,
  };
}

type Command = { readonly channel: Channel; readonly command: string; readonly text: string; readonly responseUrl: string };

/** A slash command: a flat form. */
export function commandPayload(core: Core, user: User, { channel, command, text, responseUrl }: Command): JsonObject {
  const { app, team } = core.workspace;
  return {
    token: 'verification',
    team_id: team.id,
    team_domain: team.domain,
    channel_id: channel.id,
    channel_name: channel.kind === 'im' ? 'directmessage' : channel.kind === 'private' ? 'privategroup' : channel.name,
    user_id: user.id,
    user_name: user.name,
    command,
    text,
    api_app_id: app.id,
    is_enterprise_install: 'false',
    response_url: responseUrl,
    trigger_id: core.triggers.make(user.id),
  };
}

export type Acted = { readonly action: JsonObject; readonly values: JsonObject };

/** A press on a message. */
export function messageAction(
  core: Core,
  user: User,
  of: Acted & { readonly channel: Channel; readonly message: Message; readonly responseUrl: string },
): JsonObject {
  const { channel, message, action, values, responseUrl } = of;
  return {
    type: 'block_actions',
    ...frame(core, user),
    container: present({
      type: 'message',
      message_ts: message.ts,
      channel_id: channel.id,
      is_ephemeral: message.onlyFor !== undefined,
      thread_ts: message.threadTs,
    }),
    trigger_id: core.triggers.make(user.id),
    channel: { id: channel.id, name: channel.kind === 'im' ? 'directmessage' : channel.name },
    // Slack does not send the content of a message that only one person sees.
    ...(message.onlyFor === undefined ? { message: messageJson(core, message) } : {}),
    state: { values },
    response_url: responseUrl,
    actions: [{ ...action, action_ts: core.nextTs() }],
  };
}

/** The app's own action in the menu of a message. */
export function messageShortcut(
  core: Core,
  user: User,
  {
    channel,
    message,
    callback,
    responseUrl,
  }: { readonly channel: Channel; readonly message: Message; readonly callback: string; readonly responseUrl: string },
): JsonObject {
  return {
    type: 'message_action',
    ...frame(core, user),
    callback_id: callback,
    trigger_id: core.triggers.make(user.id),
    action_ts: core.nextTs(),
    message_ts: message.ts,
    channel: { id: channel.id, name: channel.kind === 'im' ? 'directmessage' : channel.name },
    message: messageJson(core, message),
    response_url: responseUrl,
  };
}

/** A press in a modal or home. */
export function viewAction(core: Core, user: User, { view, action, values }: Acted & { readonly view: View }): JsonObject {
  return {
    type: 'block_actions',
    ...frame(core, user),
    container: { type: 'view', view_id: view.id },
    trigger_id: core.triggers.make(user.id),
    view: viewJson(core, view, values),
    actions: [{ ...action, action_ts: core.nextTs() }],
  };
}

export function viewSubmission(core: Core, user: User, { view, values }: { readonly view: View; readonly values: JsonObject }): JsonObject {
  return { type: 'view_submission', ...frame(core, user), trigger_id: core.triggers.make(user.id), view: viewJson(core, view, values), response_urls: [] };
}

export function viewClosed(core: Core, user: User, { view, isCleared }: { readonly view: View; readonly isCleared: boolean }): JsonObject {
  return { type: 'view_closed', ...frame(core, user), view: viewJson(core, view), is_cleared: isCleared };
}

/** What a person types into a select whose choices the app knows. */
export function blockSuggestion(core: Core, user: User, { typed, actionId, blockId, view }: Suggestion): JsonObject {
  return {
    type: 'block_suggestion',
    ...frame(core, user),
    container: view === undefined ? { type: 'message' } : { type: 'view', view_id: view.id },
    action_id: actionId,
    block_id: blockId,
    value: typed,
    ...(view === undefined ? {} : { view: viewJson(core, view) }),
  };
}

export type Suggestion = { readonly typed: string; readonly actionId: string; readonly blockId: string; readonly view?: View | undefined };
