import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCommands } from '../../../src/command/create-commands.ts';
import { type Endpoint } from '../../../src/http/api/endpoint.ts';
import { apiEndpoints } from '../../../src/http/api/router.ts';
import { SalvorError } from '../../../src/model/error.ts';
import { shortId } from '../../../src/model/identity.ts';
import type { JsonObject } from '../../../src/model/json.ts';
import { openIncident, openSite, policy, proposedRun, putIncident, putRun, type Site } from './site.ts';

let site: Site;
let closed: Site;
let endpoints: readonly Endpoint[];
const changed: string[] = [];

beforeAll(async () => {
  site = await openSite({ pressWaitMs: 0 });
  closed = await openSite({ pressWaitMs: 0, policy: { ...policy, rights: { ...policy.rights, read: ['platform'] } } });
  endpoints = apiEndpoints({ commands: createCommands(site.deps), clock: site.deps.clock, version: 'test' });
  for (const one of [site, closed]) {
    await putRun(one.store, proposedRun());
    await putIncident(one.store, openIncident());
    one.store.onChange(() => changed.push('changed'));
  }
});
afterAll(async () => {
  await site.close();
  await closed.close();
});

type Sent = { readonly status: number; readonly headers: { readonly [name: string]: string | string[] | undefined }; readonly body: JsonObject };

/** Not fetch: it does not send a Host of our choice. */
function send(
  url: string,
  of: { readonly method: string; readonly path: string; readonly headers?: Record<string, string>; readonly body?: string },
): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const asked = request(new URL(of.path, url), { method: of.method, headers: of.headers ?? {} }, (res) => {
      let text = '';
      res.setEncoding('utf8');
      res.on('data', (chunk: string) => {
        text += chunk;
        if (String(res.headers['content-type']).startsWith('text/event-stream')) res.destroy();
      });
      res.on('close', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body: text.startsWith('{') ? (JSON.parse(text) as JsonObject) : {} }));
    });
    asked.on('error', reject);
    // Node frames no body of a DELETE by itself.
    asked.end(of.method === 'DELETE' ? undefined : of.body);
  });
}

const fill = (path: string): string =>
  path
    .replace('{id}', shortId(path.includes('incidents') ? openIncident().id : path.includes('playbooks') ? 'node-isolate' : proposedRun().id))
    .replace('{ask}', 'confirm')
    .replace('{param}', 'node');
const named = (): readonly (readonly [string, Endpoint])[] => endpoints.map((one) => [`${one.method.toUpperCase()} ${one.path}`, one]);

describe('every endpoint', () => {
  test('that changes something refuses who is nobody, before it reads the body', async () => {
    const writing = named().filter(([, one]) => one.access === 'person');
    expect(writing.length).toBeGreaterThan(10);
    const before = changed.length;
    for (const [name, one] of writing) {
      for (const headers of [{}, { authorization: 'Bearer wrong' }, { authorization: 'Basic YW5hOng=' }, { authorization: 'token-of-ana' }]) {
        const answer = await send(site.url, {
          method: one.method.toUpperCase(),
          path: fill(one.path),
          headers: { ...headers, 'content-type': 'application/json' },
          body: '{ not json',
        });
        expect([name, answer.status, answer.body['code']]).toEqual([name, 401, 'request.unauthorized']);
        expect(answer.headers['www-authenticate']).toContain('Bearer');
      }
    }
    expect(changed.length).toBe(before);
  });

  test('that changes something refuses a person without the right', async () => {
    const before = changed.length;
    for (const [name, one] of named().filter(([, { access }]) => access === 'person')) {
      // A note is everybody's who may read; who answers is a matter of the question's role.
      // What is taken back is one's own: who has not approved changes nothing.
      if (['/notes', '/answers/{ask}', '/withdraw'].some((end) => one.path.endsWith(end))) continue;
      const answer = await send(site.url, {
        method: one.method.toUpperCase(),
        path: fill(one.path),
        headers: { authorization: 'Bearer token-of-cleo', 'content-type': 'application/json' },
        body: JSON.stringify(bodyFor(one)),
      });
      expect([name, answer.status]).toEqual([name, 403]);
    }
    expect(changed.length).toBe(before);
  });

  test('that shows something needs a token where not everybody may read', async () => {
    for (const [name, one] of named().filter(([, { access }]) => access === 'read')) {
      const [method, path] = [one.method.toUpperCase(), fill(one.path)];
      expect([name, (await send(closed.url, { method, path })).status]).toEqual([name, 401]);
      expect([name, (await send(closed.url, { method, path, headers: { authorization: 'Bearer token-of-cleo' } })).status]).toEqual([name, 403]);
    }
  });

  test('that shows something answers this machine alone without a token, not a proxy and not a foreign name', async () => {
    for (const [name, one] of named().filter(([, { access, method }]) => access === 'read' && method === 'get')) {
      const ask = (headers: Record<string, string>): Promise<Sent> => send(site.url, { method: 'GET', path: fill(one.path), headers });
      expect([name, (await ask({})).status]).toEqual([name, 200]);
      for (const headers of [{ host: 'evil.example.com' }, { 'x-forwarded-for': '10.0.0.1' }, { forwarded: 'for=10.0.0.1' }, { authorization: 'Bearer wrong' }])
        expect([name, (await ask(headers)).status]).toEqual([name, 401]);
      expect([name, (await ask({ host: 'salvor.example.com', authorization: 'Bearer token-of-cleo' })).status]).toEqual([name, 200]);
    }
  });

  test('answers no other method, says which it has, and never who made the server', async () => {
    for (const [name, one] of named()) {
      const answer = await send(site.url, { method: 'PUT', path: fill(one.path) });
      expect([name, answer.status, answer.body['code']]).toEqual([name, 405, 'request.method']);
      expect(answer.headers['allow']).toContain(one.method.toUpperCase());
      expect(answer.headers['x-powered-by'] ?? '').toBe(one.path.startsWith('/api') ? '' : answer.headers['x-powered-by']);
      if (one.method === 'get') expect([name, (await send(site.url, { method: 'HEAD', path: fill(one.path) })).status]).toEqual([name, 200]);
    }
    expect((await send(site.url, { method: 'OPTIONS', path: '/api/v1/pause' })).headers['allow']).toBe('GET, HEAD, POST, DELETE, OPTIONS');
  });

  test('refuses unknown fields of its query by name', async () => {
    for (const [name, one] of named().filter(([, { access }]) => access === 'read')) {
      const answer = await send(site.url, { method: one.method.toUpperCase(), path: `${fill(one.path)}?colour=blue` });
      expect([name, answer.status, answer.body['code']]).toEqual([name, 400, 'request.invalid']);
      expect(answer.body['detail']).toContain('colour');
    }
  });
});

