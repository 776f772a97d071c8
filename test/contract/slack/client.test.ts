import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { SalvorError } from '../../../src/model/error.ts';
import { type SlackClient, slackClient } from '../../../src/slack/client.ts';
import { outcomeOf, slackErrorOf } from '../../../src/slack/errors.ts';

const TOKEN = 'xoxb-1-abcdefgh';
const Posted = z.object({ ts: z.string() });

type Stub = { readonly url: string; readonly requests: readonly { readonly path: string; readonly body: string }[] };

/** Answers as the test says, and keeps what reached it. */
async function stub(answer: (request: IncomingMessage, response: ServerResponse, count: number) => void): Promise<Stub> {
  const requests: { path: string; body: string }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests.push({ path: request.url ?? '', body: Buffer.concat(chunks).toString() });
      answer(request, response, requests.length);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  onTestFinished(() => server.closeAllConnections());
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/slack/api`, requests };
}

function json(response: ServerResponse, body: unknown, status = 200, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(typeof body === 'string' ? body : JSON.stringify(body));
}

/** An address where nobody listens any more. */
async function closedAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => void server.close(() => resolve()));
  return `http://127.0.0.1:${port}/`;
}

const clientOf = (apiUrl: string, deadlineMs?: number): SlackClient =>
  slackClient({ token: () => TOKEN, apiUrl, ...(deadlineMs === undefined ? {} : { deadlineMs }) });

const post = (client: SlackClient): Promise<{ readonly ts: string }> => client.call('chat.postMessage', { channel: 'C1', text: 'hi' }, Posted);

async function faultOf(done: Promise<unknown>): Promise<SalvorError> {
  const fault: unknown = await done.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(fault instanceof SalvorError)) throw new Error(`expected a fault, found ${String(fault)}`);
  expect(`${fault.message} ${JSON.stringify(fault.details)} ${String(fault.cause)}`).not.toContain(TOKEN);
  return fault;
}

test('a call goes to the configured address, with or without its last slash, and its answer is checked', async () => {
  const slack = await stub((_request, response) => json(response, { ok: true, ts: '1.2' }));
  expect(await post(clientOf(slack.url))).toEqual({ ts: '1.2' });
  expect(await post(clientOf(`${slack.url}/`))).toEqual({ ts: '1.2' });
  expect(slack.requests.map(({ path }) => path)).toEqual(['/slack/api/chat.postMessage', '/slack/api/chat.postMessage']);
  expect(await faultOf(clientOf(slack.url).call('chat.postMessage', {}, z.object({ channel: z.string() })))).toMatchObject({ details: { outcome: 'unknown' } });
});

test('a method that is an address of its own is never asked there', async () => {
  const elsewhere = await stub((_request, response) => json(response, { ok: true, ts: '6.6' }));
  const slack = await stub((_request, response) => json(response, { ok: false, error: 'unknown_method' }));
  await faultOf(clientOf(slack.url).call(`${elsewhere.url}/chat.postMessage`, {}, Posted));
  expect(elsewhere.requests).toEqual([]);
});

test('a token that changed counts from the next call on', async () => {
  const seen: (string | undefined)[] = [];
  const slack = await stub((request, response) => {
    seen.push(request.headers.authorization);
    json(response, { ok: true, ts: '1' });
  });
  let token = 'xoxb-old';
  const client = slackClient({ token: () => token, apiUrl: slack.url });
  await post(client);
  token = 'xoxb-new';
  await post(client);
  expect(seen).toEqual(['Bearer xoxb-old', 'Bearer xoxb-new']);
});

