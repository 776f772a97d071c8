import { createHmac } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openStage } from './stage.ts';

type Sent = {
  readonly body?: string | Buffer;
  readonly signed?: string;
  readonly timestamp?: string;
  readonly secret?: string;
  readonly headers?: Record<string, string>;
  readonly method?: string;
};

async function openDoor() {
  const stage = await openStage({ mode: 'http' });
  const { requestUrl = '', signingSecret } = stage.slack.workspace.app;
  const nowS = (): number => Math.floor(Date.now() / 1000);
  const send = async ({
    body = 'command=%2Fdr&text=',
    signed,
    timestamp = String(nowS()),
    secret = signingSecret,
    headers = {},
    method = 'POST',
  }: Sent = {}): Promise<number> => {
    const signature = signed ?? `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex')}`;
    const response = await fetch(requestUrl, {
      method,
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-slack-signature': signature, 'x-slack-request-timestamp': timestamp, ...headers },
      ...(method === 'GET' ? {} : { body }),
    });
    return response.status;
  };
  return { stage, send, nowS, requestUrl };
}

const PAYLOAD = (of: object): string => new URLSearchParams({ payload: JSON.stringify(of) }).toString();

test('what is not signed by Slack is refused, counted, and never looked into', async () => {
  const { stage, send, requestUrl } = await openDoor();
  const { run } = await stage.propose();
  const press = PAYLOAD({
    type: 'block_actions',
    user: { id: 'U0ANA', team_id: 'T0SALVOR' },
    team: { id: 'T0SALVOR' },
    channel: { id: 'C0DR', name: 'dr' },
    trigger_id: '1.2',
    actions: [{ action_id: 'approve', value: `${run.id.slice(4)}:${'d1d1d1d1'.repeat(8)}` }],
  });
  expect(await send({ body: press, secret: 'another' })).toBe(401);
  expect(await send({ body: press, signed: '' })).toBe(401);
  expect(await send({ body: press, signed: `v1=${'0'.repeat(64)}` })).toBe(401);
  expect((await fetch(requestUrl, { method: 'POST', body: press })).status).toBe(401);
  expect(stage.logged('slack.unsigned').map(({ why }) => why)).toEqual(['forged', 'forged', 'forged', 'unsigned']);
  expect(stage.logged('slack.unsigned').at(2)).toMatchObject({ count: 3 });
  expect((await stage.run(run.id)).approvals).toEqual([]);
});

test.each([
  ['301 s old', -301],
  ['301 s ahead', 301],
])('what is %s is refused', async (_name, byS) => {
  const { send, nowS } = await openDoor();
  expect(await send({ timestamp: String(nowS() + byS) })).toBe(401);
});

test('a time that is none is refused', async () => {
  const { send } = await openDoor();
  expect(await send({ timestamp: 'abc' })).toBe(401);
});

test('the same request again is answered 200, and does nothing', async () => {
  const { stage, send } = await openDoor();
  const { run } = await stage.propose();
  const body = PAYLOAD({
    type: 'block_actions',
    user: { id: 'U0ANA', team_id: 'T0SALVOR' },
    team: { id: 'T0SALVOR' },
    channel: { id: 'C0DR', name: 'dr' },
    trigger_id: '1.2',
    actions: [{ action_id: 'approve', block_id: 'b', type: 'button', value: `${run.id.slice(4)}:${'d1d1d1d1'.repeat(8)}` }],
  });
  expect(await send({ body, timestamp: String(Math.floor(Date.now() / 1000)) })).toBe(200);
  await stage.slack.until('the answer', () => stage.told('ana').length === 1);
  const pressed = stage.logged('slack.pressed').length;
  expect(await send({ body, timestamp: String(Math.floor(Date.now() / 1000)) })).toBe(200);
  expect(stage.logged('slack.repeated').length + stage.logged('slack.pressed').length).toBe(pressed + 1);
  expect((await stage.run(run.id)).approvals).toHaveLength(1);
});

test('Slack can verify the address', async () => {
  const { stage } = await openDoor();
  expect(await stage.slack.verifyRequestUrl()).toBe(true);
});

test('what is too large, compressed, empty, or another method is refused, and the next one is heard', async () => {
  const { stage, send } = await openDoor();
  expect(await send({ body: 'x'.repeat(1_100_000) })).toBe(413);
  expect(await send({ body: gzipSync('command=%2Fdr'), headers: { 'content-encoding': 'gzip' } })).toBe(415);
  expect(await send({ body: '' })).toBe(400);
  expect(await send({ body: '{', headers: { 'content-type': 'application/json' } })).toBe(400);
  expect(await send({ method: 'GET' })).toBe(404);
  expect((await stage.slack.user('ana').type('/dr')).acknowledged).toBe(true);
});

test('an event that nobody listens to, and one that comes again, are answered 200', async () => {
  const { send } = await openDoor();
  const body = JSON.stringify({
    type: 'event_callback',
    team_id: 'T0SALVOR',
    event_id: 'Ev1',
    event: { type: 'app_mention', user: 'U0ANA', channel: 'C0DR', text: 'hi' },
  });
  const headers = { 'content-type': 'application/json' };
  expect(await send({ body, headers })).toBe(200);
  expect(
    await send({
      body,
      headers: { ...headers, 'x-slack-retry-num': '1', 'x-slack-retry-reason': 'http_timeout' },
      timestamp: String(Math.floor(Date.now() / 1000) + 1),
    }),
  ).toBe(200);
});

test('the address is not there without HTTP mode', async () => {
  const stage = await openStage({ mode: 'socket' });
  expect(await stage.posted('command=%2Fdr')).toBe(404);
});
