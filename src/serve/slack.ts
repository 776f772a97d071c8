import { type Config, readSecret } from '../config.ts';
import { SalvorError } from '../model/error.ts';
import { loggedChat } from '../observe/quiet-people.ts';
import type { Chat } from '../port/chat.ts';
import type { Clock } from '../port/clock.ts';
import type { Log } from '../port/log.ts';
import { type SlackChat, slackChat } from '../slack/chat.ts';
import { slackClient } from '../slack/client.ts';

type Connection = {
  readonly config: () => Pick<Config, 'slack' | 'listen' | 'policy'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly report: (incident: string) => Promise<string>;
};

/**
 * The chat as it is configured now: a reload, and a token that is rotated, count from the next message on. Without one, what people are asked and told
 * at the end are lines of the log. Slack's library is loaded with the first message for it, long after the ports listen.
 */
export function connectSlack({ config, clock, log, report }: Connection): Chat {
  const logged = loggedChat(log);
  let slack: { readonly apiUrl: string | undefined; readonly chat: SlackChat } | undefined;
  const configured = (): SlackChat | undefined => {
    const apiUrl = config().slack?.apiUrl;
    if (config().slack === undefined) return undefined;
    if (slack === undefined || slack.apiUrl !== apiUrl) {
      const client = slackClient({ token: () => tokenOf(config().slack), apiUrl });
      const site = (): string | undefined => config().listen.publicUrl?.replace(/\/+$/, '');
      slack = {
        apiUrl,
        chat: slackChat({
          client,
          channel: () => config().slack?.channel ?? '',
          updates: () => config().slack?.updates?.channel,
          report,
          idOf: (person) => config().policy.people.find(({ name }) => name === person)?.slack,
          site,
          clock,
          log,
        }),
      };
    }
    return slack.chat;
  };
  return {
    get takes() {
      return configured() === undefined ? logged.takes : undefined;
    },
    get together() {
      return configured()?.together;
    },
    waitMs: (message, at) => configured()?.waitMs(message, at) ?? 0,
    deliver: (message, at) => (configured() ?? logged).deliver(message, at),
    get posted() {
      return configured()?.posted;
    },
    get files() {
      return configured()?.files;
    },
    get channels() {
      return configured()?.channels;
    },
  };
}

/** A token that cannot be read holds the messages, and the lanes try again: its file may be mended. */
function tokenOf(slack: Config['slack']): string {
  try {
    if (slack === undefined) throw new Error('Slack is not configured');
    return readSecret(slack.botToken).trim();
  } catch (error) {
    const details = { outcome: 'refused', slack: 'not_authed' };
    throw new SalvorError('chat.unavailable', 'slack.botToken cannot be read: mend its file or variable', { retry: 'later', cause: error, details });
  }
}
