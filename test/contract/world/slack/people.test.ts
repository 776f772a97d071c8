import type { MessageShortcut } from '@slack/bolt';
import { expect, test } from 'vitest';
import { answering, type Heard } from './app.ts';
import { type Stage, stage } from './stage.ts';

const p = (text: string): object => ({ type: 'plain_text', text });
const input = (id: string, element: object = { type: 'plain_text_input' }): object => ({
  type: 'input',
  block_id: id,
  label: p(id),
  element: { action_id: id, ...element },
});
const modal = (title: string, ...blocks: readonly object[]): object => ({ type: 'modal', title: p(title), submit: p('Send'), notify_on_close: true, blocks });

const ASKING = {
  channel: 'C0DR',
  text: 'Restore?',
  blocks: [
    {
      type: 'actions',
      block_id: 'decide',
      elements: [
        { type: 'button', action_id: 'approve', value: 'r:d', text: p('Approve') },
        {
          type: 'button',
          action_id: 'reject',
          value: 'r:d',
          text: p('Reject'),
          confirm: { title: p('Sure?'), text: p('People are called.'), confirm: p('Yes'), deny: p('No') },
        },
        {
          type: 'overflow',
          action_id: 'more',
          options: [
            { text: p('Show'), value: 'show' },
            { text: p('Ask'), value: 'ask' },
          ],
        },
      ],
    },
  ],
};

async function withModal(open: object, then: (payload: Heard) => unknown = () => undefined): Promise<Stage & { heard: Heard[] }> {
  const on = await stage();
  const heard: Heard[] = [];
  await answering(on, heard, async (payload) => {
    if (payload.type !== 'block_actions') return then(payload);
    await on.call('views.open', { trigger_id: payload.trigger_id, view: open });
    return undefined;
  });
  await on.call('chat.postMessage', ASKING);
  await on.slack.user('ana').press({ action: 'approve' });
  return { ...on, heard };
}

test('a press carries the message as it stands, the element, and who pressed', async () => {
  const on = await stage();
  const heard: Heard[] = [];
  await answering(on, heard);
  const { body } = await on.call('chat.postMessage', ASKING);
  await on.slack.user('ana').press({ text: 'Restore?', action: 'Approve' });
  expect(heard[0]).toMatchObject({
    type: 'block_actions',
    user: { id: 'U0ANA', username: 'ana', team_id: 'T0SALVOR' },
    team: { id: 'T0SALVOR' },
    channel: { id: 'C0DR', name: 'dr' },
    container: { type: 'message', message_ts: body['ts'], channel_id: 'C0DR', is_ephemeral: false },
    message: { text: 'Restore?', ts: body['ts'] },
    actions: [{ type: 'button', action_id: 'approve', block_id: 'decide', value: 'r:d', text: p('Approve') }],
    trigger_id: expect.any(String),
    response_url: expect.any(String),
  });
  await on.slack.user('ben').press({ action: 'more', value: 'ask' });
  expect(heard[1]).toMatchObject({ actions: [{ type: 'overflow', action_id: 'more', selected_option: { value: 'ask' } }] });
});

test('an action in the menu of a message carries the message, who chose it and where, as the SDK has it', async () => {
  const on = await stage();
  const heard: Heard[] = [];
  await answering(on, heard);
  const { body } = await on.call('chat.postMessage', { channel: 'C0DR', text: 'the storage is back' });
  const ben = on.slack.user('ben');
  expect(await ben.shortcut('to_timeline', { text: 'the storage is back' })).toMatchObject({ acknowledged: true });
  const shape: { readonly [F in keyof Required<Omit<MessageShortcut, 'is_enterprise_install' | 'enterprise'>>]: unknown } = {
    type: 'message_action',
    callback_id: 'to_timeline',
    trigger_id: expect.any(String),
    message_ts: body['ts'],
    action_ts: expect.any(String),
    response_url: expect.stringMatching(/^http/),
    message: expect.objectContaining({ type: 'message', ts: body['ts'], text: 'the storage is back' }),
    user: expect.objectContaining({ id: 'U0BEN', name: 'ben' }),
    channel: { id: 'C0DR', name: 'dr' },
    team: expect.objectContaining({ id: 'T0SALVOR', domain: expect.any(String) }),
    token: expect.any(String),
  };
  expect(heard).toEqual([expect.objectContaining(shape)]);
  expect(await ben.shortcut('to_timeline', { text: 'never said' })).toMatchObject({ acknowledged: false, error: 'there is no such message' });
});

