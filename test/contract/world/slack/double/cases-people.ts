import { type Json, textIn } from '../../../../../src/model/json.ts';
import { type Case, list, modal, NOBODY, objectIn, p, plain, post, scoped, section, tsOf } from './case.ts';
import { outcome } from './subject.ts';

export const MARKS: readonly Case[] = [
  { ...plain('pins.add', 'a message', async (slack) => ({ channel: slack.id('dr'), timestamp: await tsOf(post(slack)) })), ours: 'ok' },
  { ...plain('pins.add', 'one that is not there', (slack) => ({ channel: slack.id('dr'), timestamp: '1.000001' })), ours: 'message_not_found' },
  {
    method: 'pins.add',
    when: 'twice',
    run: async (slack) => {
      const timestamp = await tsOf(post(slack));
      await slack.call('pins.add', { channel: slack.id('dr'), timestamp });
      return outcome(await slack.call('pins.add', { channel: slack.id('dr'), timestamp }));
    },
    ours: 'already_pinned',
  },
  { ...plain('pins.remove', 'what is not pinned', async (slack) => ({ channel: slack.id('dr'), timestamp: await tsOf(post(slack)) })), ours: 'no_pin' },
  scoped('pins.add', 'pins:write', (slack) => ({ channel: slack.id('dr'), timestamp: '1.000001' })),
  {
    ...plain('bookmarks.add', 'a link', (slack) => ({ channel_id: slack.id('dr'), title: 'Console', type: 'link', link: 'https://example.com/' })),
    ours: 'ok',
  },
  {
    ...plain('bookmarks.add', 'of another type', (slack) => ({ channel_id: slack.id('dr'), title: 'Console', type: 'folder' })),
    ours: 'invalid_bookmark_type',
  },
  {
    ...plain('bookmarks.add', 'without a link', (slack) => ({ channel_id: slack.id('dr'), title: 'Console', type: 'link' })),
    ours: 'invalid_link',
    theirs: 'invalid_arguments',
    why: 'Slack documents the name of ours',
  },
  scoped('bookmarks.add', 'bookmarks:write', (slack) => ({ channel_id: slack.id('dr'), title: 'Console', type: 'link', link: 'https://example.com/' })),
  {
    method: 'bookmarks.list',
    when: 'the titles',
    run: async (slack) => {
      await slack.call('bookmarks.add', { channel_id: slack.id('dr'), title: 'Console', type: 'link', link: 'https://example.com/' });
      return list((await slack.call('bookmarks.list', { channel_id: slack.id('dr') }))['bookmarks']).map(({ title }) => title ?? null);
    },
    ours: ['Console'],
  },
  { ...plain('reactions.add', 'to a message', async (slack) => ({ channel: slack.id('dr'), timestamp: await tsOf(post(slack)), name: 'eyes' })), ours: 'ok' },
  {
    method: 'reactions.add',
    when: 'twice',
    run: async (slack) => {
      const timestamp = await tsOf(post(slack));
      await slack.call('reactions.add', { channel: slack.id('dr'), timestamp, name: 'eyes' });
      return outcome(await slack.call('reactions.add', { channel: slack.id('dr'), timestamp, name: 'eyes' }));
    },
    ours: 'already_reacted',
  },
  {
    method: 'reactions.get',
    when: 'the names',
    run: async (slack) => {
      const timestamp = await tsOf(post(slack));
      await slack.call('reactions.add', { channel: slack.id('dr'), timestamp, name: 'eyes' });
      return list(objectIn(await slack.call('reactions.get', { channel: slack.id('dr'), timestamp }), 'message')['reactions']).map(({ name }) => name ?? null);
    },
    ours: ['eyes'],
  },
];

export const PEOPLE: readonly Case[] = [
  {
    method: 'users.info',
    when: 'name, address, bot, deleted, guest',
    run: async (slack) => {
      const user = objectIn(await slack.call('users.info', { user: slack.id('ana') }), 'user');
      return [user['name'] ?? null, objectIn(user, 'profile')['email'] ?? null, user['is_bot'] ?? null, user['deleted'] ?? null, user['is_restricted'] ?? null];
    },
    ours: ['ana', 'ana@example.com', false, false, false],
    theirs: ['ana', 'ana@example.com', false, false, null],
    why: 'it has no guests',
  },
  {
    method: 'users.info',
    when: 'the address without users:read.email',
    setting: { without: ['users:read.email'] },
    run: async (slack) => objectIn(objectIn(await slack.call('users.info', { user: slack.id('ana') }), 'user'), 'profile')['email'] ?? null,
    ours: null,
  },
  { ...plain('users.info', 'nobody', () => ({ user: NOBODY })), ours: 'user_not_found' },
  scoped('users.info', 'users:read', (slack) => ({ user: slack.id('ana') })),
  {
    method: 'users.list',
    when: 'who is in it',
    run: async (slack) => list((await slack.call('users.list'))['members']).flatMap(({ name }) => (name === 'ana' || name === 'ben' ? [name] : [])),
    ours: ['ana', 'ben'],
  },
  { ...plain('users.lookupByEmail', 'an address', () => ({ email: 'ana@example.com' })), ours: 'ok' },
  { ...plain('users.lookupByEmail', 'of nobody', () => ({ email: 'nobody@example.com' })), ours: 'users_not_found' },
  { ...plain('usergroups.list', 'the groups', () => ({})), ours: 'ok', theirs: 'HTTP 404', why: 'it has no user groups' },
  {
    ...plain('usergroups.users.list', 'a group that is not there', () => ({ usergroup: 'S0NONE' })),
    ours: 'no_such_subteam',
    theirs: 'HTTP 404',
    why: 'it has no user groups',
  },
  { ...plain('bots.info', 'a bot that is not there', () => ({ bot: 'B0NONE' })), ours: 'bot_not_found' },
];

