import { z } from 'zod';
import { errorCode, errorText, SalvorError } from '../model/error.ts';
import type { Chat, ChatMessage, Place } from '../port/chat.ts';
import type { Clock } from '../port/clock.ts';
import type { Log } from '../port/log.ts';
import { blocksOf } from './blocks/message.ts';
import type { IdOf } from './blocks/timeline.ts';
import { findHome, join } from './channel.ts';
import { slackChannels } from './channels.ts';
import type { SlackClient } from './client.ts';
import { outcomeOf, slackErrorOf } from './errors.ts';
import { EDITS, POSTS, TOGETHER } from './limits.ts';
import { ownChannels } from './own-channel.ts';
import { pace } from './pace.ts';
import { EVENT_TYPE, findPosted } from './posted.ts';
import { share } from './share.ts';
import { trouble } from './trouble.ts';

export type SlackChatDeps = {
  /** A client of its own: what the outbox is told to wait for holds no press up. */
  readonly client: SlackClient;
  /** `#name` or id, as it is configured now. */
  readonly channel: () => string;
  /** The channel in which others are told, where there is one. */
  readonly updates?: () => string | undefined;
  /** The report of an incident in Markdown, for a file; absent: none is shared. */
  readonly report?: (incident: string) => Promise<string>;
  /** The Slack user of a person of the configuration; absent: nobody is called by name. */
  readonly idOf?: IdOf;
  /** Address of the console, without a slash at its end, where it has one. */
  readonly site: () => string | undefined;
  readonly clock: Clock;
  readonly log: Log;
};

/** All of the port. */
export type SlackChat = Chat & {
  readonly waitMs: NonNullable<Chat['waitMs']>;
  readonly posted: NonNullable<Chat['posted']>;
  readonly channels: NonNullable<Chat['channels']>;
};

const Posted = z.looseObject({ ts: z.string(), channel: z.string() });

/** Where the whole of Slack is meant, not one channel. */
const ALL = 'slack';
/** How long until it is known which channel is meant. */
const RESOLVE_MS = 1000;

/** Slack lets these be tried again in another shape: nothing was posted. */
const SHAPE: ReadonlySet<string> = new Set(['invalid_blocks', 'invalid_blocks_format', 'msg_blocks_too_long']);
const ROOT_GONE: ReadonlySet<string> = new Set(['thread_not_found', 'message_not_found']);
const EDIT_GONE: ReadonlySet<string> = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed']);
/** What Slack refuses of one message alone: other messages are none the worse. */
const OF_THE_MESSAGE: ReadonlySet<string> = new Set([
  ...SHAPE,
  ...ROOT_GONE,
  ...EDIT_GONE,
  'msg_too_long',
  'no_text',
  'invalid_metadata_format',
  'metadata_too_large',
]);
const OF_THE_CHANNEL: ReadonlySet<string> = new Set(['not_in_channel', 'channel_not_found', 'is_archived', 'restricted_action', 'is_ext_shared']);

/**
 * Slack, for the outbox: one message each, found again by its metadata. A card stands in the channel, all else in its thread; what everybody should see
 * at once is shown in the channel as well (`reply_broadcast`), so that a decision is in sight and still in its place in the thread, as one message with
 * one time stamp: votes edit both at once.
 */