test('a button that is gone cannot be pressed, and one that asks is not pressed before the answer', async () => {
  const on = await stage();
  const heard: Heard[] = [];
  await answering(on, heard);
  const { body } = await on.call('chat.postMessage', ASKING);
  const ana = on.slack.user('ana');
  expect(await ana.press({ action: 'reject' })).toMatchObject({ acknowledged: false, asks: true, error: 'asked first: Sure?: People are called.' });
  expect(await ana.press({ action: 'reject', confirm: false })).toMatchObject({ acknowledged: false, error: 'denied at the question' });
  expect(heard).toEqual([]);
  expect(await ana.press({ action: 'reject', confirm: true })).toMatchObject({ acknowledged: true });
  await on.call('chat.update', { channel: 'C0DR', ts: body['ts'], text: 'Rejected by ana' });
  expect(await ana.press({ action: 'reject', confirm: true })).toMatchObject({ acknowledged: false, error: 'there is no reject here; there are no buttons' });
  expect(heard).toHaveLength(1);
});

test('a double press is two payloads with different triggers; a replay is the same bytes again', async () => {
  const on = await stage();
  const heard: Heard[] = [];
  await answering(on, heard);
  await on.call('chat.postMessage', ASKING);
  const ana = on.slack.user('ana');
  await Promise.all([ana.press({ action: 'approve' }), ana.press({ action: 'approve' })]);
  expect(new Set(heard.map(({ trigger_id: id }) => id)).size).toBe(2);
  await ana.redeliver();
  expect(heard[2]).toEqual(heard[1]);
});

test('a modal: Slack itself wants what is required, the app says what is wrong, and its answer changes the modal', async () => {
  const answers: unknown[] = [
    { response_action: 'errors', errors: { why: 'Too short.' } },
    { response_action: 'update', view: modal('Second', input('again')) },
    { response_action: 'push', view: modal('Third', input('deep')) },
    { response_action: 'clear' },
  ];
  const on = await withModal(modal('First', input('why'), { ...input('note'), optional: true }), () => answers.shift());
  const ana = on.slack.user('ana');
  const title = (): unknown => ana.modal();
  expect(title()).toMatchObject({ title: p('First') });
  expect(await ana.submit()).toMatchObject({ acknowledged: false, errors: { why: 'Please complete this required field.' } });
  expect(await ana.submit({ why: 'x', nothing: 'y' })).toMatchObject({ acknowledged: false, error: expect.stringContaining('no field nothing') });
  expect(on.heard).toHaveLength(1);
  expect(await ana.submit({ why: 'x' })).toMatchObject({ acknowledged: true, errors: { why: 'Too short.' } });
  expect(on.heard[1]).toMatchObject({
    view: { state: { values: { why: { why: { type: 'plain_text_input', value: 'x' } }, note: { note: { value: null } } } } },
  });
  await ana.submit({ why: 'longer' });
  expect(title()).toMatchObject({ title: p('Second') });
  await ana.submit({ again: 'x' });
  expect(title()).toMatchObject({ title: p('Third') });
  await ana.submit({ deep: 'x' });
  expect(title()).toBeUndefined();
});

test('an error at a block that the view does not have is seen by nobody, and says so here', async () => {
  const on = await withModal(modal('First', input('why')), () => ({ response_action: 'errors', errors: { wy: 'Too short.' } }));
  expect(await on.slack.user('ana').submit({ why: 'x' })).toMatchObject({ acknowledged: true, error: expect.stringContaining('no block of the view') });
});

