import type { JsonObject } from '../model/json.ts';
import { EVENTS, neededScopes } from './rights.ts';

/** What an administrator pastes into Slack to make the app: exactly the rights that the code uses. `url` is the public address of Salvor, for HTTP mode. */
export type ManifestOptions = { readonly mode: 'socket' } | { readonly mode: 'http'; readonly url: string };

export const EVENTS_PATH = '/slack/events';
/** The shortcut in the menu of a message. */
export const NOTE = 'note';

/** The app manifest, version 2 of its schema. */
export function manifest(options: ManifestOptions): JsonObject {
  const address = options.mode === 'http' ? `${options.url.replace(/\/+$/, '')}${EVENTS_PATH}` : undefined;
  return {
    _metadata: { major_version: 2, minor_version: 1 },
    display_information: {
      name: 'Salvor',
      description: 'Answers alerts about Kubernetes disaster recovery, and asks before it acts.',
      background_color: '#1f2937',
    },
    features: {
      app_home: { home_tab_enabled: true, messages_tab_enabled: true, messages_tab_read_only_enabled: true },
      bot_user: { display_name: 'salvor', always_online: true },
      shortcuts: [{ name: 'Add to timeline', type: 'message', callback_id: NOTE, description: 'Put this message on the timeline of its incident' }],
      slash_commands: [
        {
          command: '/dr',
          description: 'Disaster recovery: see, decide, start',
          usage_hint: 'help | status | restore | backup run daily | approve RUN PLAN | pause',
          // People and channels come as ids: a name alone says nothing about who is meant.
          should_escape: true,
          ...(address === undefined ? {} : { url: address }),
        },
      ],
    },
    oauth_config: { scopes: { bot: [...neededScopes()] } },
    settings: {
      event_subscriptions: { bot_events: Object.keys(EVENTS), ...(address === undefined ? {} : { request_url: address }) },
      interactivity: { is_enabled: true, ...(address === undefined ? {} : { request_url: address, message_menu_options_url: address }) },
      org_deploy_enabled: false,
      socket_mode_enabled: options.mode === 'socket',
      token_rotation_enabled: false,
    },
  };
}
