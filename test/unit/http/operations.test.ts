import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type OperationsDeps, operationsServer } from '../../../src/http/operations.ts';
import { systemIds } from '../../../src/port/ids.ts';
import { silentLog } from '../../../src/port/log.ts';
import type { Store } from '../../../src/port/store.ts';
import { oracleStore } from '../../../src/store/oracle.ts';
import { type VirtualClock, virtualClock } from '../../../src/world/clock.ts';

let clock: VirtualClock;
let store: Store;
let server: Server;
let draining = false;

async function open(change: Partial<OperationsDeps> = {}): Promise<void> {
  const metrics = async () => ({ contentType: 'text/plain; version=0.0.4', text: 'salvor_fenced_total 0\n' });
  server = createServer(operationsServer({ store, clock, log: silentLog, nextId: () => systemIds.next(), draining: () => draining, metrics, ...change }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}

beforeEach(async () => {
  draining = false;
  clock = virtualClock();
  store = oracleStore({ clock });
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function ask(path: string, method = 'GET'): Promise<readonly [number, string]> {
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { method });
  return [response.status, await response.text()];
}

test('is live and ready while the store takes commits, and tells the metrics', async () => {
  await open();
  expect(await ask('/livez')).toEqual([200, 'ok\n']);
  expect(await ask('/readyz?verbose')).toEqual([200, 'ok\n']);
  expect(await ask('/metrics')).toEqual([200, 'salvor_fenced_total 0\n']);
  expect(await ask('/livez', 'HEAD')).toEqual([200, '']);
});

test('stays live, and is not ready, when it drains or the store is gone', async () => {
  await open();
  draining = true;
  expect(await ask('/readyz')).toEqual([503, 'draining\n']);
  draining = false;
  await store.close();
  expect(await ask('/readyz')).toEqual([503, 'store: store.unavailable\n']);
  expect((await ask('/livez'))[0]).toBe(200);
});

test('is not ready when the store gives no answer in time', async () => {
  await open({ store: { commit: () => new Promise(() => {}) } });
  const answer = ask('/readyz');
  await expect.poll(() => clock.waiting()).toBe(1);
  await clock.pass(2000);
  expect(await answer).toEqual([503, 'store: no answer in time\n']);
});

test('has nothing else: no other path, no other method, and a fault of the metrics is no crash', async () => {
  await open({ metrics: () => Promise.reject(new Error('broken')) });
  expect((await ask('/api/v1/ledger'))[0]).toBe(404);
  expect((await ask('/livez', 'POST'))[0]).toBe(405);
  expect((await ask('/metrics'))[0]).toBe(500);
  expect((await ask('/livez'))[0]).toBe(200);
});
