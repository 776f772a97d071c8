import { WebClient } from '@slack/web-api';
import { expect, onTestFinished, test } from 'vitest';
import { virtualClock } from '../../../../src/world/clock.ts';
import { seededIds } from '../../../../src/world/ids.ts';
import { serveSlack } from '../../../../src/world/slack/http.ts';
import { simulatedSlack } from '../../../../src/world/slack/slack.ts';
import { answering, type Heard } from './app.ts';
import { BOT, call, stage } from './stage.ts';

const POST = { channel: 'C0DR', text: 'hello' };

test('a reply that is lost was a post all the same', async () => {
  const on = await stage();
  on.slack.fault({ give: 'lost-reply', method: 'chat.postMessage', times: 1 });
  await expect(on.call('chat.postMessage', POST)).rejects.toThrow('fetch failed');
  expect(on.slack.messages().map(({ text }) => text)).toEqual(['hello']);
  expect(on.slack.calls('chat.postMessage').map(({ outcome }) => outcome)).toEqual(['lost ok']);
});

test('the SDK with its own retries posts three times into such a fault, as it does with Slack', async () => {
  const on = await stage();
  on.slack.fault({ give: 'lost-reply', method: 'chat.postMessage', times: 2 });
  const client = new WebClient(BOT, { slackApiUrl: on.served.apiUrl, retryConfig: { retries: 2, minTimeout: 1, maxTimeout: 1 } });
  await client.chat.postMessage(POST);
  expect(on.slack.messages()).toHaveLength(3);
});

test.each([
  [{ give: 'server-error', status: 503 }, 503, undefined],
  [{ give: 'refuse', error: 'fatal_error' }, 200, 'fatal_error'],
  [{ give: 'rate-limited', retryAfter: '7s' }, 429, 'ratelimited'],
] as const)('%o answers so and posts nothing', async (fault, status, error) => {
  const on = await stage();
  on.slack.fault({ ...fault, times: 1 });
  const response = await fetch(`${on.served.apiUrl}chat.postMessage`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${BOT}` },
    body: new URLSearchParams(POST),
  });
  const text = await response.text();
  expect(response.status).toBe(status);
  if (error !== undefined) expect(JSON.parse(text)).toEqual({ ok: false, error });
  if (status === 429) expect(response.headers.get('retry-after')).toBe('7');
  expect(on.slack.messages()).toEqual([]);
  expect((await on.call('chat.postMessage', POST)).body.ok).toBe(true);
});

test('skip, times, method and channel choose what meets a fault', async () => {
  const on = await stage({ channels: [{ name: 'other' }] });
  on.slack.fault({ give: 'refuse', error: 'fatal_error', method: 'chat.*', channel: 'C0DR', skip: 1, times: 1 });
  const outcomes = [];
  for (const channel of ['C0DR', 'C0OTHER', 'C0DR', 'C0DR']) outcomes.push((await on.call('chat.postMessage', { channel, text: 'x' })).body.error ?? 'ok');
  expect(outcomes).toEqual(['ok', 'ok', 'fatal_error', 'ok']);
});

test('a Slack that is down breaks every connection, sockets too, until its time is over', async () => {
  const clock = virtualClock();
  const slack = simulatedSlack({ clock, ids: seededIds('down') });
  const served = await serveSlack(slack);
  onTestFinished(() => served.close());
  slack.fault({ give: 'down', lasts: '1h' });
  await expect(call(`${served.apiUrl}auth.test`, {}, BOT)).rejects.toThrow('fetch failed');
  const heard: Heard[] = [];
  await answering({ slack }, heard);
  expect(await slack.user('ana').type('/dr status')).toMatchObject({ acknowledged: false });
  expect(await slack.user('ana').say('hello')).toMatchObject({ acknowledged: false });
  expect([heard, slack.messages()]).toEqual([[], []]);
  await clock.pass(3_600_000);
  expect((await call(`${served.apiUrl}auth.test`, {}, BOT)).body.ok).toBe(true);
});

test('a Slack that is away refuses connections, and comes back at the same address', async () => {
  const on = await stage();
  await on.served.away();
  await expect(on.call('auth.test')).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  await on.served.back();
  expect((await on.call('auth.test')).body.ok).toBe(true);
});

test('a hanging Slack does nothing', async () => {
  const on = await stage();
  on.slack.fault({ give: 'hang', times: 1 });
  await expect(
    fetch(`${on.served.apiUrl}chat.postMessage`, { method: 'POST', body: new URLSearchParams({ ...POST, token: BOT }), signal: AbortSignal.timeout(100) }),
  ).rejects.toThrow('aborted due to timeout');
  expect(on.slack.messages()).toEqual([]);
});

test('a revoked token, a scope taken away, an archived channel and a kick have their own errors', async () => {
  const on = await stage();
  on.slack.revoke();
  expect((await on.call('auth.test')).body.error).toBe('token_revoked');
  on.slack.restore();
  on.slack.takeScope('pins:write');
  expect((await on.call('pins.add', { channel: 'C0DR', timestamp: '1.1' })).body).toMatchObject({ error: 'missing_scope', needed: 'pins:write' });
  on.slack.takeScope('chat:write.public');
  on.slack.kick('dr');
  expect((await on.call('chat.postMessage', POST)).body.error).toBe('not_in_channel');
  on.slack.archive('dr');
  expect((await on.call('chat.postMessage', POST)).body.error).toBe('is_archived');
});
