import type { App } from '../app.ts';
import { callerOf } from '../command/access.ts';
import { recordRefusal } from '../command/refusal.ts';
import { type Config, readSecret } from '../config.ts';
import { errorText, SalvorError } from '../model/error.ts';
import type { Clock } from '../port/clock.ts';
import type { Ids } from '../port/ids.ts';
import type { Log } from '../port/log.ts';
import type { Store } from '../port/store.ts';
import { type Hearing, openHearing } from '../slack/hearing.ts';
import { slackCaller } from './slack-caller.ts';

type Deps = {
  /** Asked when somebody presses or types; it is there before anybody can. */
  readonly app: () => App;
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
};

/** What people do in Slack, as it is configured now: tokens, mode, channel and people may change by a reload, also from nothing to something. */
export function connectHearing({ app, store, clock, ids, log }: Deps): Hearing {
  const config = (): Config => app().settings().config;
  const slack = (): Config['slack'] => config().slack;
  const policy = (): Config['policy'] => app().policy();
  const client = slackCaller(slack);
  return openHearing({
    commands: app().commands,
    callerOf: (person) => callerOf(policy(), person, 'slack'),
    policy,
    client: { call: (...asked) => (client() ?? notConfigured()).call(...asked) },
    channel: () => slack()?.channel ?? '',
    apiUrl: () => slack()?.apiUrl,
    site: () => config().listen.publicUrl?.replace(/\/+$/, ''),
    record: recordRefusal({ store, ids }),
    socket() {
      const now = slack();
      return now?.mode === 'socket' ? { appToken: readSecret(now.appToken).trim(), apiUrl: now.apiUrl } : undefined;
    },
    signingSecret() {
      const now = slack();
      return now?.mode === 'http' ? secretOrNothing(now.signingSecret, log) : undefined;
    },
    clock,
    ids,
    log,
  });
}

function notConfigured(): never {
  throw new SalvorError('chat.unavailable', 'Slack is not configured any more', { retry: 'later' });
}

/** A secret that cannot be read lets nobody in: an empty one signs nothing. */
function secretOrNothing(secret: Parameters<typeof readSecret>[0], log: Log): string {
  try {
    return readSecret(secret).trim();
  } catch (error) {
    log.warn('secret.unreadable', { reason: errorText(error) });
    return '';
  }
}
