import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { SalvorError } from '../../../src/model/error.ts';
import { callsOf, escalateTo, noteOn } from '../../../src/pagerduty/incidents.ts';
import { onCallBy, userByEmail, userById } from '../../../src/pagerduty/on-call.ts';
import { pace } from '../../../src/pagerduty/pace.ts';
import { pagerdutyRest, type Rest } from '../../../src/pagerduty/rest.ts';
import { virtualClock } from '../../../src/world/clock.ts';
import { KEY, OTHER, openPagerDuty } from '../world/pagerduty/open.ts';

const TOKEN = 'u+Zs3NNbfGBzjL1sSZGw';
const anything = z.looseObject({});

async function openRest(scenario: Parameters<typeof openPagerDuty>[0] = {}) {
  const open = await openPagerDuty(scenario);
  return { ...open, rest: pagerdutyRest({ token: () => TOKEN, from: 'salvor@example.com', url: open.url }) };
}

/** A server that answers in its own way, and what came to it. */
async function answering(
  listener: RequestListener,
  deadlineMs = 10_000,
): Promise<{ readonly rest: Rest; readonly came: readonly IncomingMessage[]; readonly url: string }> {
  const came: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    came.push(request);
    listener(request, response);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => server.closeAllConnections());
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { rest: pagerdutyRest({ token: () => TOKEN, url, deadlineMs }), came, url };
}

async function faultOf(asked: Promise<unknown>): Promise<SalvorError> {
  const fault: unknown = await asked.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(fault instanceof SalvorError)) throw new Error(`expected a fault, found ${String(fault)}`);
  return fault;
}

test('an incident is found by its dedup key while it is open, or was made since, with who is called', async () => {
  const { rest, event, pagerduty, clock } = await openRest();
  await event('trigger', 'a');
  const sinceMs = clock.nowMs();
  const { id = '' } = pagerduty.incidents()[0] ?? {};
  expect(await callsOf(rest, 'a', sinceMs)).toEqual([{ id, number: 1, who: ['ana'] }]);
  expect(await callsOf(rest, 'b', sinceMs)).toEqual([]);
  await event('resolve', 'a');
  expect(await callsOf(rest, 'a', sinceMs)).toHaveLength(1);
  await clock.pass(120_000);
  expect(await callsOf(rest, 'a', clock.nowMs())).toEqual([]);
});

test('an open call is escalated to a level; one that its policy does not have can never be', async () => {
  const { rest, event, pagerduty } = await openRest();
  await event('trigger', 'a');
  const { id = '' } = pagerduty.incidents()[0] ?? {};
  expect(await escalateTo(rest, id, 2)).toMatchObject({ who: ['ben'] });
  expect(await faultOf(escalateTo(rest, id, 7))).toMatchObject({ retry: 'never', code: 'pager.unavailable' });
});

test('a note is written once, though its answer is lost, and is cut to what PagerDuty shows', async () => {
  const { rest, event, pagerduty } = await openRest();
  await event('trigger', 'a');
  const { id = '' } = pagerduty.incidents()[0] ?? {};
  pagerduty.fault({ give: 'lost-reply', method: 'POST', times: 1 });
  expect(await faultOf(noteOn(rest, id, 'Salvor: done'))).toMatchObject({ retry: 'later' });
  await noteOn(rest, id, 'Salvor: done');
  await noteOn(rest, id, `Salvor: ${'x'.repeat(5000)}`);
  const [first, second, ...more] = pagerduty.incidents()[0]?.notes ?? [];
  expect([first?.content, second?.content.length, more]).toEqual(['Salvor: done', 2000, []]);
});

test('who an integration key calls: its service, its policy, and who is on call first', async () => {
  const { rest } = await openRest({
    policies: [
      { name: 'leads', levels: [['cleo'], ['ana']] },
      { name: 'empty', levels: [[], ['ben']] },
    ],
    services: [
      { name: 'dr', key: KEY, policy: 'leads' },
      { name: 'dr second', key: OTHER, policy: 'empty' },
    ],
  });
  const called = await onCallBy(rest, [KEY, OTHER, '0'.repeat(32)]);
  expect([...called]).toEqual([
    [KEY, { service: 'dr', disabled: false, policy: 'leads', names: ['cleo'] }],
    [OTHER, { service: 'dr second', disabled: false, policy: 'empty', names: [] }],
  ]);
  expect(await userByEmail(rest, 'ANA@example.com')).toMatchObject({ id: 'P0ANA' });
  expect(await userByEmail(rest, 'nobody@example.com')).toBeUndefined();
  expect([(await userById(rest, 'P0BEN'))?.name, await userById(rest, 'P404')]).toEqual(['ben', undefined]);
});

