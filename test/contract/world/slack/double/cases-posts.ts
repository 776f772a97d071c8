import { isObject, textIn } from '../../../../../src/model/json.ts';
import { type Case, create, list, madeId, NOBODY, NOWHERE, objectIn, plain, post, scoped, section, texts, tsOf } from './case.ts';
import { outcome } from './subject.ts';

export const TOKENS: readonly Case[] = [
  { method: 'auth.test', when: 'a good token', run: async (slack) => outcome(await slack.call('auth.test')), ours: 'ok' },
  { method: 'auth.test', when: 'no token', run: async (slack) => outcome(await slack.call('auth.test', {}, '')), ours: 'not_authed' },
  {
    method: 'auth.test',
    when: 'a token that is none',
    run: async (slack) => outcome(await slack.call('auth.test', {}, 'nonsense')),
    ours: 'invalid_auth',
    theirs: 'ok',
    why: "an unknown token is its first user's; Slack refuses it",
  },
  {
    method: 'no.such',
    when: 'a method that does not exist',
    run: async (slack) => outcome(await slack.call('no.such')),
    ours: 'unknown_method',
    theirs: 'HTTP 404',
    why: 'Slack answers 200 and names the error',
  },
  { ...plain('team.info', 'the workspace', () => ({})), ours: 'ok' },
  scoped('team.info', 'team:read', () => ({})),
];

