import { afterEach, describe, expect, test } from 'vitest';
import { openClient } from '../../../src/cli/client.ts';
import { virtualClock } from '../../../src/world/clock.ts';
import { type FixedServer, fixedServer, json } from './fixed-server.ts';
import { say } from './terminal.ts';

let server: FixedServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const LEDGER = { accepted: 3, handled: 2, pending: 1, quarantined: 0 };

describe('a command that asks a server', () => {
  test('sends the token and says that it is the command line', async () => {
    server = await fixedServer((_request, response) => json(response, LEDGER));
    const { out, code } = await say(['ledger'], { url: server.url, person: 'ana' });
    expect([out.split('\n')[0], code]).toEqual(['3 alerts accepted, every one accounted for: 1 waits', 0]);
    expect(server.asked).toMatchObject([{ path: '/api/v1/ledger', headers: { authorization: 'Bearer token-of-ana', 'x-salvor-surface': 'cli' } }]);
  });

  test('takes --url over SALVOR_URL, with a path in front where a proxy has one, and without a scheme too', async () => {
    server = await fixedServer((_request, response) => json(response, LEDGER));
    await say(['ledger', '--url', `${server.url}/dr/`], { url: 'http://127.0.0.1:9' });
    await say(['ledger', '--url', server.url.replace('http://', '')]);
    expect(server.asked.map(({ path }) => path)).toEqual(['/dr/api/v1/ledger', '/api/v1/ledger']);
  });

  test('an account that does not add up is a no', async () => {
    server = await fixedServer((_request, response) => json(response, { ...LEDGER, handled: 1 }));
    expect(await say(['ledger'], { url: server.url })).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^The account does not add up: 3 accepted, 2 accounted for\n/),
    });
    expect((await say(['ledger', '--json'], { url: server.url })).code).toBe(1);
  });

  test('where nobody listens: 3, and how to check', async () => {
    const gone = await fixedServer(() => undefined);
    await gone.close();
    const { code, out, err } = await say(['runs'], { url: gone.url });
    expect({ code, out }).toEqual({ code: 3, out: '' });
    expect(err).toBe(
      `Cannot reach Salvor at ${gone.url}: it refuses connections\nDoes it run there? curl ${gone.url}/openapi.json shows it. Another place is named by --url or SALVOR_URL; salvor serve starts one.\n`,
    );
  });

  test('waits half a minute for an answer, and no longer', async () => {
    server = await fixedServer(() => undefined);
    const clock = virtualClock();
    const said = say(['runs'], { url: server.url, clock });
    await expect.poll(() => server?.asked.length).toBe(1);
    await clock.pass(31_000);
    expect(await said).toMatchObject({ code: 3, err: expect.stringContaining('no answer within 30 s') });
  });

  test('follows no redirect, and so gives the token to nobody', async () => {
    const thief = await fixedServer((_request, response) => json(response, LEDGER));
    server = await fixedServer((_request, response) => void response.writeHead(302, { location: `${thief.url}/api/v1/ledger` }).end());
    const { code, err } = await say(['ledger'], { url: server.url, person: 'ana' });
    expect(code).toBe(3);
    expect(err).toContain(`a redirect to ${thief.url}/api/v1/ledger`);
    expect(thief.asked).toEqual([]);
    await thief.close();
  });

  test('tells another program, and another version, from Salvor', async () => {
    server = await fixedServer((_request, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome</h1>'));
    expect(await say(['ledger'], { url: server.url })).toMatchObject({ code: 3, err: expect.stringContaining("is not Salvor's API: 200 and text/html") });
    await server.close();
    server = await fixedServer((_request, response) => json(response, { accepted: 'many' }));
    expect(await say(['ledger'], { url: server.url })).toMatchObject({ code: 3, err: expect.stringContaining('accepted is not as expected') });
  });

  test('a server that is stopping, or whose cluster is away, was not reached', async () => {
    for (const code of ['server.draining', 'kube.unavailable']) {
      server = await fixedServer((_request, response) => json(response, { status: 503, code, detail: 'not now', next: 'Wait a little.' }, 503));
      expect(await say(['runs'], { url: server.url })).toMatchObject({ code: 3, err: 'not now\nWait a little.\n' });
      await server.close();
    }
  });
});

describe('the token', () => {
  test('is not sent to another machine without TLS unless told so, and is never printed', async () => {
    const { code, err, out } = await say(['runs', '--url', 'http://192.0.2.1:8080'], { person: 'ana' });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('--insecure');
    expect(err).not.toContain('token-of-ana');
    const open = (options: { url: string; insecure?: boolean }, token: string) =>
      openClient(options, { environment: { SALVOR_TOKEN: token }, clock: virtualClock() });
    expect(open({ url: 'http://192.0.2.1:8080', insecure: true }, 'x')).toHaveProperty('url', 'http://192.0.2.1:8080');
    expect(open({ url: 'https://salvor.example.com/' }, 'x')).toHaveProperty('url', 'https://salvor.example.com');
    for (const url of ['http://localhost:1', 'http://127.0.0.2:1', 'http://[::1]:1']) expect(open({ url }, 'x'), url).toHaveProperty('url', url);
    expect(open({ url: 'http://127.0.0.1.example.com' }, 'x')).toMatchObject({ kind: 'failed', exitCode: 2 });
    expect(open({ url: 'http://127.0.0.1:1' }, 'two words')).toMatchObject({ kind: 'failed', exitCode: 2, text: expect.not.stringContaining('two words') });
  });

  test('does not belong into the address', async () => {
    const { code, err } = await say(['runs', '--url', 'https://ana:hunter2@salvor.example.com']);
    expect(code).toBe(2);
    expect(err).not.toContain('hunter2');
    expect((await say(['runs', '--url', 'ftp://salvor.example.com'])).code).toBe(2);
    expect((await say(['runs', '--url', 'http://'])).code).toBe(2);
  });
});

describe('colours', () => {
  test('are only used where they are wanted', async () => {
    server = await fixedServer((_request, response) => json(response, { items: [] }));
    expect((await say(['locks'], { url: server.url })).out).not.toContain('\u001b');
    await server.close();
    server = await fixedServer((_request, response) => json(response, { ok: true, problems: [] }));
    expect((await say(['store', 'check'], { url: server.url, colour: true })).out).toContain('\u001b[32mok: the store is sound\u001b[0m');
  });
});
