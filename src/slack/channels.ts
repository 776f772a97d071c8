import { z } from 'zod';
import type { ChannelCall, Channels } from '../port/channels.ts';
import type { Clock } from '../port/clock.ts';
import type { SlackClient } from './client.ts';
import { slackErrorOf } from './errors.ts';
import { ADMIN, MOST } from './limits.ts';
import { pace } from './pace.ts';
import { escapedLine, plainText } from './text.ts';

const Made = z.looseObject({ channel: z.looseObject({ id: z.string(), name: z.string() }) });
const Done = z.looseObject({});
const Invited = z.looseObject({ errors: z.array(z.looseObject({ user: z.string().optional(), error: z.string() })).optional() });
const Bookmarks = z.looseObject({ bookmarks: z.array(z.looseObject({ title: z.string().optional(), link: z.string().nullish() })) });
const Self = z.looseObject({ user_id: z.string() });
const Listed = z.looseObject({
  channels: z.array(
    z.looseObject({
      id: z.string(),
      name: z.string().optional(),
      creator: z.string().optional(),
      is_archived: z.boolean().optional(),
      purpose: z.looseObject({ value: z.string() }).optional(),
    }),
  ),
  response_metadata: z.looseObject({ next_cursor: z.string().optional() }).optional(),
});
const History = z.looseObject({
  messages: z.array(z.looseObject({ ts: z.string(), user: z.string().optional(), bot_id: z.string().optional(), subtype: z.string().optional() })),
});

const PAGE = 999;

/** What Slack says of one of the people alone: the others can be invited. */
const OF_A_PERSON: ReadonlySet<string> = new Set([
  'user_not_found',
  'no_user',
  'cant_invite',
  'cant_invite_self',
  'already_in_channel',
  'ura_max_channels',
  'user_is_restricted',
  'external_team_access_denied',
]);
const FINE: ReadonlySet<string> = new Set(['already_in_channel', 'cant_invite_self']);
/** Joining, leaving and new topics are messages, too, and nobody said them. */
const SAID: ReadonlySet<string | undefined> = new Set([undefined, 'file_share', 'me_message', 'thread_broadcast']);

/** Channels that incidents have for themselves, in Slack. */
export function slackChannels({ client, clock }: { readonly client: SlackClient; readonly clock: Clock }): Channels {
  const turns = pace(clock);
  const self = async (): Promise<string> => (await client.call('auth.test', {}, Self)).user_id;

  const inviteAll = async (channel: string, people: readonly string[]): Promise<readonly { readonly id: string; readonly why: string }[]> => {
    try {
      const { errors = [] } = await client.call('conversations.invite', { channel, users: people.join(','), force: true }, Invited);
      return errors.flatMap(({ user, error }) => (user === undefined || FINE.has(error) ? [] : [{ id: user, why: error }]));
    } catch (error) {
      const name = slackErrorOf(error) ?? '';
      if (!OF_A_PERSON.has(name)) throw error;
      const [only, ...others] = people;
      if (only !== undefined && others.length === 0) return FINE.has(name) ? [] : [{ id: only, why: name }];
      // It refused all for the sake of one: each is asked for alone.
      const each = [];
      for (const id of people) each.push(...(await inviteAll(channel, [id])));
      return each;
    }
  };

  return {
    waitMs: (call: ChannelCall, incident) => turns.take({ queue: call, who: incident, urgent: false, ...ADMIN }),

    async create({ name, isPrivate }) {
      const { channel } = await client.call('conversations.create', { name, is_private: isPrivate }, Made);
      return { id: channel.id, name: channel.name };
    },

    async find(name) {
      const us = await self();
      let cursor: string | undefined;
      do {
        const args = { types: 'public_channel,private_channel', limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
        const { channels, response_metadata: next } = await client.call('conversations.list', args, Listed);
        const found = channels.find((one) => one.name === name);
        if (found !== undefined) {
          const { id, creator, is_archived: isArchived = false, purpose } = found;
          return { id, name, isOurs: creator === us, purpose: purpose?.value ?? '', isArchived };
        }
        cursor = next?.next_cursor === '' ? undefined : next?.next_cursor;
      } while (cursor !== undefined);
      return undefined;
    },

    invite: inviteAll,

    async topic(channel, text) {
      await client.call('conversations.setTopic', { channel, topic: escapedLine(text, MOST.topic) }, Done);
    },

    async purpose(channel, text) {
      await client.call('conversations.setPurpose', { channel, purpose: escapedLine(text, MOST.topic) }, Done);
    },

    async bookmark(channel, { title: asked, url }) {
      // One that is nothing but signs that nobody sees has no title for Slack.
      const title = plainText(asked, MOST.bookmark) || 'Link';
      const { bookmarks } = await client.call('bookmarks.list', { channel_id: channel }, Bookmarks);
      if (bookmarks.some((one) => one.title === title && one.link === url)) return;
      await client.call('bookmarks.add', { channel_id: channel, title, type: 'link', link: url }, Done);
    },

    async pin(message) {
      const [channel = '', timestamp = ''] = message.split('/');
      try {
        await client.call('pins.add', { channel, timestamp }, Done);
      } catch (error) {
        if (slackErrorOf(error) !== 'already_pinned') throw error;
      }
    },

    async archive(channel) {
      await client.call('conversations.archive', { channel }, Done);
    },

    async unarchive(channel) {
      await client.call('conversations.unarchive', { channel }, Done);
    },

    async lastSaidMs({ channel, root, sinceMs }) {
      const args = { channel, oldest: `${Math.floor(sinceMs / 1000)}.000000`, limit: 200 };
      const us = await self();
      const ts = root?.split('/')[1];
      const pages = [
        await client.call('conversations.history', args, History),
        ...(ts === undefined ? [] : [await client.call('conversations.replies', { ...args, ts }, History)]),
      ];
      const said = pages.flatMap(({ messages }) => messages).filter(({ user, bot_id: bot, subtype }) => bot === undefined && user !== us && SAID.has(subtype));
      const times = said.map(({ ts: at }) => Number(at) * 1000).filter((atMs) => atMs >= sinceMs);
      return times.length === 0 ? undefined : Math.max(...times);
    },
  };
}
