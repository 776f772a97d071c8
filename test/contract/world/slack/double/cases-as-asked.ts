import { type JsonObject, textIn } from '../../../../../src/model/json.ts';
import { type Case, list, modal, NOWHERE, objectIn, plain, post, scoped, section, texts, tsOf } from './case.ts';
import { outcome, type Subject } from './subject.ts';

const MARK = { event_type: 'salvor_message', event_payload: { keys: ['incident/a-1/card'] } };
const home = (text: string): JsonObject => ({ type: 'home', blocks: [section(text)] });

/** Uploads a report, and says where it is put. */
async function shared(slack: Subject, where: JsonObject): Promise<JsonObject> {
  const asked = await slack.call('files.getUploadURLExternal', { filename: 'report-a-1-7.md', length: 5 });
  await slack.put(textIn(asked['upload_url']), 'hello');
  const files = JSON.stringify([{ id: asked['file_id'] ?? '', title: 'Report' }]);
  return slack.call('files.completeUploadExternal', { files, ...where });
}

/** What else Salvor asks for, with the arguments that it gives: looking for what was posted, files, forms, the App Home, people. */
export const AS_ASKED: readonly Case[] = [
  {
    method: 'auth.test',
    when: 'who and where it is',
    run: async (slack) => {
      const self = await slack.call('auth.test');
      return [self['user_id'] === slack.id('salvor'), textIn(self['team_id']).startsWith('T')];
    },
    ours: [true, true],
  },
  {
    method: 'chat.update',
    when: 'the blocks and the mark afterwards',
    run: async (slack) => {
      const ts = await tsOf(post(slack, { blocks: [section('one')], metadata: MARK }));
      await slack.call('chat.update', { channel: slack.id('dr'), ts, text: 'two', blocks: [section('two')], metadata: MARK });
      const [message = {}] = list((await slack.call('conversations.history', { channel: slack.id('dr'), include_all_metadata: true }))['messages']);
      return [list(message['blocks']).map((block) => objectIn(block, 'text')['text'] ?? null), message['metadata'] ?? null];
    },
    ours: [['two'], MARK],
  },
  {
    method: 'conversations.replies',
    when: 'the mark of a reply, where it is asked for',
    run: async (slack) => {
      const ts = await tsOf(post(slack));
      await post(slack, { thread_ts: ts, metadata: MARK });
      const args = { channel: slack.id('dr'), ts, limit: 200, include_all_metadata: true };
      return list((await slack.call('conversations.replies', args))['messages']).at(-1)?.['metadata'] ?? null;
    },
    ours: MARK,
  },
  {
    method: 'conversations.replies',
    when: 'after a reply: the parent, and what is later',
    run: async (slack) => {
      const ts = await tsOf(post(slack, { text: 'parent' }));
      const oldest = await tsOf(post(slack, { text: 'a', thread_ts: ts }));
      await post(slack, { text: 'b', thread_ts: ts });
      return texts(await slack.call('conversations.replies', { channel: slack.id('dr'), ts, oldest }));
    },
    ours: ['parent', 'b'],
    theirs: ['parent', 'a', 'b'],
    why: 'it has no bounds of time',
  },
  { ...plain('conversations.replies', 'in none', () => ({ channel: NOWHERE, ts: '1.000001' })), ours: 'channel_not_found' },
  {
    method: 'chat.postEphemeral',
    when: 'in a thread',
    run: async (slack) =>
      outcome(await slack.call('chat.postEphemeral', { channel: slack.id('dr'), user: slack.id('ana'), text: 'x', thread_ts: await tsOf(post(slack)) })),
    ours: 'ok',
  },
  {
    method: 'files.completeUploadExternal',
    when: 'into a thread, its files as text',
    run: async (slack) => outcome(await shared(slack, { channel_id: slack.id('dr'), thread_ts: await tsOf(post(slack)) })),
    ours: 'ok',
  },
  {
    method: 'files.completeUploadExternal',
    when: 'the name of the file in the message',
    run: async (slack) => {
      await shared(slack, { channel_id: slack.id('dr') });
      const [message = {}] = list((await slack.call('conversations.history', { channel: slack.id('dr') }))['messages']);
      return list(message['files']).map(({ name }) => name ?? null);
    },
    ours: ['report-a-1-7.md'],
  },
  {
    method: 'files.completeUploadExternal',
    when: 'into none',
    run: async (slack) => outcome(await shared(slack, { channel_id: NOWHERE })),
    ours: 'channel_not_found',
  },
  { ...plain('files.getUploadURLExternal', 'without a name', () => ({ filename: '', length: 5 })), ours: 'invalid_arguments' },
  {
    ...plain('files.getUploadURLExternal', 'an empty file', () => ({ filename: 'x', length: 0 })),
    ours: 'invalid_arguments',
    theirs: 'ok',
    why: 'Slack wants a length, and 0 is none',
  },
  scoped('files.completeUploadExternal', 'files:write', () => ({ files: [{ id: 'F0NONE' }] })),
  {
    method: 'views.publish',
    when: 'with its hash, then with the old one',
    run: async (slack) => {
      const user = slack.id('ana');
      const first = objectIn(await slack.call('views.publish', { user_id: user, view: home('one') }), 'view');
      const change = { user_id: user, hash: first['hash'] ?? '', view: home('two') };
      return [outcome(await slack.call('views.publish', change)), outcome(await slack.call('views.publish', change))];
    },
    ours: ['ok', 'hash_conflict'],
  },
  {
    ...plain('views.publish', '101 blocks', (slack) => ({
      user_id: slack.id('ana'),
      view: { type: 'home', blocks: Array.from({ length: 101 }, () => section('x')) },
    })),
    ours: 'invalid_arguments',
    theirs: 'ok',
    why: 'it has no limits of Block Kit',
  },
  {
    method: 'views.update',
    when: 'without a hash',
    run: async (slack) => {
      const view = objectIn(await slack.call('views.open', { trigger_id: await slack.trigger(), view: modal() }), 'view');
      return outcome(await slack.call('views.update', { view_id: view['id'] ?? '', view: modal('New') }));
    },
    ours: 'ok',
  },
  {
    method: 'views.open',
    when: 'what is told of it: its type, and whether it has id and hash',
    run: async (slack) => {
      const view = objectIn(await slack.call('views.open', { trigger_id: await slack.trigger(), view: modal() }), 'view');
      return [view['type'] ?? null, textIn(view['id']) !== '', textIn(view['hash']) !== ''];
    },
    ours: ['modal', true, true],
  },
  { ...scoped('usergroups.list', 'usergroups:read', () => ({ include_disabled: true })), theirs: 'HTTP 404', why: 'it has no user groups' },
  {
    ...plain('reactions.add', 'to a message that is not there', (slack) => ({ channel: slack.id('dr'), timestamp: '1.000001', name: 'eyes' })),
    ours: 'message_not_found',
  },
];