test('told to wait, a client says how long at once, and another client is not held up', async () => {
  const slack = await stub((request, response) => {
    if (request.url?.endsWith('chat.postMessage') === true) json(response, { ok: false, error: 'ratelimited' }, 429, { 'retry-after': '30' });
    else json(response, { ok: true, ts: '1' });
  });
  const outbox = clientOf(slack.url);
  const interactive = clientOf(slack.url);
  const fault = await faultOf(post(outbox));
  expect(fault).toMatchObject({ code: 'chat.unavailable', retry: 'later', retryAfterMs: 30_000, details: { outcome: 'refused', slack: 'ratelimited' } });
  expect(await interactive.call('views.open', {}, Posted)).toEqual({ ts: '1' });
  expect(await outbox.call('chat.update', {}, Posted)).toEqual({ ts: '1' });
});

test('a 429 that does not say how long is waited for, too', async () => {
  const slack = await stub((_request, response) => json(response, '', 429));
  expect(await faultOf(post(clientOf(slack.url)))).toMatchObject({ retryAfterMs: 30_000, details: { outcome: 'refused' } });
});

test('a post whose connection breaks behind the request reaches Slack once, and nobody knows what became of it', async () => {
  const slack = await stub((request) => request.socket.destroy());
  expect(await faultOf(post(clientOf(slack.url)))).toMatchObject({ code: 'chat.unavailable', retry: 'later', details: { outcome: 'unknown' } });
  expect(slack.requests).toHaveLength(1);
});

test('an answer that does not come is waited for no longer than the deadline, also in the middle of its body', async () => {
  const silent = await stub(() => {});
  expect(await faultOf(post(clientOf(silent.url, 50)))).toMatchObject({
    message: 'Slack did not answer in time (chat.postMessage)',
    details: { outcome: 'unknown' },
  });
  const halfway = await stub((_request, response) => void response.writeHead(200, { 'content-type': 'application/json' }).write('{"ok":'));
  expect(await faultOf(post(clientOf(halfway.url, 50)))).toMatchObject({ details: { outcome: 'unknown' } });
  expect(silent.requests).toHaveLength(1);
});

test('refused connections were surely no delivery; errors of the server may have been one', async () => {
  const slack = await stub((_request, response, count) => json(response, 'gateway', count === 1 ? 503 : 404));
  const client = clientOf(slack.url);
  expect(await faultOf(post(client))).toMatchObject({ message: 'Slack answered 503 (chat.postMessage)', details: { outcome: 'unknown' } });
  expect(await faultOf(post(client))).toMatchObject({ details: { outcome: 'refused' } });
  const away = await faultOf(post(clientOf(await closedAddress())));
  expect(outcomeOf(away)).toBe('refused');
  expect(away.message).toContain('cannot be reached');
});

test('what Slack refuses says what to do; its own faults may have been a delivery', async () => {
  const answers = [
    { ok: false, error: 'not_in_channel' },
    { ok: false, error: 'missing_scope', needed: 'chat:write', provided: 'commands' },
    { ok: false, error: 'invalid_blocks', response_metadata: { messages: ['[ERROR] failed to match all allowed schemas [json-pointer:/blocks/0/text]'] } },
    { ok: false, error: 'internal_error' },
    '<html>proxy</html>',
  ];
  const slack = await stub((_request, response, count) => json(response, answers[count - 1]));
  const client = clientOf(slack.url);
  expect((await faultOf(post(client))).message).toBe(
    'Slack refuses: not_in_channel; Salvor is not in the channel: type /invite @salvor there (chat.postMessage)',
  );
  const scope = await faultOf(post(client));
  expect(scope.message).toContain('missing_scope (chat:write); the app lacks a right');
  expect(scope.details).toMatchObject({ outcome: 'refused', needed: 'chat:write' });
  expect(slackErrorOf(scope)).toBe('missing_scope');
  expect((await faultOf(post(client))).message).toContain('json-pointer:/blocks/0/text');
  expect(await faultOf(post(client))).toMatchObject({ details: { outcome: 'unknown', slack: 'internal_error' } });
  expect(await faultOf(post(client))).toMatchObject({ message: 'Slack answered what we cannot read (chat.postMessage)', details: { outcome: 'unknown' } });
});
