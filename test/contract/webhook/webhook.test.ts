import { globSync } from 'node:fs';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { SalvorError } from '../../../src/model/error.ts';
import { virtualClock } from '../../../src/world/clock.ts';
import { bodyAlert, fixture, fixtures, sampleBody } from '../../unit/ingest/samples.ts';
import { type Answer, type Door, type Options, openDoor, PATH } from './server.ts';

const open: Door[] = [];
async function door(options: Options = {}): Promise<Door> {
  const one = await openDoor(options);
  open.push(one);
  return one;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const GOOD = sampleBody({ alerts: [bodyAlert({ alertname: 'A', cluster: 'prod' })] });
const bearer = (token: string): { readonly authorization: string } => ({ authorization: `Bearer ${token}` });
const detailOf = (answer: Answer): string => (typeof answer.json === 'object' && answer.json !== null ? String(Reflect.get(answer.json, 'detail')) : '');

function expectProblem(answer: Answer, status: number, code: string): void {
  expect(answer.status).toBe(status);
  expect(answer.headers['content-type']).toBe('application/problem+json');
  expect(answer.json).toMatchObject({ status, code });
  expect(answer.text.length).toBeLessThan(1000);
  expect(answer.text).not.toMatch(/secret|at file:|node:/);
}

describe('a webhook that is stored', () => {
  test('is answered 200 with its count, behind the commit', async () => {
    let durable = false;
    const { post, accepted, seen } = await door({
      accept: async () => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        durable = true;
      },
    });
    const answer = await post(GOOD);
    expect(durable).toBe(true);
    expect(answer).toMatchObject({ status: 200, json: { accepted: 1, quarantined: 0 } });
    expect(answer.headers['x-powered-by']).toBeUndefined();
    expect(accepted).toMatchObject([{ sender: 'loopback', clusters: ['*'], body: GOOD, alerts: 1 }]);
    expect(seen).toMatchObject([{ outcome: 'accepted', status: 200, alerts: 1 }]);
  });

  test.each(globSync('v*/**/*.json', { cwd: fixtures }).filter((path) => !path.endsWith('request-headers.json')))(
    'as a real Alertmanager sent it: %s',
    async (path) => {
      const { post, accepted } = await door();
      const body = fixture(path);
      const answer = await post(body, { headers: { 'user-agent': 'Alertmanager/0.33.1' } });
      expect(answer).toMatchObject({ status: 200, json: { quarantined: 0 } });
      expect(accepted[0]?.body).toBe(body);
    },
  );

  test('counts the alerts that cannot be read, and is stored whole', async () => {
    const { post, accepted } = await door({ bindings: [{ cluster: 'prod', tokens: ['t'] }] });
    const alerts = [
      bodyAlert({ alertname: 'A' }),
      { labels: {} },
      bodyAlert({ alertname: 'A', cluster: 'staging' }),
      { status: 'firing', labels: { a: 1 } },
      null,
    ];
    expect((await post(sampleBody({ alerts }), { headers: bearer('t') })).json).toEqual({ accepted: 5, quarantined: 4 });
    expect(accepted).toMatchObject([{ sender: 'prod', clusters: ['prod'], alerts: 5 }]);
  });

  test.each([`${PATH}/`, '/API/v1/AlertManager'])('at %s, too, without a redirect', async (path) => {
    const { post } = await door();
    expect((await post(GOOD, { path })).status).toBe(200);
  });

  test('with a charset that says utf-8', async () => {
    const { post } = await door();
    expect((await post(GOOD, { headers: { 'content-type': 'application/json; charset=UTF-8' } })).status).toBe(200);
  });

  test('without a Content-Length', async () => {
    const { post } = await door();
    expect((await post(GOOD, { chunked: true })).status).toBe(200);
  });

  test('with a name of JavaScript among its labels changes no object', async () => {
    const { post } = await door();
    const body =
      '{"version":"4","alerts":[{"status":"firing","labels":{"__proto__":"polluted","constructor":"x","toString":"y"}}],"__proto__":{"polluted":true}}';
    expect((await post(body)).json).toEqual({ accepted: 1, quarantined: 0 });
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  test('a thousand times at once, is stored each time', async () => {
    const { post, accepted } = await door();
    const answers = await Promise.all(Array.from({ length: 1000 }, () => post(GOOD)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(accepted).toHaveLength(1000);
  });
});

describe('who may send', () => {
  const bindings = [
    { cluster: 'prod', tokens: ['prod-old-secret', 'prod-new-secret'] },
    { cluster: 'staging', tokens: ['staging-secret'] },
  ];

  test.each([
    ['nothing', {}],
    ['an empty header', { authorization: '' }],
    ['a token of nobody', bearer('nothing')],
    ['a right beginning', bearer('prod-old-secre')],
    ['a right token with more behind it', bearer('prod-old-secret2')],
    ['another scheme', { authorization: 'Digest prod-old-secret' }],
    ['a token without a scheme', { authorization: 'prod-old-secret' }],
    ['an empty token', { authorization: 'Bearer ' }],
    ['a wrong password', { authorization: `Basic ${Buffer.from('am:wrong').toString('base64')}` }],
    ['a password without a user', { authorization: `Basic ${Buffer.from('prod-old-secret').toString('base64')}` }],
  ])('not with %s', async (_name, headers) => {
    const { post, accepted, seen } = await door({ bindings });
    const answer = await post(GOOD, { headers });
    expectProblem(answer, 401, 'request.unauthorized');
    expect(answer.headers['www-authenticate']).toContain('Bearer');
    expect(accepted).toEqual([]);
    expect(seen).toMatchObject([{ outcome: 'unauthorized' }]);
  });

  test('not with two headers, of which one is right', async () => {
    const { port } = await door({ bindings });
    const answer = await raw(
      port,
      `POST ${PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer prod-old-secret\r\nAuthorization: Bearer no\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 401 /);
  });

  test('not through a proxy on this machine, where no token is configured', async () => {
    const { post } = await door();
    const passedOn = [{ 'x-forwarded-for': '203.0.113.7' }, { 'x-real-ip': '203.0.113.7' }, { host: 'salvor.example.com' }];
    for (const headers of passedOn) expectProblem(await post(GOOD, { headers }), 401, 'request.unauthorized');
  });

  test('not with a token that nobody configured', async () => {
    const { post } = await door();
    expectProblem(await post(GOOD, { headers: bearer('nothing') }), 401, 'request.unauthorized');
  });

  test('not with the empty token of an empty file', async () => {
    const { post } = await door({ bindings: [{ cluster: 'prod', tokens: [''] }] });
    for (const headers of [{}, bearer(''), { authorization: `Basic ${Buffer.from('am:').toString('base64')}` }])
      expect((await post(GOOD, { headers })).status).toBe(401);
  });

  test.each([
    ['prod-old-secret', ['prod']],
    ['prod-new-secret', ['prod']],
    ['staging-secret', ['staging']],
  ])('with %s for %j', async (token, clusters) => {
    const { post, accepted } = await door({ bindings });
    expect((await post(GOOD, { headers: bearer(token) })).status).toBe(200);
    expect((await post(GOOD, { headers: { authorization: `Basic ${Buffer.from(`am:${token}`).toString('base64')}` } })).status).toBe(200);
    expect(accepted).toMatchObject([{ clusters }, { clusters }]);
  });

  test('an old token until it is taken away, and not behind that', async () => {
    const one = await door({ bindings });
    expect((await one.post(GOOD, { headers: bearer('prod-old-secret') })).status).toBe(200);
    one.bindings = [{ cluster: 'prod', tokens: ['prod-new-secret'] }];
    expect((await one.post(GOOD, { headers: bearer('prod-old-secret') })).status).toBe(401);
  });

  test('one token for two clusters speaks for both; a cluster without tokens is spoken for from this machine alone', async () => {
    const { post, accepted } = await door({
      bindings: [
        { cluster: 'a', tokens: ['t'] },
        { cluster: 'b', tokens: ['t'] },
        { cluster: 'c', tokens: [] },
      ],
    });
    await post(GOOD, { headers: bearer('t') });
    await post(GOOD);
    expect(accepted).toMatchObject([
      { sender: 'a+b', clusters: ['a', 'b'] },
      { sender: 'loopback', clusters: ['c'] },
    ]);
  });

  test('a stranger is told before its body is read, however large it is', async () => {
    const { port } = await door({ bindings });
    const answer = await raw(port, `POST ${PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 120000000\r\n\r\n{"version"`);
    expect(answer).toMatch(/^HTTP\/1.1 401 /);
  });
});

describe('what is refused', () => {
  test.each(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('%s, with the method that is right', async (method) => {
    const { post } = await door();
    const answer = await post('', { method });
    expect(answer.status).toBe(405);
    expect(answer.headers['allow']).toBe('POST');
  });

  test.each([
    ['a compressed body', { 'content-encoding': 'gzip' }],
    ['text', { 'content-type': 'text/plain' }],
    ['utf-7', { 'content-type': 'application/json; charset=utf-7' }],
    ['utf-16', { 'content-type': 'application/json; charset=utf-16' }],
    ['another kind of JSON', { 'content-type': 'application/json-patch+json' }],
    ['nothing said', { 'content-type': '' }],
    ['two types', { 'content-type': 'application/json, text/plain' }],
  ])('%s', async (_name, headers) => {
    const { post, accepted } = await door();
    expectProblem(await post('content-encoding' in headers ? gzipSync(GOOD) : GOOD, { headers }), 415, 'request.media-type');
    expect(accepted).toEqual([]);
  });

  test.each([
    ['nothing', ''],
    ['null', 'null'],
    ['a list', '[]'],
    ['cut JSON', GOOD.slice(0, -10)],
    ['a hundred thousand lists', '['.repeat(100_000)],
    ['a hundred thousand lists that end', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['lists hidden behind text', `{"a":"\\"[","b":${'['.repeat(9)}${']'.repeat(9)}}`],
    ['a good body with a field that nests deeper than anything that is known', GOOD.replace('{', `{"new":${'['.repeat(8)}${']'.repeat(8)},`)],
    ['a version that is not known', GOOD.replace('"4"', '"5"')],
    ['no version', GOOD.replace('"version":"4",', '')],
    ['a custom payload', '{"text":"KubeNodeNotReady"}'],
    ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
  ])('%s as a body, with words', async (_name, body) => {
    const { post, accepted } = await door();
    const answer = await post(body);
    expectProblem(answer, 400, 'request.invalid');
    expect(accepted).toEqual([]);
  });

  test('an unknown version with what would be right', async () => {
    const { post } = await door();
    expect(detailOf(await post(GOOD.replace('"4"', '"5"')))).toContain('found version "5", expected "4"');
    expect(detailOf(await post('{"text":"x"}'))).toContain('custom `payload:`');
  });

  test.each([[false], [true]])('a body over the limit (chunked: %s), and the next request is fine', async (chunked) => {
    const { post, accepted } = await door({ bodyBytes: 10_000 });
    expectProblem(await post(`{"a":"${'x'.repeat(2_000_000)}"}`, { chunked }), 413, 'request.too-large');
    expect((await post(GOOD)).status).toBe(200);
    expect(accepted).toHaveLength(1);
  });

  test('more alerts than one body may hold', async () => {
    const { post } = await door();
    const answer = await post(JSON.stringify({ version: '4', alerts: Array.from({ length: 20_001 }, () => 1) }));
    expectProblem(answer, 413, 'request.too-large');
    expect(detailOf(answer)).toContain('max_alerts: 500');
  });

  test('headers of more than 16 KiB', async () => {
    const { post } = await door();
    expect((await post(GOOD, { headers: { 'x-long': 'x'.repeat(20_000) } })).status).toBe(431);
  });

  test('nesting of eight levels is fine, a label that holds braces too', async () => {
    const { post } = await door();
    expect((await post(GOOD.replace('{', `{"new":${'['.repeat(7)}${']'.repeat(7)},`))).status).toBe(200);
    expect((await post(sampleBody({ alerts: [bodyAlert({ alertname: '[[[[[[[[[[{{{{{{{{{{\\"' })] }))).status).toBe(200);
  });
});

describe('a store that cannot store', () => {
  test.each([
    ['full', new SalvorError('store.full', 'the inbox holds 50000 secret things'), 'store.full', 'full'],
    ['away', new SalvorError('store.unavailable', 'secret'), 'store.unavailable', 'unavailable'],
    ['broken in a way that nobody knows', new TypeError('secret'), 'store.unavailable', 'unavailable'],
  ])('since it is %s: 503, so that Alertmanager sends it again', async (_name, error, code, outcome) => {
    const { post, seen } = await door({ accept: () => Promise.reject(error) });
    expectProblem(await post(GOOD), 503, code);
    expect(seen).toMatchObject([{ outcome, status: 503 }]);
  });

  test('in time: 503 behind the deadline, and a commit that comes later is harmless', async () => {
    const clock = virtualClock();
    const { promise, resolve: finish } = Promise.withResolvers<void>();
    const one = await door({ clock, accept: () => promise });
    const answer = one.post(GOOD);
    await expect.poll(() => clock.waiting()).toBe(1);
    await clock.pass(4999);
    expect(one.seen).toEqual([]);
    await clock.pass(1);
    expectProblem(await answer, 503, 'store.unavailable');
    finish();
    await expect.poll(() => one.accepted.length).toBe(1);
    expect(clock.waiting()).toBe(0);
  });

  test('since the server is about to end', async () => {
    const { post, accepted } = await door({ draining: () => true });
    expectProblem(await post(GOOD), 503, 'server.draining');
    expect(accepted).toEqual([]);
  });
});

describe('slow clients', () => {
  test('are hung up on, and delay nobody', async () => {
    const one = await door({ limits: { requestMs: 600, headersMs: 400 } });
    const slow = Array.from({ length: 50 }, () =>
      raw(one.port, `POST ${PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`),
    );
    expect((await one.post(GOOD)).status).toBe(200);
    for (const answer of await Promise.all(slow)) expect(answer === '' || answer.startsWith('HTTP/1.1 408')).toBe(true);
    expect((await one.post(GOOD)).status).toBe(200);
    expect(one.accepted).toHaveLength(2);
  });

  test('that leave in the middle of a body are counted, and nothing is stored', async () => {
    const one = await door();
    const socket = connect(one.port, '127.0.0.1');
    socket.write(`POST ${PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"version"`);
    await expect.poll(async () => new Promise((resolve) => one.server.getConnections((_error, count) => resolve(count)))).toBe(1);
    socket.destroy();
    await expect.poll(() => one.seen.map(({ outcome }) => outcome)).toEqual(['gone']);
    expect(one.accepted).toEqual([]);
  });
});

test('no bytes make the endpoint answer 500', async () => {
  const { post } = await door();
  const bodies = [
    '{',
    '"',
    '\\',
    '\u0000',
    '{"version":"4","alerts":[[]]}',
    '{"version":"4","alerts":[{"labels":[]}]}',
    '{"version":"4","alerts":[],"truncatedAlerts":-1,"groupKey":{}}',
    '-0',
    '1e999',
    '"\\ud800"',
    '{"version":{"toString":1},"alerts":1}',
    '\ufeff{}',
  ];
  for (const body of bodies) expect([200, 400]).toContain((await post(body)).status);
});

/** What a socket hears until it is closed. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let heard = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => (heard += chunk));
    socket.on('close', () => resolve(heard));
    socket.on('error', () => resolve(heard));
    socket.write(text);
  });
}
