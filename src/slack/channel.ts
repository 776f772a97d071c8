import { z } from 'zod';
import { SalvorError } from '../model/error.ts';
import type { SlackClient } from './client.ts';
import { slackErrorOf } from './errors.ts';

const Channel = z.looseObject({
  id: z.string(),
  name: z.string().optional(),
  is_member: z.boolean().optional(),
  is_private: z.boolean().optional(),
  is_archived: z.boolean().optional(),
  is_ext_shared: z.boolean().optional(),
});
type Channel = z.output<typeof Channel>;

const Info = z.looseObject({ channel: Channel });
const List = z.looseObject({ channels: z.array(Channel), response_metadata: z.looseObject({ next_cursor: z.string().optional() }).optional() });
const Done = z.looseObject({});

const ID = /^[CGD][A-Z0-9]{2,}$/;
const PAGE = 999;

/**
 * The channel that the configuration names, by its id, asked once: lists of channels are long and slow. Salvor joins a public one by itself. Throws
 * `chat.unavailable`, with what to do, where it cannot be used.
 */
export async function findHome(client: SlackClient, channel: string): Promise<string> {
  const found = ID.test(channel) ? await byId(client, channel) : await byName(client, channel.replace(/^#/, ''));
  if (found === undefined)
    throw refused(
      'channel_not_found',
      `Slack has no channel ${channel} that Salvor may see: check slack.channel; for a private one type /invite @salvor there`,
    );
  if (found.is_archived === true) throw refused('is_archived', `the channel ${channel} is archived: unarchive it, or set another slack.channel`);
  if (found.is_ext_shared === true)
    throw refused(
      'restricted_action',
      `the channel ${channel} is shared with another organization, whose people would see every plan: set a channel of your own as slack.channel`,
    );
  if (found.is_member === false && found.is_private !== true) await join(client, found.id);
  return found.id;
}

/** Where the app may not join, posting may still be allowed; if it is not, that says so. */
export async function join(client: SlackClient, id: string): Promise<void> {
  try {
    await client.call('conversations.join', { channel: id }, Done);
  } catch (error) {
    if (slackErrorOf(error) === undefined || slackErrorOf(error) === 'ratelimited') throw error;
  }
}

async function byId(client: SlackClient, id: string): Promise<Channel | undefined> {
  try {
    return (await client.call('conversations.info', { channel: id }, Info)).channel;
  } catch (error) {
    if (slackErrorOf(error) === 'channel_not_found') return undefined;
    // Without the right to look it is taken as it is named.
    if (slackErrorOf(error) === 'missing_scope') return { id };
    throw error;
  }
}

async function byName(client: SlackClient, name: string): Promise<Channel | undefined> {
  let cursor: string | undefined;
  do {
    const args = { types: 'public_channel,private_channel', limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
    const { channels, response_metadata: next } = await client.call('conversations.list', args, List);
    const found = channels.find((one) => one.name === name);
    if (found !== undefined) return found;
    cursor = next?.next_cursor === '' ? undefined : next?.next_cursor;
  } while (cursor !== undefined);
  return undefined;
}

function refused(slack: string, text: string): SalvorError {
  return new SalvorError('chat.unavailable', `Not posted: ${text}`, { retry: 'later', details: { outcome: 'refused', slack } });
}