export const VIEWS: readonly Case[] = [
  { ...plain('views.open', 'with a fresh trigger', async (slack) => ({ trigger_id: await slack.trigger(), view: modal() })), ours: 'ok' },
  {
    method: 'views.open',
    when: 'with a trigger that was used',
    run: async (slack) => {
      const trigger = await slack.trigger();
      await slack.call('views.open', { trigger_id: trigger, view: modal() });
      return outcome(await slack.call('views.open', { trigger_id: trigger, view: modal() }));
    },
    ours: 'exchanged_trigger_id',
  },
  { ...plain('views.open', 'with a trigger that is none', () => ({ trigger_id: '1.2.nonsense', view: modal() })), ours: 'invalid_trigger_id' },
  {
    ...plain('views.open', 'a title of 25 characters', async (slack) => ({ trigger_id: await slack.trigger(), view: modal('x'.repeat(25)) })),
    ours: 'invalid_arguments',
    theirs: 'ok',
    why: 'it has no limits of Block Kit',
  },
  {
    ...plain('views.open', 'an input without submit', async (slack) => ({
      trigger_id: await slack.trigger(),
      view: modal('t', [{ type: 'input', label: p('l'), element: { type: 'plain_text_input', action_id: 'a' } }]),
    })),
    ours: 'invalid_arguments',
    theirs: 'ok',
    why: 'it does not look at it',
  },
  {
    method: 'views.push',
    when: 'onto the stack until it is full',
    run: async (slack) => {
      const outcomes: Json[] = [];
      outcomes.push(outcome(await slack.call('views.open', { trigger_id: await slack.trigger(), view: modal() })));
      for (let count = 0; count < 3; count += 1) outcomes.push(outcome(await slack.call('views.push', { trigger_id: await slack.trigger(), view: modal() })));
      return outcomes;
    },
    ours: ['ok', 'ok', 'ok', 'push_limit_reached'],
    theirs: ['ok', 'view_not_found', 'view_not_found', 'view_not_found'],
    why: 'it wants a trigger that was given inside the modal; ours takes any of the same person',
  },
  {
    method: 'views.update',
    when: 'with its hash, then with the old one',
    run: async (slack) => {
      const view = objectIn(await slack.call('views.open', { trigger_id: await slack.trigger(), view: modal() }), 'view');
      const change = { view_id: view['id'] ?? '', hash: view['hash'] ?? '', view: modal('New') };
      return [outcome(await slack.call('views.update', change)), outcome(await slack.call('views.update', change))];
    },
    ours: ['ok', 'hash_conflict'],
  },
  { ...plain('views.update', 'a view that is not there', () => ({ view_id: 'V0NONE', view: modal() })), ours: 'not_found' },
  { ...plain('views.publish', 'a home', (slack) => ({ user_id: slack.id('ana'), view: { type: 'home', blocks: [section('x')] } })), ours: 'ok' },
  {
    ...plain('views.publish', 'a modal', (slack) => ({ user_id: slack.id('ana'), view: modal() })),
    ours: 'invalid_arguments',
    theirs: 'invalid_view',
    why: 'Slack answers malformed views with invalid_arguments',
  },
  { ...plain('views.publish', 'for nobody', () => ({ user_id: NOBODY, view: { type: 'home', blocks: [] } })), ours: 'user_not_found' },
];

export const FILES: readonly Case[] = [
  {
    method: 'files.completeUploadExternal',
    when: 'address, upload, completion: each outcome',
    run: async (slack) => {
      const asked = await slack.call('files.getUploadURLExternal', { filename: 'report.md', length: 5 });
      const sent = await slack.put(textIn(asked['upload_url']), 'hello');
      const done = await slack.call('files.completeUploadExternal', { files: [{ id: asked['file_id'] ?? '', title: 'Report' }], channel_id: slack.id('dr') });
      return [outcome(asked), sent, outcome(done)];
    },
    ours: ['ok', 200, 'ok'],
  },
  { ...plain('files.completeUploadExternal', 'a file that is not there', () => ({ files: [{ id: 'F0NONE' }] })), ours: 'file_not_found' },
  scoped('files.getUploadURLExternal', 'files:write', () => ({ filename: 'x', length: 1 })),
];
