import { type Case, create, list, madeId, NOBODY, NOWHERE, objectIn, only, plain, post, scoped, texts, tsOf } from './case.ts';
import { outcome } from './subject.ts';

export const READING: readonly Case[] = [
  {
    method: 'conversations.history',
    when: 'newest first, without what is in threads',
    run: async (slack) => {
      const thread = await tsOf(post(slack, { text: 'one' }));
      await post(slack, { text: 'below', thread_ts: thread });
      await post(slack, { text: 'two' });
      return texts(await slack.call('conversations.history', { channel: slack.id('dr') }));
    },
    ours: ['two', 'one'],
  },
  {
    method: 'conversations.history',
    when: 'the number of replies of a parent',
    run: async (slack) => {
      const thread = await tsOf(post(slack));
      await post(slack, { thread_ts: thread });
      return only(await slack.call('conversations.history', { channel: slack.id('dr') }), 'reply_count');
    },
    ours: 1,
  },
  {
    method: 'conversations.history',
    when: 'page by page',
    run: async (slack) => {
      for (const text of ['1', '2', '3']) await post(slack, { text });
      const first = await slack.call('conversations.history', { channel: slack.id('dr'), limit: 2 });
      const cursor = objectIn(first, 'response_metadata')['next_cursor'] ?? '';
      const second = await slack.call('conversations.history', { channel: slack.id('dr'), limit: 2, cursor });
      return [texts(first), first['has_more'] ?? null, texts(second), second['has_more'] ?? null];
    },
    ours: [['3', '2'], true, ['1'], false],
  },
  {
    ...plain('conversations.history', 'a cursor that is none', (slack) => ({ channel: slack.id('dr'), cursor: 'bm9uc2Vuc2U=' })),
    ours: 'invalid_cursor',
    theirs: 'ok',
    why: 'it begins again at the first page',
  },
  {
    ...plain('conversations.history', 'of a channel that it is not in', (slack) => ({ channel: slack.id('other') })),
    ours: 'not_in_channel',
    theirs: 'ok',
    why: 'a bot reads history only where it is a member',
  },
  { ...plain('conversations.history', 'of none', () => ({ channel: NOWHERE })), ours: 'channel_not_found' },
  scoped('conversations.history', 'channels:history', (slack) => ({ channel: slack.id('dr') })),
  {
    method: 'conversations.history',
    when: 'metadata where it is asked for',
    run: async (slack) => {
      await post(slack, { metadata: { event_type: 'card', event_payload: { key: 'k' } } });
      return only(await slack.call('conversations.history', { channel: slack.id('dr'), include_all_metadata: true }), 'metadata');
    },
    ours: { event_type: 'card', event_payload: { key: 'k' } },
  },
  {
    method: 'conversations.history',
    when: 'metadata where it is not asked for',
    run: async (slack) => {
      await post(slack, { metadata: { event_type: 'card', event_payload: { key: 'k' } } });
      return only(await slack.call('conversations.history', { channel: slack.id('dr') }), 'metadata');
    },
    ours: null,
    theirs: { event_type: 'card', event_payload: { key: 'k' } },
    why: 'Slack gives it only with include_all_metadata',
  },
  {
    method: 'conversations.history',
    when: 'after a time, without it',
    run: async (slack) => {
      const oldest = await tsOf(post(slack, { text: 'one' }));
      await post(slack, { text: 'two' });
      return texts(await slack.call('conversations.history', { channel: slack.id('dr'), oldest }));
    },
    ours: ['two'],
    theirs: ['two', 'one'],
    why: 'it has no bounds of time',
  },
  {
    method: 'conversations.replies',
    when: 'the parent, then its replies in order',
    run: async (slack) => {
      const ts = await tsOf(post(slack, { text: 'parent' }));
      for (const text of ['a', 'b']) await post(slack, { text, thread_ts: ts });
      return texts(await slack.call('conversations.replies', { channel: slack.id('dr'), ts }));
    },
    ours: ['parent', 'a', 'b'],
  },
  {
    ...plain('conversations.replies', 'of a thread that is not there', (slack) => ({ channel: slack.id('dr'), ts: '1.000001' })),
    ours: 'thread_not_found',
    theirs: 'ok',
    why: 'it answers a list without a parent',
  },
];