test('a list goes on over its pages', async () => {
  const services = Array.from({ length: 230 }, (_, index) => ({ name: `s${index}`, id: `PS${index}`, key: String(index).padStart(32, '0') }));
  const many = await openRest({ services });
  expect(await many.rest.all('/services', { name: 'services', shape: anything })).toHaveLength(230);
});

test.each([
  ['a revoked token', { status: 401, headers: {}, body: `{"error":{"message":"no ${TOKEN}"}}` }, { retry: 'later', message: /it answered 401, no \*\*\*$/ }],
  [
    'a wrong request',
    { status: 400, headers: {}, body: '{"error":{"message":"Invalid Input","errors":["x"]}}' },
    { retry: 'never', message: /400, Invalid Input: x$/ },
  ],
  ['a page of a proxy', { status: 502, headers: {}, body: '<html>' }, { retry: 'later', message: /it answered 502$/ }],
  ['a 200 that is no JSON', { status: 200, headers: {}, body: '<html>' }, { retry: 'later', message: /not as documented/ }],
  ['an answer of another shape', { status: 200, headers: {}, body: '{"incidents":7}' }, { retry: 'later', message: /not as documented/ }],
  ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/' }, body: '' }, { retry: 'later', message: /cannot be reached/ }],
])('%s is no answer', async (_name, { status, headers, body }, expected) => {
  const { rest } = await answering((_request, response) => void response.writeHead(status, headers).end(body));
  const fault = await faultOf(rest.all('/incidents', { name: 'incidents', shape: anything }));
  expect(fault).toMatchObject({ code: 'pager.unavailable', retry: expected.retry });
  expect(fault.message).toMatch(expected.message);
  expect(fault.message).not.toContain(TOKEN);
});

test.each([
  [{ 'retry-after': '7', 'ratelimit-reset': '40' }, 7000],
  [{ 'ratelimit-reset': '40' }, 40_000],
  [{}, undefined],
])('a 429 with %o is asked for at once four times, as the library does, and then waited for', async (headers, retryAfterMs) => {
  const { rest, came } = await answering((_request, response) => void response.writeHead(429, headers).end('{}'));
  expect(await faultOf(rest.get('/abilities', anything))).toMatchObject({ retry: 'later', retryAfterMs });
  expect(came).toHaveLength(4);
});

test('silence ends at the deadline, and a refused connection at once', async () => {
  const { rest } = await answering(() => undefined, 50);
  expect((await faultOf(rest.get('/abilities', anything))).message).toBe('PagerDuty cannot be reached: it did not answer in time');
  const nobody = pagerdutyRest({ token: () => TOKEN, url: 'http://127.0.0.1:1' });
  expect((await faultOf(nobody.get('/abilities', anything))).message).toBe('PagerDuty cannot be reached: ECONNREFUSED');
});

test('a request that failed leaves no timer that keeps the process alive', { timeout: 20_000 }, async () => {
  const path = join(import.meta.dirname, '../../../src/pagerduty/rest.ts');
  const code = `const { pagerdutyRest } = await import(${JSON.stringify(path)}); const { z } = await import('zod');
await pagerdutyRest({ token: () => 'x', url: 'http://127.0.0.1:1', deadlineMs: 60000 }).get('/abilities', z.looseObject({})).catch((error) => console.log(error.message));`;
  const started = performance.now();
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const said: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => void said.push(chunk.toString()));
  const status = await new Promise((resolve) => void child.on('close', resolve));
  expect([status, said.join('').trim()]).toEqual([0, 'PagerDuty cannot be reached: ECONNREFUSED']);
  expect(performance.now() - started).toBeLessThan(10_000);
});

test('a minute has room for so many requests; who comes after that is told when there is room again', async () => {
  const clock = virtualClock();
  const take = pace({ clock, most: 2 });
  take('a');
  await clock.pass(10_000);
  take('a');
  take('b');
  expect(() => take('a')).toThrow(SalvorError);
  const fault = await faultOf(Promise.resolve().then(() => take('a')));
  expect(fault).toMatchObject({ retry: 'later', retryAfterMs: 50_000 });
  await clock.pass(50_000);
  take('a');
  expect(() => take('a')).toThrow(/as many as Salvor sends/);
});
