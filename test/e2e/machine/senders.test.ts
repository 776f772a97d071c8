import { expect, test } from 'vitest';
import { openSite } from '../../contract/serve/site.ts';
import { until } from '../stage/until.ts';
import { bodyOf, head, openFlooded } from './flood.ts';

const MIB = 1024 * 1024;
/** Alertmanager's shortest patience, for machines that are busy with other things too; on a quiet one it is some ms. */
const QUICK_MS = 10_000;

test('2,000 idle connections, 300 senders that drip and 300 that break off: a good sender hears its 200, and nothing of them stays', {
  timeout: 120_000,
}, async () => {
  const { serving, open, goodMs, peakMb, descriptors, untilHandled } = await openFlooded(await openSite());
  await goodMs();
  const before = descriptors();
  const idle = await Promise.all(Array.from({ length: 2000 }, open));
  const dripping = await Promise.all(Array.from({ length: 300 }, open));
  for (const [at, socket] of dripping.entries()) socket.write(at % 2 === 0 ? head(5 * MIB) + '{"version"' : 'POST /api/v1/alertmanager HTTP/1.1\r\nHost:');
  const drip = setInterval(() => {
    for (const socket of dripping) socket.write('x');
  }, 200);

  const tookMs: number[] = [];
  for (let turn = 0; turn < 30; turn += 1) {
    const leaving = await Promise.all(Array.from({ length: 10 }, open));
    for (const socket of leaving) {
      socket.write(head(1000) + '{"version":"4"');
      socket.resetAndDestroy();
    }
    tookMs.push(await goodMs());
  }
  clearInterval(drip);
  expect(Math.max(...tookMs)).toBeLessThan(QUICK_MS);
  expect(peakMb()).toBeLessThan(512);
  for (const socket of [...idle, ...dripping]) socket.destroy();
  await until('their descriptors are free again', () => descriptors() <= before + 5);
  expect(await untilHandled(31)).toMatchObject({ accepted: 31, quarantined: 0 });
  expect(serving.program.isRunning()).toBe(true);
});

test('who is too slow is hung up on: headers behind 10 s, bodies behind 30 s', { timeout: 120_000 }, async () => {
  const { open } = await openFlooded(await openSite());
  const lifeMs = async (first: string): Promise<number> => {
    const socket = await open();
    const startedMs = performance.now();
    socket.write(first);
    const drip = setInterval(() => void socket.write('x'), 500);
    await new Promise<void>((resolve) => socket.once('close', () => resolve()));
    clearInterval(drip);
    return performance.now() - startedMs;
  };
  const [headers, body] = await Promise.all([lifeMs('POST /api/v1/alertmanager HTTP/1.1\r\nX-Slow:'), lifeMs(head(5 * MIB))]);
  expect(headers).toBeGreaterThan(9000);
  expect(headers).toBeLessThan(25_000);
  expect(body).toBeGreaterThan(29_000);
  expect(body).toBeLessThan(50_000);
});

test('bodies of 5 MB, twelve at once, are stored or told to come again; a good sender hears its 200, and memory has a bound', {
  timeout: 120_000,
}, async () => {
  const { answersTo, goodMs, peakMb, untilHandled } = await openFlooded(await openSite());
  const body = bodyOf(['large'], 'x'.repeat(5 * MIB));
  let over = false;
  const large = Promise.all(Array.from({ length: 12 }, () => answersTo(head(Buffer.byteLength(body)) + body, 1)));
  const good: Promise<number>[] = [];
  void large.then(() => (over = true));
  while (!over) {
    good.push(goodMs());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const statuses = (await large).flat();
  expect(statuses).toHaveLength(12);
  expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
  const stored = statuses.filter((status) => status === 200).length;
  expect(stored).toBeGreaterThan(0);
  expect(Math.max(...(await Promise.all(good)))).toBeLessThan(QUICK_MS);
  await untilHandled(stored + good.length);
  // 420 to 550 here, by how quickly they come.
  expect(peakMb()).toBeLessThan(768);
});

test('a group of 10,000 alerts in one body is stored whole, and folded', { timeout: 120_000 }, async () => {
  const { answersTo, goodMs, peakMb, untilHandled } = await openFlooded(await openSite());
  const body = bodyOf(Array.from({ length: 10_000 }, (_, at) => `m${at}`));
  const [[status], tookMs] = await Promise.all([answersTo(head(Buffer.byteLength(body)) + body, 1), goodMs()]);
  expect(status).toBe(200);
  expect(tookMs).toBeLessThan(QUICK_MS);
  expect(await untilHandled(10_001)).toMatchObject({ accepted: 10_001, quarantined: 0 });
  expect(peakMb()).toBeLessThan(512);
});

test('500 webhooks written at once over one connection are answered one by one, and a stranger among them is told so', { timeout: 120_000 }, async () => {
  const { answersTo, untilHandled } = await openFlooded(await openSite());
  const bodies = Array.from({ length: 500 }, (_, at) => bodyOf([`p${at}`]));
  const stranger = `POST /api/v1/alertmanager HTTP/1.1\r\nHost: salvor\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`;
  const texts = bodies.map((body) => head(Buffer.byteLength(body)) + body);
  const statuses = await answersTo([...texts, stranger].join(''), 501);
  expect(statuses).toEqual([...bodies.map(() => 200), 401]);
  expect(await untilHandled(500)).toMatchObject({ accepted: 500 });
});
