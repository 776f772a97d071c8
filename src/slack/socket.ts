import type { App, SocketModeReceiver } from '@slack/bolt';
import { errorText, SalvorError } from '../model/error.ts';
import { type Clock, sleep } from '../port/clock.ts';
import type { Ids } from '../port/ids.ts';
import type { Log } from '../port/log.ts';
import { slackErrorOf, slackFault } from './errors.ts';
import { boltLogger } from './logger.ts';

/** What a connection needs; it is looked at again while one is open, so a rotated token or another mode counts within seconds. */
export type SocketSettings = { readonly appToken: string; readonly apiUrl: string | undefined };

export type SocketDeps = {
  /** Undefined: no Socket Mode is configured. Throws where the token cannot be read. */
  readonly settings: () => SocketSettings | undefined;
  readonly app: () => Promise<App>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** Ends it. */
  readonly signal: AbortSignal;
};

/** How long until the next try: half a second, half as much again each time, at most this. */
const LONGEST_PAUSE_MS = 15_000;
/** Until Slack says hello. */
const CONNECT_MS = 20_000;
const LOOK_MS = 2000;
/** The same trouble is told again so often. */
const TELL_MS = 300_000;
const CLOSE_MS = 2000;

/**
 * Keeps one connection to Slack open, for ever. Each is a receiver of its own, with options of its own, that never comes back by itself: the SDK's own way
 * back waits 5 s and more at each change of guard, pauses without an end after an hour's outage, and where Slack refuses ends the whole process.
 */
export async function keepSocket(deps: SocketDeps): Promise<void> {
  const { settings, clock, ids, log, signal } = deps;
  let failures = 0;
  let told = { reason: '', atMs: Number.NEGATIVE_INFINITY };
  while (!signal.aborted) {
    try {
      const now = settings();
      if (now === undefined) {
        await sleep(clock, LOOK_MS, signal);
        continue;
      }
      const lasted = await connection(deps, now, () => {
        if (failures > 0) log.info('slack.back', { failures });
        failures = 0;
        told = { reason: '', atMs: Number.NEGATIVE_INFINITY };
      });
      // Slack changes guard every few hours; whoever is gone at once would be a storm of its own.
      failures = lasted > LOOK_MS ? 0 : failures + 1;
      if (failures > 0) await sleep(clock, pauseMs(failures, ids), signal);
    } catch (error) {
      failures += 1;
      const reason = troubleText(error);
      const atMs = clock.monotonicMs();
      const waitMs = Math.max(pauseMs(failures, ids), error instanceof SalvorError ? (error.retryAfterMs ?? 0) : 0);
      if (told.reason !== reason || atMs - told.atMs >= TELL_MS) {
        told = { reason, atMs };
        log.warn('slack.away', { reason, failures, againMs: Math.round(waitMs) });
      }
      await sleep(clock, waitMs, signal);
    }
  }
}

/** One connection from its ticket to its end; answers how long it lasted, in ms. Rejects where there was none. */
async function connection({ settings, app, clock, log, signal }: SocketDeps, { appToken, apiUrl }: SocketSettings, up: () => void): Promise<number> {
  const { SocketModeReceiver: Receiver } = await import('@slack/bolt');
  const slackApiUrl = apiUrl === undefined ? {} : { slackApiUrl: apiUrl.endsWith('/') ? apiUrl : `${apiUrl}/` };
  const receiver = new Receiver({
    appToken,
    logger: boltLogger(log),
    autoReconnectEnabled: false,
    // Objects of its own: the SDK writes into the one it is given, and whoever shares it gets a hundred retries.
    installerOptions: { clientOptions: { ...slackApiUrl, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true, timeout: 10_000 } },
    // What could not be taken in is not acknowledged; Slack tells the person.
    processEventErrorHandler: ({ error }) => {
      log.warn('slack.not-taken', { reason: errorText(error) });
      return Promise.resolve(false);
    },
  });
  receiver.init(await app());
  const over = new Promise<void>((resolve) => void receiver.client.once('disconnected', () => resolve()));
  try {
    await hello(receiver, { clock, signal });
  } catch (error) {
    await close(receiver, over, clock);
    throw error;
  }
  if (signal.aborted) return closed(receiver, over, clock);
  const fromMs = clock.monotonicMs();
  log.info('slack.connected', {});
  up();
  const looking = new AbortController();
  const changed = settingsChange({ settings, appToken, apiUrl, clock, signal: AbortSignal.any([signal, looking.signal]) });
  await Promise.race([over, changed]);
  looking.abort();
  const lastedMs = clock.monotonicMs() - fromMs;
  await close(receiver, over, clock);
  log.info('slack.disconnected', { lastedMs: Math.round(lastedMs) });
  return lastedMs;
}

