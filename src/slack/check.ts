import { z } from 'zod';
import { formatDuration } from '../model/duration.ts';
import { errorText } from '../model/error.ts';
import type { FieldPath } from '../model/problem.ts';
import type { Clock } from '../port/clock.ts';
import { slackClient } from './client.ts';
import { slackErrorOf } from './errors.ts';
import { memberFault, UserInfo } from './person.ts';
import { APP_SCOPE, neededScopes, scopeWhy } from './rights.ts';

/** What `salvor check --live` finds in Slack, each with what to do about it. The code is for programs, and stays. */
export type SlackFinding = {
  readonly code: `live.slack-${'unreachable' | 'token' | 'scope' | 'channel' | 'clock' | 'person'}`;
  /** Where in the configuration. */
  readonly path: FieldPath;
  readonly message: string;
  readonly warning?: true;
};

export type SlackLooking = {
  readonly botToken: string;
  /** Socket Mode only. */
  readonly appToken?: string;
  readonly apiUrl?: string | undefined;
  readonly channel: string;
  readonly people: readonly { readonly name: string; readonly slack?: string }[];
  readonly clock: Clock;
};

/** Slack refuses signatures that are five minutes off; a minute is a fault that grows. */
const MOST_SKEW_MS = 60_000;

const AuthTest = z.looseObject({
  team_id: z.string(),
  user_id: z.string(),
  bot_id: z.string().optional(),
  response_metadata: z.looseObject({ scopes: z.array(z.string()).optional() }).optional(),
});
const Opened = z.looseObject({ url: z.string() });
const Channel = z.looseObject({
  id: z.string(),
  name: z.string().optional(),
  is_archived: z.boolean().optional(),
  is_ext_shared: z.boolean().optional(),
  is_member: z.boolean().optional(),
  is_private: z.boolean().optional(),
});
const Info = z.looseObject({ channel: Channel });
const List = z.looseObject({ channels: z.array(Channel), response_metadata: z.looseObject({ next_cursor: z.string().optional() }).optional() });

/** Asks Slack everything that presses and cards will need. `unreached`: it could not be asked at all. */
export async function lookAtSlack(asked: SlackLooking): Promise<{ readonly findings: readonly SlackFinding[]; readonly unreached: boolean }> {
  const kinds = tokenKinds(asked);
  if (kinds.some(({ path }) => path[1] === 'botToken')) return { findings: kinds, unreached: false };
  const client = slackClient({ token: () => asked.botToken, apiUrl: asked.apiUrl });
  let self: z.infer<typeof AuthTest>;
  try {
    self = await client.call('auth.test', {}, AuthTest);
  } catch (error) {
    if (slackErrorOf(error) === undefined)
      return { findings: [{ code: 'live.slack-unreachable', path: ['slack'], message: errorText(error) }], unreached: true };
    return { findings: [...kinds, { code: 'live.slack-token', path: ['slack', 'botToken'], message: errorText(error) }], unreached: false };
  }
  const granted = self.response_metadata?.scopes;
  const found = await Promise.all([appToken(asked), channel(asked, client), clockSkew(asked), people(asked, { client, teamId: self.team_id })]);
  return { findings: [...kinds, ...scopes(granted), ...found.flat()], unreached: false };
}

/** The two tokens are easily mixed up; their first letters tell them apart. */
function tokenKinds({ botToken, appToken: app }: SlackLooking): readonly SlackFinding[] {
  const findings: SlackFinding[] = [];
  const put = (field: 'botToken' | 'appToken', wanted: string, value: string): void => {
    const other = value.startsWith('xoxb-')
      ? 'this is a bot token'
      : value.startsWith('xapp-')
        ? 'this is an app-level token'
        : value.startsWith('xoxp-')
          ? 'this is the token of a person'
          : 'this is none';
    if (!value.startsWith(wanted))
      findings.push({ code: 'live.slack-token', path: ['slack', field], message: `expected a token that begins with ${wanted}; ${other}` });
  };
  put('botToken', 'xoxb-', botToken);
  if (app !== undefined) put('appToken', 'xapp-', app);
  return findings;
}

async function appToken({ appToken: token, apiUrl }: SlackLooking): Promise<readonly SlackFinding[]> {
  if (token?.startsWith('xapp-') !== true) return [];
  try {
    await slackClient({ token: () => token, apiUrl }).call('apps.connections.open', {}, Opened);
    return [];
  } catch (error) {
    const what = slackErrorOf(error) ?? errorText(error);
    const next =
      what === 'missing_scope' ? `it lacks ${APP_SCOPE}: make a new one with it` : `make a new app-level token with ${APP_SCOPE}, and turn Socket Mode on`;
    return [{ code: 'live.slack-token', path: ['slack', 'appToken'], message: `Slack opens no connection with it (${what}): ${next}` }];
  }
}

