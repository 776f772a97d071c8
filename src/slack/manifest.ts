import type { JsonObject } from '../model/json.ts';
import { neededScopes } from './rights.ts';

/** What an administrator pastes into Slack to make the app: exactly the rights that the code uses. `url` is the public address of Salvor, for HTTP mode. */
export type ManifestOptions = { readonly mode: 'socket' } | { readonly mode: 'http'; readonly url: string };

export const EVENTS_PATH = '/slack/events';

/** The app manifest, version 2 of its schema. Without event subscriptions: presses, forms and `/dr` are all that is heard. */
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
      bot_user: { display_name: 'salvor', always_online: true },
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
      interactivity: { is_enabled: true, ...(address === undefined ? {} : { request_url: address, message_menu_options_url: address }) },
      org_deploy_enabled: false,
      socket_mode_enabled: options.mode === 'socket',
      token_rotation_enabled: false,
    },
  };
}