describe('bodies', () => {
  const approve = (): string => fill('/api/v1/runs/{id}/approve');
  const headers = { authorization: 'Bearer token-of-ana', 'content-type': 'application/json' };

  test.each([
    ['no JSON', 400, 'request.invalid', { body: '{' }],
    ['a wrong field', 400, 'request.invalid', { body: '{"plan":"d1d1d1d1","colour":"blue"}' }],
    ['a missing field', 400, 'request.invalid', { body: '{}' }],
    ['a field of another type', 400, 'request.invalid', { body: '{"plan":["d1d1d1d1"]}' }],
    ['more than 256 KiB', 413, 'request.too-large', { body: JSON.stringify({ plan: 'x'.repeat(300_000) }) }],
    ['another media type', 415, 'request.media-type', { body: '{}', headers: { ...headers, 'content-type': 'text/plain' } }],
    ['an unknown encoding', 415, 'request.media-type', { body: '{}', headers: { ...headers, 'content-encoding': 'snappy' } }],
  ] as const)('%s is a problem', async (_, status, code, sent) => {
    const answer = await send(site.url, { method: 'POST', path: approve(), headers, ...sent });
    expect([answer.status, answer.body['code']]).toEqual([status, code]);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.headers['cache-control']).toBe('no-store');
    for (const name of ['type', 'title', 'detail', 'next']) expect(answer.body[name]).toEqual(expect.stringMatching(/./));
  });

  test('a name that every object has is no parameter and no run', async () => {
    for (const path of ['/api/v1/runs/__proto__', '/api/v1/runs/constructor', '/api/v1/playbooks/__proto__', '/api/v1/nothing', '/api/v1/runs/%ff']) {
      const answer = await send(site.url, { method: 'GET', path });
      expect([path, answer.status >= 400 && answer.status < 500]).toEqual([path, true]);
    }
    const body = '{"params":{"__proto__":{"node":"w1"},"constructor":"x"},"reason":"test"}';
    expect((await send(site.url, { method: 'POST', path: '/api/v1/playbooks/node-isolate/runs', headers, body })).status).toBe(400);
  });

  test('a fault of our own says nothing about our inside', async () => {
    const broken = await openSite({ deps: { explain: () => Promise.reject(new Error('password is hunter2')) } });
    const answer = await broken.post('/api/v1/explain', {});
    expect([answer.status, answer.body['code']]).toEqual([500, 'internal']);
    expect(JSON.stringify(answer.body)).not.toContain('hunter2');
    await broken.close();
    const full = await openSite({ deps: { explain: () => Promise.reject(new SalvorError('store.full', 'no room', { retryAfterMs: 7200 })) } });
    const busy = await full.post('/api/v1/explain', {});
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([503, '8']);
    await full.close();
  });
});

function bodyFor({ path }: Endpoint): JsonObject {
  if (path.endsWith('/approve')) return { plan: 'd1'.repeat(32) };
  if (path.endsWith('/severity')) return { severity: 'SEV1' };
  if (path.endsWith('/lead')) return { lead: 'ben' };
  if (path.endsWith('/role')) return { role: 'communications', person: 'ben' };
  if (path.endsWith('/updates')) return { text: 'half of it is back' };
  if (path.endsWith('/backup')) return { file: '/tmp/never' };
  if (path.endsWith('/cancel') || path.endsWith('/acknowledge')) return {};
  if (path.endsWith('/settle')) return { step: 'cordon', as: 'done' };
  if (path.endsWith('/freezes')) return { name: 'x', reason: 'because', until: '2h' };
  return { reason: 'because' };
}