async function closed(receiver: SocketModeReceiver, over: Promise<void>, clock: Clock): Promise<number> {
  await close(receiver, over, clock);
  return Number.POSITIVE_INFINITY;
}

/** Connects and waits for Slack's hello, no longer than it may take. */
async function hello(receiver: SocketModeReceiver, { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal }): Promise<void> {
  const waiting = new AbortController();
  const ended = AbortSignal.any([signal, waiting.signal]);
  const late = sleep(clock, CONNECT_MS, ended).then(() => {
    if (!ended.aborted) throw new SalvorError('chat.unavailable', 'Slack did not say hello in time', { retry: 'later' });
  });
  const started = receiver.start().then(
    () => {},
    (error: unknown) => {
      throw error === undefined
        ? new SalvorError('chat.unavailable', 'Slack closed the connection before it said hello', { retry: 'later' })
        : slackFault('apps.connections.open', error);
    },
  );
  try {
    await Promise.race([started, late]);
  } finally {
    waiting.abort();
    // The one that lost may still reject; nobody waits for it.
    started.catch(() => {});
    late.catch(() => {});
  }
}

/** The SDK says that it is closed before it is. */
async function close(receiver: SocketModeReceiver, over: Promise<void>, clock: Clock): Promise<void> {
  const { client } = receiver;
  client.disconnect().catch(() => {});
  await Promise.race([over, sleep(clock, CLOSE_MS)]);
}

type Watching = SocketSettings & { readonly settings: SocketDeps['settings']; readonly clock: Clock; readonly signal: AbortSignal };

/** Resolves when the configuration wants another connection, or at the signal. A token that cannot be read now changes nothing. */
async function settingsChange({ settings, appToken, apiUrl, clock, signal }: Watching): Promise<void> {
  while (!signal.aborted) {
    await sleep(clock, LOOK_MS, signal);
    try {
      const now = settings();
      if (now === undefined || now.appToken !== appToken || now.apiUrl !== apiUrl) return;
    } catch {
      continue;
    }
  }
}

function pauseMs(failures: number, ids: Ids): number {
  const full = Math.min(LONGEST_PAUSE_MS, 500 * 1.5 ** (failures - 1));
  return full * (0.75 + ids.random() / 2);
}

/** What is wrong, and what to do about it where somebody can. */
function troubleText(error: unknown): string {
  const advice = ADVICE[slackErrorOf(error) ?? ''];
  if (advice !== undefined) return `Slack refuses the app token (${slackErrorOf(error) ?? ''}): ${advice}`;
  return errorText(error);
}

const NEW_TOKEN = 'make a new app-level token with connections:write and put it where slack.appToken says';
const ADVICE: { readonly [error: string]: string } = {
  invalid_auth: NEW_TOKEN,
  not_authed: NEW_TOKEN,
  token_revoked: NEW_TOKEN,
  token_expired: NEW_TOKEN,
  account_inactive: 'the app was removed from the workspace: install it again, then make a new app-level token',
  not_allowed_token_type: 'slack.appToken begins with xapp-, slack.botToken with xoxb-',
  missing_scope: 'it lacks connections:write: make a new app-level token with it',
  forbidden_team: 'the workspace does not allow it: ask its administrator',
  too_many_websockets: 'ten connections of this app are open already: run fewer servers with it',
};