export const POSTS: readonly Case[] = [
  { ...plain('chat.postMessage', 'to a channel by its id', (slack) => ({ channel: slack.id('dr'), text: 'x' })), ours: 'ok' },
  { ...plain('chat.postMessage', 'to a channel by its name', () => ({ channel: 'dr', text: 'x' })), ours: 'ok' },
  {
    ...plain('chat.postMessage', 'to a channel by #name', () => ({ channel: '#dr', text: 'x' })),
    ours: 'ok',
    theirs: 'channel_not_found',
    why: 'Slack takes a name with or without #',
  },
  { ...plain('chat.postMessage', 'to a user by id', (slack) => ({ channel: slack.id('ana'), text: 'x' })), ours: 'ok' },
  { ...plain('chat.postMessage', 'to nowhere', () => ({ channel: NOWHERE, text: 'x' })), ours: 'channel_not_found' },
  { ...plain('chat.postMessage', 'with nothing in it', (slack) => ({ channel: slack.id('dr') })), ours: 'no_text' },
  { ...plain('chat.postMessage', 'to a public channel that it is not in', (slack) => ({ channel: slack.id('other'), text: 'x' })), ours: 'ok' },
  {
    ...plain('chat.postMessage', 'the same without chat:write.public', (slack) => ({ channel: slack.id('other'), text: 'x' })),
    setting: { without: ['chat:write.public'] },
    ours: 'not_in_channel',
    theirs: 'ok',
    why: 'it does not know that scope',
  },
  scoped('chat.postMessage', 'chat:write', (slack) => ({ channel: slack.id('dr'), text: 'x' })),
  {
    method: 'chat.postMessage',
    when: 'to an archived channel',
    run: async (slack) => {
      const channel = await madeId(create(slack, 'old'));
      await slack.call('conversations.archive', { channel });
      return outcome(await slack.call('chat.postMessage', { channel, text: 'x' }));
    },
    ours: 'is_archived',
  },
  {
    method: 'chat.postMessage',
    when: '40,001 characters: how many stay',
    run: async (slack) => textIn(objectIn(await post(slack, { text: 'x'.repeat(40_001) }), 'message')['text']).length,
    ours: 40_000,
  },
  {
    ...plain('chat.postMessage', '51 blocks', (slack) => ({ channel: slack.id('dr'), text: 'x', blocks: Array.from({ length: 51 }, () => section('x')) })),
    ours: 'invalid_blocks',
    theirs: 'ok',
    why: 'it has no limits of Block Kit',
  },
  {
    ...plain('chat.postMessage', 'a section of 3,001 characters', (slack) => ({ channel: slack.id('dr'), text: 'x', blocks: [section('x'.repeat(3001))] })),
    ours: 'invalid_blocks',
    theirs: 'ok',
    why: 'it has no limits of Block Kit',
  },
  {
    ...plain('chat.postMessage', 'six sections of 2,900 characters', (slack) => ({
      channel: slack.id('dr'),
      text: 'x',
      blocks: Array.from({ length: 6 }, () => section('x'.repeat(2900))),
    })),
    ours: 'msg_blocks_too_long',
    theirs: 'ok',
    why: "it has no limit of the sum; Slack's own is not documented and found by users at about 13,200",
  },
  {
    ...plain('chat.postMessage', 'a field that no block has', (slack) => ({ channel: slack.id('dr'), text: 'x', blocks: [{ type: 'divider', color: 'red' }] })),
    ours: 'invalid_blocks',
    theirs: 'ok',
    why: 'it has no limits of Block Kit',
  },
  {
    ...plain('chat.postMessage', 'blocks that are no list', (slack) => ({ channel: slack.id('dr'), text: 'x', blocks: 'nonsense' })),
    ours: 'invalid_blocks_format',
    theirs: 'invalid_blocks',
    why: 'Slack documents the name of ours',
  },
  {
    method: 'chat.update',
    when: 'its own message: the text afterwards',
    run: async (slack) => {
      const ts = await tsOf(post(slack));
      await slack.call('chat.update', { channel: slack.id('dr'), ts, text: 'changed' });
      return texts(await slack.call('conversations.history', { channel: slack.id('dr') }));
    },
    ours: ['changed'],
  },
  {
    method: 'chat.update',
    when: 'text without blocks: how many blocks stay',
    run: async (slack) => {
      const ts = await tsOf(post(slack, { blocks: [section('x')] }));
      const { message } = await slack.call('chat.update', { channel: slack.id('dr'), ts, text: 'changed' });
      return list(isObject(message) ? message['blocks'] : undefined).length;
    },
    ours: 0,
  },
  { ...plain('chat.update', 'a message that is not there', (slack) => ({ channel: slack.id('dr'), ts: '1.000001', text: 'x' })), ours: 'message_not_found' },
  {
    ...plain('chat.update', 'in a channel that is not there', () => ({ channel: NOWHERE, ts: '1.000001', text: 'x' })),
    ours: 'channel_not_found',
    theirs: 'message_not_found',
    why: 'Slack documents the name of ours',
  },
  {
    method: 'chat.update',
    when: '4,001 characters',
    run: async (slack) => outcome(await slack.call('chat.update', { channel: slack.id('dr'), ts: await tsOf(post(slack)), text: 'x'.repeat(4001) })),
    ours: 'msg_too_long',
    theirs: 'ok',
    why: 'it cuts at 40,000 as for posts; Slack refuses',
  },
  { ...plain('chat.postEphemeral', 'to somebody in the channel', (slack) => ({ channel: slack.id('dr'), user: slack.id('ana'), text: 'x' })), ours: 'ok' },
  { ...plain('chat.postEphemeral', 'to nobody', (slack) => ({ channel: slack.id('dr'), user: NOBODY, text: 'x' })), ours: 'user_not_found' },
  {
    method: 'chat.postEphemeral',
    when: 'to somebody who is not in the channel',
    run: async (slack) => {
      const channel = await madeId(create(slack, 'mine'));
      return outcome(await slack.call('chat.postEphemeral', { channel, user: slack.id('ana'), text: 'x' }));
    },
    ours: 'user_not_in_channel',
  },
  {
    method: 'chat.postEphemeral',
    when: 'what history shows of it',
    run: async (slack) => {
      await slack.call('chat.postEphemeral', { channel: slack.id('dr'), user: slack.id('ana'), text: 'x' });
      return texts(await slack.call('conversations.history', { channel: slack.id('dr') }));
    },
    ours: [],
  },
  {
    method: 'chat.delete',
    when: 'its own message: what is left',
    run: async (slack) => {
      await slack.call('chat.delete', { channel: slack.id('dr'), ts: await tsOf(post(slack)) });
      return texts(await slack.call('conversations.history', { channel: slack.id('dr') }));
    },
    ours: [],
  },
  { ...plain('chat.delete', 'a message that is not there', (slack) => ({ channel: slack.id('dr'), ts: '1.000001' })), ours: 'message_not_found' },
  { ...plain('chat.getPermalink', 'of a message', async (slack) => ({ channel: slack.id('dr'), message_ts: await tsOf(post(slack)) })), ours: 'ok' },
  { ...plain('chat.getPermalink', 'of none', (slack) => ({ channel: slack.id('dr'), message_ts: '1.000001' })), ours: 'message_not_found' },
];
