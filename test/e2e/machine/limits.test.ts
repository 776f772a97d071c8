import { get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { DAILY, openSite, serveApart, untilRun } from '../../contract/serve/site.ts';
import { until } from '../stage/until.ts';

test('without a file descriptor left it takes no connection, goes on with its work, and takes alerts again when there are some', {
  timeout: 120_000,
}, async () => {
  const site = await openSite();
  const serving = await serveApart(site, ['bash', '-c', 'ulimit -n 64; exec "$0" "$@"']);
  await serving.alert(DAILY);
  const run = await untilRun(serving, 'proposed');
  const { hostname, port } = new URL(serving.url);
  const open: Socket[] = [];
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
  });
  for (let at = 0; at < 100; at += 1) open.push(connect(Number(port), hostname).on('error', () => {}));
  await expect(askAnew(Number(port))).rejects.toThrow(/hang up|ECONNRESET|no answer/);
  expect(serving.program.isRunning()).toBe(true);

  for (const socket of open) socket.destroy();
  await until('it answers again', async () => (await askAnew(Number(port))) === 401, { withinMs: 15_000 });
  expect((await serving.alert(DAILY)).status).toBe(200);
  expect([200, 202]).toContain((await serving.post(`/api/v1/runs/${run.id}/approve`, { plan: run.digest })).status);
  await untilRun(serving, 'done');
  expect(site.cluster.retries()).toHaveLength(1);
  expect((await serving.get('/api/v1/audit')).json).toMatchObject({ ok: true });
});

test('standing still for four seconds in the middle of a write, it keeps its run, and writes once', { timeout: 120_000 }, async () => {
  const site = await openSite();
  const serving = await serveApart(site);
  await serving.alert(DAILY);
  const run = await untilRun(serving, 'proposed');
  site.cluster.world.apply({ faults: [{ give: 'slow', verb: 'create', kind: 'Backup', times: 1, delay: '2s' }] });
  await serving.post(`/api/v1/runs/${run.id}/approve`, { plan: run.digest });
  await until('it is about to write', async () => (await serving.get(`/api/v1/runs/${run.id}`)).body.includes('write.intent'));
  serving.program.signal('SIGSTOP');
  const stoppedMs = performance.now();
  await until('four seconds are over', () => performance.now() - stoppedMs > 4000);
  serving.program.signal('SIGCONT');
  await untilRun(serving, 'done');
  expect(site.cluster.retries()).toHaveLength(1);
  const journal = (await serving.get(`/api/v1/runs/${run.id}`)).body;
  expect(journal.split('"write.intent"')).toHaveLength(2);
});

/** The status of an answer over a connection of its own, without a token. */
function askAnew(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, path: '/api/v1/ledger', agent: false, timeout: 3000 }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', reject);
  });
}