export const CHANNELS: readonly Case[] = [
  {
    method: 'conversations.list',
    when: 'the public channels that a scenario names',
    run: async (slack) => list((await slack.call('conversations.list'))['channels']).flatMap(({ name }) => (name === 'dr' || name === 'other' ? [name] : [])),
    ours: ['dr', 'other'],
  },
  {
    method: 'conversations.list',
    when: 'one at a time: is there a cursor',
    run: async (slack) => objectIn(await slack.call('conversations.list', { limit: 1 }), 'response_metadata')['next_cursor'] !== '',
    ours: true,
  },
  {
    ...plain('conversations.list', 'a type that is none', () => ({ types: 'nonsense' })),
    ours: 'invalid_types',
    theirs: 'ok',
    why: 'it does not look at them',
  },
  scoped('conversations.list', 'channels:read', () => ({})),
  {
    method: 'conversations.info',
    when: 'of a channel: its name, and whether the app is in it',
    run: async (slack) => {
      const channel = objectIn(await slack.call('conversations.info', { channel: slack.id('dr') }), 'channel');
      return [channel['name'] ?? null, channel['is_member'] ?? null, channel['is_archived'] ?? null];
    },
    ours: ['dr', true, false],
  },
  { ...plain('conversations.info', 'of none', () => ({ channel: NOWHERE })), ours: 'channel_not_found' },
  { ...plain('conversations.create', 'a new name', () => ({ name: 'inc-1' })), ours: 'ok' },
  {
    method: 'conversations.create',
    when: 'a name that is taken',
    run: async (slack) => outcome(await create(slack, 'dr')),
    ours: 'name_taken',
  },
  {
    ...plain('conversations.create', 'no name', () => ({ name: '' })),
    ours: 'invalid_name_required',
    theirs: 'invalid_name_specials',
    why: 'Slack documents the name of ours',
  },
  {
    ...plain('conversations.create', 'a name with capitals and blanks', () => ({ name: 'Inc One' })),
    ours: 'invalid_name_specials',
    theirs: 'ok',
    why: 'it changes the name; Slack refuses capitals and blanks',
  },
  { ...plain('conversations.create', 'a name with a dot', () => ({ name: 'inc.1' })), ours: 'invalid_name_specials' },
  { ...plain('conversations.create', 'only punctuation', () => ({ name: '!!' })), ours: 'invalid_name_punctuation' },
  { ...plain('conversations.create', '81 characters', () => ({ name: 'a'.repeat(81) })), ours: 'invalid_name_maxlength' },
  scoped('conversations.create', 'channels:manage', () => ({ name: 'inc-1' })),
  { ...plain('conversations.invite', 'somebody', async (slack) => ({ channel: await madeId(create(slack, 'inc-1')), users: slack.id('ana') })), ours: 'ok' },
  { ...plain('conversations.invite', 'somebody who is in it', (slack) => ({ channel: slack.id('dr'), users: slack.id('ana') })), ours: 'already_in_channel' },
  { ...plain('conversations.invite', 'nobody', (slack) => ({ channel: slack.id('dr'), users: NOBODY })), ours: 'user_not_found' },
  { ...plain('conversations.invite', 'the app itself', (slack) => ({ channel: slack.id('dr'), users: slack.id('salvor') })), ours: 'cant_invite_self' },
  {
    ...plain('conversations.invite', 'into a channel that it is not in', (slack) => ({ channel: slack.id('other'), users: slack.id('ana') })),
    ours: 'not_in_channel',
  },
  {
    method: 'conversations.invite',
    when: 'by force, one who exists and one who does not',
    run: async (slack) =>
      outcome(await slack.call('conversations.invite', { channel: await madeId(create(slack, 'inc-1')), users: `${slack.id('ana')},${NOBODY}`, force: true })),
    ours: 'ok',
    theirs: 'user_not_found',
    why: 'it does not know force',
  },
  { ...plain('conversations.join', 'a public channel', (slack) => ({ channel: slack.id('other') })), ours: 'ok' },
  {
    method: 'conversations.join',
    when: 'one that it is in: the warning',
    run: async (slack) => (await slack.call('conversations.join', { channel: slack.id('dr') }))['warning'] ?? null,
    ours: 'already_in_channel',
    theirs: null,
    why: 'it warns of nothing',
  },
  scoped('conversations.join', 'channels:join', (slack) => ({ channel: slack.id('other') })),
  {
    method: 'conversations.members',
    when: 'everybody in it',
    run: async (slack) => {
      const { members } = await slack.call('conversations.members', { channel: slack.id('dr') });
      return ['ana', 'ben', 'salvor'].map((name) => Array.isArray(members) && members.includes(slack.id(name)));
    },
    ours: [true, true, true],
  },
  { ...plain('conversations.open', 'with somebody', (slack) => ({ users: slack.id('ana') })), ours: 'ok' },
  { ...plain('conversations.open', 'with nobody', () => ({ users: NOBODY })), ours: 'user_not_found' },
  { ...plain('conversations.open', 'without users', () => ({ users: '' })), ours: 'users_list_not_supplied' },
  {
    method: 'conversations.setTopic',
    when: 'the topic afterwards',
    run: async (slack) => {
      await slack.call('conversations.setTopic', { channel: slack.id('dr'), topic: 'SEV1' });
      return objectIn(objectIn(await slack.call('conversations.info', { channel: slack.id('dr') }), 'channel'), 'topic')['value'] ?? null;
    },
    ours: 'SEV1',
  },
  { ...plain('conversations.setTopic', '251 characters', (slack) => ({ channel: slack.id('dr'), topic: 'x'.repeat(251) })), ours: 'too_long' },
  { ...plain('conversations.setPurpose', 'a purpose', (slack) => ({ channel: slack.id('dr'), purpose: 'restore' })), ours: 'ok' },
  { ...plain('conversations.setPurpose', '251 characters', (slack) => ({ channel: slack.id('dr'), purpose: 'x'.repeat(251) })), ours: 'too_long' },
  { ...plain('conversations.archive', 'a channel of its own', async (slack) => ({ channel: await madeId(create(slack, 'old')) })), ours: 'ok' },
  {
    method: 'conversations.archive',
    when: 'one that is archived',
    run: async (slack) => {
      const channel = await madeId(create(slack, 'old'));
      await slack.call('conversations.archive', { channel });
      return outcome(await slack.call('conversations.archive', { channel }));
    },
    ours: 'already_archived',
  },
  {
    method: 'conversations.unarchive',
    when: 'an archived one',
    run: async (slack) => {
      const channel = await madeId(create(slack, 'old'));
      await slack.call('conversations.archive', { channel });
      return outcome(await slack.call('conversations.unarchive', { channel }));
    },
    ours: 'ok',
  },
  { ...plain('conversations.unarchive', 'one that is not archived', (slack) => ({ channel: slack.id('dr') })), ours: 'not_archived' },
];
