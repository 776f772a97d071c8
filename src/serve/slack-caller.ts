import { type Config, readSecret } from '../config.ts';
import { SalvorError } from '../model/error.ts';
import { type SlackClient, slackClient } from '../slack/client.ts';

/** A client of its own for Slack as it is configured now: what it is told to wait for holds no other up. Undefined where there is no Slack. */
export function slackCaller(slack: () => Config['slack']): () => SlackClient | undefined {
  let client: { readonly apiUrl: string | undefined; readonly of: SlackClient } | undefined;
  return () => {
    const now = slack();
    if (now === undefined) return undefined;
    if (client?.apiUrl !== now.apiUrl || client === undefined)
      client = { apiUrl: now.apiUrl, of: slackClient({ token: () => botToken(slack()), apiUrl: now.apiUrl }) };
    return client.of;
  };
}

function botToken(slack: Config['slack']): string {
  if (slack === undefined) throw new SalvorError('chat.unavailable', 'Slack is not configured any more', { retry: 'later' });
  return readSecret(slack.botToken).trim();
}