export function slackChat({ client, channel, updates, report, idOf, site, clock, log }: SlackChatDeps): SlackChat {
  const turns = pace(clock);
  const outage = trouble({ clock, log });
  const own = ownChannels({ client, clock });
  const homes = new Map<string, Promise<string>>();
  const known = new Map<string, string>();

  /** The id of the configured channel. What failed is asked again, after the pause that its failure brings. */
  const home = async (name = channel()): Promise<string> => {
    outage.hold(name);
    const asked = homes.get(name) ?? resolve(name);
    homes.set(name, asked);
    return await asked;
  };
  const resolve = async (name: string): Promise<string> => {
    try {
      const id = await findHome(client, name);
      known.set(name, id);
      for (const well of [ALL, name]) outage.worked(well);
      return id;
    } catch (error) {
      homes.delete(name);
      const scope = scopeOf(error, name) ?? name;
      if (scope !== ALL) outage.worked(ALL);
      outage.failed(scope, error);
      log.warn('chat.channel-unusable', { channel: name, reason: errorText(error) });
      throw error;
    }
  };
  const forget = (name: string): void => {
    homes.delete(name);
    known.delete(name);
  };
  /** The configured channel that a message is for. */
  const placeFor = ({ kind }: ChatMessage): string => (kind === 'update' ? (updates?.() ?? channel()) : channel());

  const send = async (method: string, where: string, args: { readonly [name: string]: unknown }): Promise<string> => {
    try {
      const { ts, channel: id } = await client.call(method, args, Posted);
      outage.worked(ALL);
      outage.worked(where);
      return `${id}/${ts}`;
    } catch (error) {
      const scope = scopeOf(error, where);
      if (scope !== ALL) outage.worked(ALL);
      if (scope !== undefined) outage.failed(scope, error);
      throw error;
    }
  };

  const edit = async (message: ChatMessage, ref: Ref): Promise<string> => {
    try {
      return await send('chat.update', 'edits', { channel: ref.channel, ts: ref.ts, ...bodyOf(message) });
    } catch (error) {
      const name = slackErrorOf(error);
      if (name !== undefined && EDIT_GONE.has(name)) throw withOutcome(error, 'gone');
      if (name === undefined || !SHAPE.has(name)) throw error;
      return await send('chat.update', 'edits', { channel: ref.channel, ts: ref.ts, ...bodyOf(message), blocks: [] });
    }
  };

  const post = async (message: ChatMessage, root: Ref | undefined, inside: string | undefined): Promise<string> => {
    const name = placeFor(message);
    const id = root?.channel ?? inside ?? (await home(name));
    const thread = root === undefined ? {} : { thread_ts: root.ts, ...(isAloud(message) ? { reply_broadcast: true } : {}) };
    const args = { channel: id, ...thread, ...bodyOf(message) };
    try {
      return await send('chat.postMessage', id, args);
    } catch (error) {
      const fault = slackErrorOf(error) ?? '';
      // Every one of these is a refusal: nothing was posted, and posting it otherwise repeats nothing.
      if (SHAPE.has(fault)) {
        log.error('chat.shape-refused', { key: message.key, reason: errorText(error) });
        return await send('chat.postMessage', id, { ...args, blocks: undefined });
      }
      if (root !== undefined && ROOT_GONE.has(fault)) return await send('chat.postMessage', id, { ...args, thread_ts: undefined, reply_broadcast: undefined });
      // Whoever took us out of an incident's own channel meant it.
      if (inside !== undefined) throw error;
      if (fault === 'not_in_channel') await join(client, id).catch(() => {});
      if (OF_THE_CHANNEL.has(fault)) forget(name);
      throw error;
    }
  };

  /** A file that Slack refuses keeps nothing waiting that is said behind it: the console and the command line have the report. */
  const file = async (message: ChatMessage, root: Ref | undefined, inside: string | undefined): Promise<string> => {
    try {
      const text = await report?.(message.thread);
      const id = root?.channel ?? inside ?? (await home());
      if (text !== undefined) await share(client, { channel: id, root: root?.ts, key: message.key, title: message.title, text });
    } catch (error) {
      const name = slackErrorOf(error);
      const isAway = errorCode(error) === 'chat.unavailable' && (name === undefined || name === 'ratelimited' || outcomeOf(error) === 'unknown');
      if (isAway || (inside !== undefined && OF_THE_CHANNEL.has(name ?? ''))) throw error;
      log.warn('chat.file-not-shared', { key: message.key, reason: errorText(error) });
    }
    return '';
  };

  const bodyOf = (message: ChatMessage): { readonly [name: string]: unknown } => ({
    ...blocksOf(message, { site: site(), idOf }),
    metadata: { event_type: EVENT_TYPE, event_payload: { keys: [message.key, ...(message.more ?? []).map(({ key }) => key)] } },
    parse: 'none',
    unfurl_links: false,
    unfurl_media: false,
  });

  return {
    together: TOGETHER,

    files: report !== undefined,
    channels: slackChannels({ client, clock }),

    waitMs(message, { ref, root, channel: inside, urgent }) {
      const isEdit = refOf(ref) !== undefined;
      const where = isEdit ? 'edits' : (refOf(root)?.channel ?? inside ?? known.get(placeFor(message)));
      const awayMs = Math.max(outage.waitMs(ALL), outage.waitMs(where ?? placeFor(message)));
      if (awayMs > 0) return awayMs;
      if (where === undefined) {
        // It is asked for beside the lane, which need not be held meanwhile; what came of it is logged there.
        outage.tries(ALL);
        void home(placeFor(message)).catch(() => {});
        return RESOLVE_MS;
      }
      const waitMs = turns.take({ queue: where, who: message.thread, urgent, ...(isEdit ? EDITS : POSTS) });
      if (waitMs === 0) for (const tried of [ALL, where]) outage.tries(tried);
      return waitMs;
    },

    async deliver(message, at = {}) {
      const ref = refOf(at.ref);
      // It was configured when this was made.
      if (message.kind === 'update' && updates?.() === undefined) return { ref: '' };
      if (at.channel !== undefined) await own.assertOurs(at.channel, message.kind);
      if (message.kind === 'file') return { ref: await file(message, refOf(at.root), at.channel) };
      return { ref: ref === undefined ? await post(message, refOf(at.root), at.channel) : await edit(message, ref) };
    },

    async posted({ root, after, channel: inside, isForOthers = false, sinceMs }) {
      outage.hold(ALL);
      const thread = refOf(root);
      const id = thread?.channel ?? inside ?? (await home(isForOthers ? updates?.() : undefined));
      const last = refOf(after);
      try {
        const found = await findPosted(client, { channel: id, root: thread?.ts, after: last?.channel === id ? last.ts : undefined, sinceMs });
        return new Map([...found].map(([key, ts]) => [key, `${id}/${ts}`]));
      } catch (error) {
        outage.failed(scopeOf(error, id) ?? id, error);
        throw error;
      }
    },
  };
}

type Ref = { readonly channel: string; readonly ts: string };

/** A name that Slack gave: a channel and a time stamp. What another chat called a message is none. */
function refOf(ref: Place['ref']): Ref | undefined {
  const [, channel, ts] = /^([CGD][A-Z0-9]+)\/(\d+\.\d+)$/.exec(ref ?? '') ?? [];
  return channel === undefined || ts === undefined ? undefined : { channel, ts };
}

function isAloud({ kind, aloud }: ChatMessage): boolean {
  return kind === 'approval' || kind === 'report' || aloud === true;
}

/** What a failure is a failure of: one queue where Slack tells us to wait, one channel where it refuses that, one message alone (undefined), else Slack. */
function scopeOf(error: unknown, where: string): string | undefined {
  const name = slackErrorOf(error);
  if (name === undefined) return ALL;
  if (OF_THE_CHANNEL.has(name) || name === 'ratelimited') return where;
  return OF_THE_MESSAGE.has(name) ? undefined : ALL;
}

function withOutcome(error: unknown, outcome: string): unknown {
  if (!(error instanceof SalvorError)) return error;
  return new SalvorError(error.code, error.message, { retry: error.retry, details: { ...error.details, outcome } });
}
