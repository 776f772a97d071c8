import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { until } from '../../e2e/stage/until.ts';
import { DAILY, openSite, refusedHere, serveApart, serveHere, startServe, untilRun } from './site.ts';

test('it is ready as soon as it listens, and SIGTERM drains it and ends it with 0', { timeout: 60_000 }, async () => {
  const site = await openSite();
  const serving = await serveApart(site);
  expect(await serving.operations('/readyz')).toMatchObject({ status: 200, body: 'ok\n' });
  expect(await serving.operations('/livez')).toMatchObject({ status: 200 });
  expect((await serving.operations('/metrics')).body).toMatch(/^salvor_build_info\{version="[^"]+"\} 1$/m);
  // What Prometheus reads is on a port of its own.
  expect((await serving.get('/metrics')).status).toBe(404);

  expect(await serving.alert(DAILY)).toMatchObject({ status: 200, json: { accepted: 1, quarantined: 0 } });
  serving.program.signal('SIGTERM');
  expect(await serving.program.ended).toEqual({ code: 0, signal: null });
  const names = serving.log().map((line) => (JSON.parse(line) as { readonly name: string }).name);
  expect(names).toContain('serve.draining');
  expect(serving.log().at(-1)).toContain('"drained":true');

  // What it had accepted is there for the next start.
  const again = await serveHere(site);
  await untilRun(again, 'proposed');
  expect((await again.get('/api/v1/ledger')).json).toEqual({ accepted: 1, handled: 1, pending: 0, quarantined: 0 });
  expect(await again.stop()).toBe(0);
});

test('a connection that a browser opened ahead, and never used, holds up no stop', { timeout: 60_000 }, async () => {
  const serving = await serveHere(await openSite());
  const { hostname, port } = new URL(serving.url);
  const ahead = connect(Number(port), hostname);
  await once(ahead, 'connect');
  const startedMs = performance.now();
  expect(await serving.stop()).toBe(0);
  // Otherwise it waits for as long as headers may take: 10 s and more.
  expect(performance.now() - startedMs).toBeLessThan(8000);
  ahead.destroy();
});

test('a second one on the same folder is told who has it and what to do, and ends with 2', { timeout: 60_000 }, async () => {
  const site = await openSite();
  const first = await serveHere(site);
  const second = startServe(site, site.file);
  expect(await second.ended).toEqual({ code: 2, signal: null });
  expect(second.log()).toMatch(/Not started: .*another/i);
  expect(second.log()).toContain('data');
  expect(second.log()).not.toMatch(/\bat .*\.ts:\d+/);
  // The first one has noticed nothing.
  expect(await first.alert(DAILY)).toMatchObject({ status: 200 });
});

test('a broken configuration ends it with 2, and names the line and the nearest name', { timeout: 60_000 }, async () => {
  const site = await openSite();
  const file = site.write('broken.yaml', site.text.replace('people:', 'peopel:'));
  const program = startServe(site, file);
  expect(await program.ended).toEqual({ code: 2, signal: null });
  expect(program.log()).toMatch(/broken\.yaml:8:1: peopel: unknown setting\. Did you mean people\?/);
});

test.each([
  ['a secret that cannot be read', (text: string) => text.replace('./ana.token', './nobody.token'), /salvor\.yaml:9:\d+: people.*token.*nobody\.token/],
  [
    'a Redis that nobody answers for',
    (text: string) => text.replace('{ kind: embedded, path: ./data }', '{ kind: redis, url: redis://127.0.0.1:1 }'),
    /Not started: Redis at 127\.0\.0\.1:1 gives no answer \(connect ECONNREFUSED/,
  ],
  ['a word where a time belongs', (text: string) => text.replace('after: 0m', 'after: soon'), /salvor\.yaml:14:\d+: ladders\.default.*after: .*soon/],
  ['no YAML at all', () => 'clusters: [', /salvor\.yaml:\d+:\d+: /],
])('with %s it does not start, and says where', { timeout: 60_000 }, async (_, change, told) => {
  const site = await openSite();
  site.write('salvor.yaml', change(site.text));
  const { code, said } = await refusedHere(site.file);
  expect(code).toBe(2);
  expect(said).toMatch(told);
});

test('with a broken playbook it does not start, and names its line', { timeout: 60_000 }, async () => {
  const site = await openSite();
  site.write('playbooks/own.yaml', 'summary: Ours\ntraget: { from: run.cluster }\n');
  const { code, said } = await refusedHere(site.file);
  expect(code).toBe(2);
  expect(said).toMatch(/playbooks\/own\.yaml:2:1: traget: unknown field\. Did you mean target\?/);
});

test('a file that is not there is named', { timeout: 60_000 }, async () => {
  expect(await refusedHere('/nowhere/salvor.yaml')).toEqual({ code: 2, said: expect.stringContaining('/nowhere/salvor.yaml') });
});

test('a cluster that is away holds up neither the start nor what comes in', { timeout: 60_000 }, async () => {
  const site = await openSite();
  const away = site.write(
    'away.kubeconfig',
    'apiVersion: v1\nkind: Config\nclusters: [{ name: a, cluster: { server: "http://127.0.0.1:1" } }]\nusers: [{ name: a, user: { token: x } }]\ncontexts: [{ name: a, context: { cluster: a, user: a } }]\ncurrent-context: a\n',
  );
  site.write('salvor.yaml', site.text.replace(JSON.stringify(site.cluster.kubeconfigFile), JSON.stringify(away)));
  const serving = await serveHere(site);
  expect(await serving.operations('/readyz')).toMatchObject({ status: 200 });
  expect(await serving.alert(DAILY)).toMatchObject({ status: 200 });
  await until('it is handled', async () => (await serving.get('/api/v1/ledger')).json['handled'] === 1);
});