function scopes(granted: readonly string[] | undefined): readonly SlackFinding[] {
  if (granted === undefined) return [];
  return neededScopes()
    .filter((scope) => !granted.includes(scope))
    .map((scope) => ({
      code: 'live.slack-scope',
      path: ['slack', 'botToken'],
      message: `the scope ${scope} is missing (${scopeWhy(scope)}): paste the manifest of salvor slack-manifest, and install the app again`,
    }));
}

async function channel({ channel: named }: SlackLooking, client: ReturnType<typeof slackClient>): Promise<readonly SlackFinding[]> {
  const path = ['slack', 'channel'];
  const fault = (message: string, warning?: true): readonly SlackFinding[] => [
    { code: 'live.slack-channel', path, message, ...(warning === undefined ? {} : { warning }) },
  ];
  try {
    const found = await findChannel(named, client);
    if (found === undefined) return fault(`Slack shows Salvor no channel ${named}: correct its name, or, where it is private, type /invite @salvor there`);
    if (found.is_archived === true) return fault(`the channel ${named} is archived: unarchive it, or choose another`);
    if (found.is_ext_shared === true)
      return fault(`the channel ${named} is shared with another organization, whose people would see every plan: choose one of your own`);
    if (found.is_member === false)
      return found.is_private === true
        ? fault(`Salvor is not in the private channel ${named}: type /invite @salvor there`)
        : fault(`Salvor is not in the channel ${named} yet: it joins by itself when it posts`, true);
    return [];
  } catch (error) {
    return slackErrorOf(error) === 'missing_scope' ? [] : fault(errorText(error));
  }
}

async function findChannel(named: string, client: ReturnType<typeof slackClient>): Promise<z.infer<typeof Channel> | undefined> {
  const name = named.replace(/^#/, '');
  if (/^[CG][A-Z0-9]{2,}$/.test(name)) {
    try {
      return (await client.call('conversations.info', { channel: name }, Info)).channel;
    } catch (error) {
      if (slackErrorOf(error) === 'channel_not_found') return undefined;
      throw error;
    }
  }
  let cursor: string | undefined;
  do {
    const page = await client.call(
      'conversations.list',
      { types: 'public_channel,private_channel', limit: 999, ...(cursor === undefined ? {} : { cursor }) },
      List,
    );
    const found = page.channels.find((one) => one.name === name);
    if (found !== undefined) return found;
    cursor = page.response_metadata?.next_cursor === '' ? undefined : page.response_metadata?.next_cursor;
  } while (cursor !== undefined);
  return undefined;
}

async function clockSkew({ apiUrl = 'https://slack.com/api/', clock }: SlackLooking): Promise<readonly SlackFinding[]> {
  try {
    const response = await fetch(new URL('api.test', apiUrl.endsWith('/') ? apiUrl : `${apiUrl}/`), {
      method: 'POST',
      signal: AbortSignal.timeout(10_000),
      redirect: 'error',
    });
    await response.body?.cancel();
    const theirs = Date.parse(response.headers.get('date') ?? '');
    // The header has no fractions: half a second is added.
    const skewMs = theirs + 500 - clock.nowMs();
    if (Number.isNaN(theirs) || Math.abs(skewMs) <= MOST_SKEW_MS) return [];
    const words = `${formatDuration(Math.round(Math.abs(skewMs) / 1000) * 1000)} ${skewMs > 0 ? 'behind' : 'ahead of'} Slack’s`;
    return [
      { code: 'live.slack-clock', path: ['slack'], message: `our clock is ${words}; from five minutes on every press is refused in HTTP mode: set it by NTP` },
    ];
  } catch {
    // That Slack answers at all was seen already.
    return [];
  }
}

async function people(
  { people: all }: SlackLooking,
  { client, teamId }: { readonly client: ReturnType<typeof slackClient>; readonly teamId: string },
): Promise<readonly SlackFinding[]> {
  const findings: SlackFinding[] = [];
  // One after the other: a workspace has a limit for this, and a large configuration would meet it.
  for (const [index, { name, slack }] of all.entries()) {
    if (slack === undefined) continue;
    const path = ['people', index, 'slack'];
    try {
      const { user } = await client.call('users.info', { user: slack }, UserInfo);
      const fault = memberFault(user, { teamId, ours: teamId });
      if (fault !== undefined) findings.push({ code: 'live.slack-person', path, message: `${name} (${slack}) can decide nothing in Slack: ${fault.code}` });
    } catch (error) {
      const what = slackErrorOf(error);
      if (what === 'missing_scope') return findings;
      const message = what === 'user_not_found' ? `Slack knows no user ${slack} (${name}): copy the member id from their profile` : errorText(error);
      findings.push({ code: 'live.slack-person', path, message });
    }
  }
  return findings;
}