test('closing tells the app, and shows what lay below', async () => {
  const on = await withModal(modal('First', input('why')), (payload) =>
    payload.type === 'view_submission' ? { response_action: 'push', view: modal('Second') } : undefined,
  );
  const ana = on.slack.user('ana');
  await ana.submit({ why: 'x' });
  await ana.close();
  expect(on.heard.at(-1)).toMatchObject({ type: 'view_closed', is_cleared: false });
  expect(ana.modal()).toMatchObject({ title: p('First') });
});

test('an external select offers what the app gives, and nothing else can be chosen', async () => {
  const options = [{ text: p('nightly-2'), value: 'b2' }];
  const on = await withModal(modal('Restore', input('backup', { type: 'external_select', min_query_length: 0 })), (payload) =>
    payload.type === 'block_suggestion' ? { options } : undefined,
  );
  const ana = on.slack.user('ana');
  expect(await ana.suggest({ action: 'backup', typed: 'night' })).toMatchObject({ acknowledged: true, options });
  expect(on.heard.at(-1)).toMatchObject({ type: 'block_suggestion', action_id: 'backup', value: 'night' });
  expect(await ana.submit({ backup: 'b9' })).toMatchObject({ acknowledged: false, errors: { backup: 'b9 is no choice' } });
  expect(await ana.submit({ backup: 'nightly-2' })).toMatchObject({ acknowledged: true });
  expect(on.heard.at(-1)).toMatchObject({ view: { state: { values: { backup: { backup: { selected_option: { value: 'b2' } } } } } } });
});

test('a command: unknown ones and those in threads do not reach the app; names become ids', async () => {
  const on = await stage();
  const heard: Heard[] = [];
  await answering(on, heard);
  const ana = on.slack.user('ana');
  expect(await ana.type('/rd status')).toMatchObject({ acknowledged: false, error: '/rd is not a valid command.' });
  expect(await ana.type('/dr status', { thread: '1.1' })).toMatchObject({ acknowledged: false, error: '/dr is not supported in threads. Sorry!' });
  expect(heard).toEqual([]);
  await ana.type('/dr lead @ben in #dr <now> & @nobody');
  expect(heard[0]).toMatchObject({
    command: '/dr',
    text: 'lead <@U0BEN|ben> in <#C0DR|dr> &lt;now&gt; &amp; @nobody',
    channel_name: 'dr',
    user_id: 'U0ANA',
    team_domain: 'simulated',
  });
});

test('mentions, direct messages, reactions and the home are events', async () => {
  const on = await stage();
  const heard: Heard[] = [];
  await answering(on, heard);
  const ana = on.slack.user('ana');
  await ana.say('nothing for the app');
  await ana.say('@salvor what is open?');
  await ana.say('hello', { channel: 'U0SALVOR' });
  await ana.react('eyes', { text: 'what is open' });
  await ana.openHome();
  expect(heard.map(({ event }) => event)).toMatchObject([
    { type: 'app_mention', channel: 'C0DR', text: '<@U0SALVOR|salvor> what is open?' },
    { type: 'message', channel_type: 'im', text: 'hello' },
    { type: 'reaction_added', reaction: 'eyes' },
    { type: 'app_home_opened', tab: 'home', user: 'U0ANA' },
  ]);
  expect(new Set(heard.map(({ event_id: id }) => id)).size).toBe(4);
});

test('a message that only ana sees is pressed by ana alone, and its content is not in the payload', async () => {
  const on = await stage();
  const heard: Heard[] = [];
  await answering(on, heard);
  await on.call('chat.postEphemeral', { ...ASKING, user: 'U0ANA' });
  expect(await on.slack.user('ben').press({ action: 'approve' })).toMatchObject({ acknowledged: false, error: 'there is no such message' });
  await on.slack.user('ana').press({ action: 'approve' });
  expect(heard[0]).toMatchObject({ container: { is_ephemeral: true } });
  expect(heard[0]).not.toHaveProperty('message');
});

test('a person whom nobody knows is a mistake of the test, and is named', async () => {
  const on = await stage();
  expect(() => on.slack.user('zoe')).toThrow('no such user in the simulated Slack: zoe; there are salvor, ana, ben, cleo, dan');
});
