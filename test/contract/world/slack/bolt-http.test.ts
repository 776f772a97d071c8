import { createServer } from 'node:http';
import { App, ExpressReceiver, LogLevel } from '@slack/bolt';
import { expect, onTestFinished, test } from 'vitest';
import { BOT, type Stage, stage } from './stage.ts';

const SECRET = 'the-signing-secret';

async function boltOver({ slack, served }: Stage, declare: (app: App) => void, secret = SECRET): Promise<void> {
  const receiver = new ExpressReceiver({ signingSecret: secret, endpoints: '/slack/events', logLevel: LogLevel.ERROR });
  const app = new App({ token: BOT, receiver, clientOptions: { slackApiUrl: served.apiUrl }, logLevel: LogLevel.ERROR });
  declare(app);
  const server = createServer(receiver.app);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const at = server.address();
  const port = typeof at === 'object' && at !== null ? at.port : 0;
  slack.apply({ app: { signingSecret: SECRET, requestUrl: `http://127.0.0.1:${port}/slack/events` } });
}

test('signed requests: the address is verified, a command, a press and a mention arrive', async () => {
  const on = await stage();
  const heard: string[] = [];
  await boltOver(on, (app) => {
    app.command('/dr', async ({ command, ack, respond }) => {
      await ack();
      heard.push(`command ${command.text} in ${command.channel_name}`);
      await respond({
        response_type: 'in_channel',
        text: 'Sure?',
        blocks: [{ type: 'actions', elements: [{ type: 'button', action_id: 'approve', value: 'r1:d1', text: { type: 'plain_text', text: 'Approve' } }] }],
      });
    });
    app.action('approve', async ({ ack, action, respond }) => {
      await ack();
      heard.push(`press ${action.type === 'button' ? action.value : ''}`);
      await respond({ text: 'Approved by ana', replace_original: true });
    });
    app.event('app_mention', async ({ event }) => void heard.push(`mention ${event.text}`));
  });
  expect(await on.slack.verifyRequestUrl()).toBe(true);
  const ana = on.slack.user('ana');
  expect(await ana.type('/dr restore')).toMatchObject({ acknowledged: true });
  await on.slack.until('the question', () => on.slack.messages().length === 1);
  expect(await ana.press({ action: 'Approve' })).toMatchObject({ acknowledged: true });
  const card = await on.slack.until('the end', () => on.slack.messages().find(({ text }) => text === 'Approved by ana'));
  expect(card).toMatchObject({ edits: 1, blocks: [] });
  await ana.say('@salvor hello');
  expect(heard).toEqual(['command restore in dr', 'press r1:d1', 'mention <@U0SALVOR|salvor> hello']);
});

test('a wrong signature is refused, and the person is told that the app does not answer', async () => {
  const on = await stage();
  await boltOver(on, () => undefined, 'another-secret');
  expect(await on.slack.user('ana').type('/dr status')).toMatchObject({ acknowledged: false, error: '/dr failed with the error "dispatch_unknown_error"' });
});

test('an event that nobody acknowledges comes again with the number of the try', async () => {
  const on = await stage();
  const tries: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    tries.push([request.headers['x-slack-retry-num'] ?? []].flat()[0]);
    response.writeHead(tries.length < 2 ? 500 : 200).end();
    if (tries.length === 2) seen();
  });
  let seen = (): void => undefined;
  const again = new Promise<void>((resolve) => void (seen = resolve));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const at = server.address();
  on.slack.apply({ app: { requestUrl: `http://127.0.0.1:${typeof at === 'object' && at !== null ? at.port : 0}/` } });
  await on.slack.user('ana').openHome();
  await again;
  expect(tries).toEqual([undefined, '1']);
});
