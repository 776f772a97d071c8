import { App, LogLevel, SocketModeReceiver } from '@slack/bolt';
import type { View } from '@slack/types';
import { expect, onTestFinished, test } from 'vitest';
import { APP, BOT, type Stage, stage } from './stage.ts';

const MODAL: View = {
  type: 'modal',
  callback_id: 'why',
  title: { type: 'plain_text', text: 'Reject' },
  submit: { type: 'plain_text', text: 'Reject' },
  blocks: [{ type: 'input', block_id: 'reason', label: { type: 'plain_text', text: 'Reason' }, element: { type: 'plain_text_input', action_id: 'text' } }],
};

async function boltIn({ slack, served }: Stage, declare: (app: App) => void): Promise<void> {
  const receiver = new SocketModeReceiver({
    appToken: APP,
    installerOptions: { clientOptions: { slackApiUrl: served.apiUrl } },
    logLevel: LogLevel.ERROR,
  });
  const app = new App({ token: BOT, receiver, clientOptions: { slackApiUrl: served.apiUrl }, logLevel: LogLevel.ERROR });
  declare(app);
  await app.start();
  onTestFinished(async () => {
    await app.stop();
  });
  await slack.until('a socket', () => slack.sockets.count() > 0);
}

test('a command typed, a button pressed, a modal filled: the real SDK hears each and answers', async () => {
  const on = await stage();
  await boltIn(on, (app) => {
    app.command('/dr', async ({ command, ack, client }) => {
      await ack({ text: `heard ${command.text}` });
      await client.chat.postMessage({
        channel: command.channel_id,
        text: 'Restore shop?',
        blocks: [{ type: 'actions', elements: [{ type: 'button', action_id: 'reject', value: 'r1', text: { type: 'plain_text', text: 'Reject' } }] }],
      });
    });
    app.action('reject', async ({ ack, body, client }) => {
      await ack();
      if (body.type === 'block_actions') await client.views.open({ trigger_id: body.trigger_id, view: MODAL });
    });
    app.view('why', async ({ ack, view, client, body }) => {
      await ack();
      await client.chat.postEphemeral({ channel: 'C0DR', user: body.user.id, text: `because ${view.state.values['reason']?.['text']?.value ?? ''}` });
    });
  });
  const ana = on.slack.user('ana');

  const typed = await ana.type('/dr status @ben');
  expect(typed).toMatchObject({ acknowledged: true, said: 'heard status <@U0BEN|ben>' });
  expect(typed.afterMs).toBeLessThan(3000);
  await on.slack.until('the question', () => on.slack.messages().length === 1);

  expect(await ana.press({ text: 'Restore shop?', action: 'Reject' })).toMatchObject({ acknowledged: true });
  await on.slack.until('the modal', () => ana.modal());
  expect(await ana.submit({ Reason: '' })).toMatchObject({ acknowledged: false, errors: { reason: 'Please complete this required field.' } });
  expect(await ana.submit({ Reason: 'not now' })).toMatchObject({ acknowledged: true });
  expect(ana.modal()).toBeUndefined();
  await on.slack.until('the answer', () => ana.sees().some(({ text }) => text === 'because not now'));
  expect(
    on.slack
      .user('ben')
      .sees()
      .map(({ text }) => text),
  ).toEqual(['Restore shop?']);
});
