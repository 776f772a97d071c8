import type { JsonObject } from '../../../../../src/model/json.ts';
import { type Case, create, list, madeId, NOWHERE, objectIn, plain, scoped } from './case.ts';
import { outcome, type Subject } from './subject.ts';

const LINK = { title: 'Console', type: 'link', link: 'https://example.com/' };

/** A channel of its own that was archived. */
async function archived(slack: Subject): Promise<string> {
  const channel = await madeId(create(slack, 'old'));
  await slack.call('conversations.archive', { channel });
  return channel;
}

async function infoOf(slack: Subject, channel: string): Promise<JsonObject> {
  return objectIn(await slack.call('conversations.info', { channel }), 'channel');
}

/** What Salvor asks for to make, furnish, close and find the channel of an incident, with the arguments that it gives. */
export const OWN_CHANNEL: readonly Case[] = [
  {
    method: 'conversations.create',
    when: 'what the channel is then: its name, whose it is, empty, not archived',
    run: async (slack) => {
      const made = objectIn(await create(slack, 'inc-20261122-1-prod-x'), 'channel');
      return [made['name'] ?? null, made['creator'] === slack.id('salvor'), objectIn(made, 'purpose')['value'] ?? null, made['is_archived'] ?? null];
    },
    ours: ['inc-20261122-1-prod-x', true, '', false],
  },
  {
    method: 'conversations.create',
    when: 'a private one: is it private, and in the list of both kinds',
    run: async (slack) => {
      const made = objectIn(await slack.call('conversations.create', { name: 'inc-1', is_private: true }), 'channel');
      const listed = list((await slack.call('conversations.list', { types: 'public_channel,private_channel', limit: 999 }))['channels']);
      return [made['is_private'] ?? null, listed.some(({ id }) => id === made['id'])];
    },
    ours: [true, true],
  },
  {
    method: 'conversations.create',
    when: 'a name that an archived channel has',
    run: async (slack) => {
      await archived(slack);
      return outcome(await create(slack, 'old'));
    },
    ours: 'name_taken',
  },
  {
    method: 'conversations.create',
    when: 'a private one without groups:write',
    setting: { without: ['groups:write'] },
    run: async (slack) => outcome(await slack.call('conversations.create', { name: 'inc-1', is_private: true })),
    ours: 'missing_scope',
  },
  {
    method: 'conversations.list',
    when: 'whose a channel is, since when, and its purpose',
    run: async (slack) => {
      const channel = await madeId(create(slack, 'inc-1'));
      await slack.call('conversations.setPurpose', { channel, purpose: 'Salvor incident x:' });
      const [found = {}] = list((await slack.call('conversations.list', { types: 'public_channel,private_channel', limit: 999 }))['channels']).filter(
        ({ id }) => id === channel,
      );
      return [found['creator'] === slack.id('salvor'), Number(found['created']) > 0, objectIn(found, 'purpose')['value'] ?? null];
    },
    ours: [true, true, 'Salvor incident x:'],
  },
  {
    method: 'conversations.list',
    when: 'an archived one is in it',
    run: async (slack) => {
      const channel = await archived(slack);
      return list((await slack.call('conversations.list', { types: 'public_channel,private_channel' }))['channels']).some(({ id }) => id === channel);
    },
    ours: true,
  },
  {
    ...plain('conversations.invite', 'two who are in it', (slack) => ({
      channel: slack.id('dr'),
      users: `${slack.id('ana')},${slack.id('ben')}`,
      force: true,
    })),
    ours: 'already_in_channel',
  },
  {
    ...plain('conversations.invite', 'into an archived one', async (slack) => ({ channel: await archived(slack), users: slack.id('ana') })),
    ours: 'is_archived',
  },
  scoped('conversations.invite', 'channels:manage', (slack) => ({ channel: slack.id('dr'), users: slack.id('ana') })),
  { ...plain('conversations.setTopic', 'of none', () => ({ channel: NOWHERE, topic: 'x' })), ours: 'channel_not_found' },
  { ...plain('conversations.setTopic', 'of one that it is not in', (slack) => ({ channel: slack.id('other'), topic: 'x' })), ours: 'not_in_channel' },
  { ...plain('conversations.setTopic', 'of an archived one', async (slack) => ({ channel: await archived(slack), topic: 'x' })), ours: 'is_archived' },
  { ...plain('conversations.setTopic', '250 characters', (slack) => ({ channel: slack.id('dr'), topic: 'x'.repeat(250) })), ours: 'ok' },
  scoped('conversations.setTopic', 'channels:manage', (slack) => ({ channel: slack.id('dr'), topic: 'x' })),
  {
    method: 'conversations.setPurpose',
    when: 'the purpose afterwards',
    run: async (slack) => {
      await slack.call('conversations.setPurpose', { channel: slack.id('dr'), purpose: 'Salvor incident x:' });
      return objectIn(await infoOf(slack, slack.id('dr')), 'purpose')['value'] ?? null;
    },
    ours: 'Salvor incident x:',
  },
  { ...plain('conversations.setPurpose', 'of an archived one', async (slack) => ({ channel: await archived(slack), purpose: 'x' })), ours: 'is_archived' },
  scoped('conversations.setPurpose', 'channels:manage', (slack) => ({ channel: slack.id('dr'), purpose: 'x' })),
  { ...plain('conversations.archive', 'none', () => ({ channel: NOWHERE })), ours: 'channel_not_found' },
  scoped('conversations.archive', 'channels:manage', (slack) => ({ channel: slack.id('dr') })),
  {
    method: 'conversations.info',
    when: 'of an archived one: is it archived',
    run: async (slack) => (await infoOf(slack, await archived(slack)))['is_archived'] ?? null,
    ours: true,
  },
  {
    method: 'conversations.unarchive',
    when: 'what it is then: archived, and whether the app is in it',
    run: async (slack) => {
      const channel = await archived(slack);
      await slack.call('conversations.unarchive', { channel });
      const { is_archived: isArchived = null, is_member: isMember = null } = await infoOf(slack, channel);
      return [isArchived, isMember];
    },
    ours: [false, true],
  },
  { ...plain('bookmarks.add', 'in none', () => ({ channel_id: NOWHERE, ...LINK })), ours: 'channel_not_found' },
  { ...plain('bookmarks.add', 'in one that it is not in', (slack) => ({ channel_id: slack.id('other'), ...LINK })), ours: 'not_in_channel' },
  {
    method: 'bookmarks.add',
    when: 'the same twice: how many there are',
    run: async (slack) => {
      for (const _ of [1, 2]) await slack.call('bookmarks.add', { channel_id: slack.id('dr'), ...LINK });
      return list((await slack.call('bookmarks.list', { channel_id: slack.id('dr') }))['bookmarks']).length;
    },
    ours: 2,
  },
  { ...plain('bookmarks.add', 'a link that is no address', (slack) => ({ channel_id: slack.id('dr'), ...LINK, link: 'nowhere' })), ours: 'invalid_link' },
  { ...plain('bookmarks.list', 'of none', () => ({ channel_id: NOWHERE })), ours: 'channel_not_found' },
  scoped('bookmarks.list', 'bookmarks:read', (slack) => ({ channel_id: slack.id('dr') })),
  { ...plain('pins.add', 'in none', () => ({ channel: NOWHERE, timestamp: '1.000001' })), ours: 'channel_not_found' },
];
