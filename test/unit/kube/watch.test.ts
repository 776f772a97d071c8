import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pauseMs, watchObjects } from '../../../src/kube/watch.ts';
import { SalvorError } from '../../../src/model/error.ts';
import type { KubeObject } from '../../../src/model/object.ts';
import { sleep } from '../../../src/port/clock.ts';
import type { Watched } from '../../../src/port/kube.ts';
import { manualClock } from './manual-clock.ts';

const EXPIRED = readFileSync(new URL('../../fixtures/kube/watch-expired.jsonl', import.meta.url), 'utf8').trim();

const pod = (name: string, resourceVersion: string): KubeObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, resourceVersion } });
const line = (type: string, name: string, version: string): string => JSON.stringify({ type, object: pod(name, version) });
const bookmark = (resourceVersion: string): string =>
  JSON.stringify({ type: 'BOOKMARK', object: { kind: 'Pod', apiVersion: 'v1', metadata: { resourceVersion } } });

/** Lines, a number being so many ms without one; then the server closes, or the connection breaks, or nothing comes any more. */
type Stream = { readonly lines: readonly (string | number)[]; readonly end?: 'silence' | SalvorError };

/** A server whose lists and streams are written down; after the last stream it keeps the connection open in silence. */
function scene({ lists = [], streams }: { readonly lists?: readonly (SalvorError | string)[]; readonly streams: readonly Stream[] }) {
  const clock = manualClock();
  const stop = new AbortController();
  const story: string[] = [];
  const logged: string[] = [];
  let listed = 0;
  let opened = 0;
  const note =
    (level: string) =>
    (name: string, facts: object = {}): void =>
      void logged.push(`${level} ${name} ${'code' in facts ? String(facts.code) : ''}`.trim());
  const log = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };

  const start = (changed: (change: Watched) => unknown = () => undefined): Promise<void> =>
    watchObjects({
      cluster: 'prod',
      query: { apiVersion: 'v1', kind: 'Pod' },
      clock,
      log,
      signal: stop.signal,
      on: {
        synced: (objects) => story.push(`synced ${objects.map((one) => one.metadata.name).join(' ')}`),
        changed: (change) => {
          story.push(`${change.change} ${change.object.metadata.name}`);
          return changed(change);
        },
      },
      source: {
        async list() {
          const answer = lists[listed] ?? '100';
          listed += 1;
          if (answer instanceof Error) throw answer;
          story.push(`list ${answer}`);
          return { objects: [pod('a', '90')], resourceVersion: answer };
        },
        async *lines({ resourceVersion, timeoutSeconds }, signal) {
          story.push(`watch ${resourceVersion}`);
          expect(timeoutSeconds).toBeGreaterThanOrEqual(270);
          expect(timeoutSeconds).toBeLessThan(330);
          const { lines, end } = streams[opened] ?? { lines: [], end: 'silence' };
          opened += 1;
          for (const one of lines) {
            if (typeof one === 'number') await sleep(clock, one, signal);
            else yield one;
          }
          if (end === 'silence') await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true }));
          else if (end) throw end;
        },
      },
    });
  return { clock, story, logged, start, stop };
}

const fail = (): never => {
  throw new Error('boom');
};
const away = new SalvorError('kube.unavailable', 'prod: refuses connections', { retry: 'later' });

test('it lists, tells everything once, and watches from there', async () => {
  const { clock, story, stop, start } = scene({
    streams: [{ lines: [line('ADDED', 'b', '101'), line('MODIFIED', 'b', '102'), line('DELETED', 'b', '103')], end: 'silence' }],
  });
  const done = start();
  await clock.pass(0);
  expect(story).toEqual(['list 100', 'synced a', 'watch 100', 'added b', 'modified b', 'deleted b']);
  stop.abort();
  await done;
});

test('a stream that ends in its time goes on from the last version, a bookmark included', async () => {
  const { clock, story, stop, start } = scene({ streams: [{ lines: [line('ADDED', 'b', '101'), bookmark('150')] }, { lines: [line('ADDED', 'c', '151')] }] });
  const done = start();
  await clock.pass(0);
  expect(story).toEqual(['list 100', 'synced a', 'watch 100', 'added b', 'watch 150', 'added c', 'watch 151']);
  stop.abort();
  await done;
});

test('410 inside a 200 lists again at once', async () => {
  const { clock, story, stop, start } = scene({ lists: ['100', '200'], streams: [{ lines: [EXPIRED] }] });
  const done = start();
  await clock.pass(0);
  expect(story).toEqual(['list 100', 'synced a', 'watch 100', 'list 200', 'synced a', 'watch 200']);
  stop.abort();
  await done;
});

test('a server that answers 410 again and again is asked less and less often', async () => {
  const { clock, story, stop, start } = scene({ streams: Array.from({ length: 50 }, () => ({ lines: [EXPIRED] })) });
  const done = start();
  await clock.pass(60_000);
  expect(story.filter((one) => one.startsWith('list')).length).toBeLessThan(10);
  stop.abort();
  await done;
});

test('a dropped connection goes on from the last version after a pause that grows, and the pause is forgotten when one has lasted', async () => {
  const broken = { lines: [], end: away };
  const dropped = { lines: [line('ADDED', 'b', '101')], end: away };
  const lasting = { lines: [line('ADDED', 'b', '101'), 6000], end: away };
  const { clock, story, stop, start, logged } = scene({ streams: [dropped, broken, broken, lasting] });
  const done = start();
  await clock.pass(0);
  expect(story.at(-1)).toBe('added b');
  const [first = 0] = clock.waiting();
  expect(first).toBeGreaterThanOrEqual(750);
  expect(first).toBeLessThanOrEqual(1000);
  await clock.pass(first);
  const [second = 0] = clock.waiting();
  expect(second).toBeGreaterThanOrEqual(1500);
  await clock.pass(second);
  const [third = 0] = clock.waiting();
  expect(third).toBeGreaterThanOrEqual(3000);
  await clock.pass(third + 6000);
  expect(clock.waiting()[0]).toBe(first);
  expect(story.filter((one) => one.startsWith('list'))).toHaveLength(1);
  expect(story.filter((one) => one === 'watch 101')).toHaveLength(3);
  expect(logged).toEqual(['warn', 'debug', 'debug', 'warn'].map((level) => `${level} kube.watch-interrupted kube.unavailable`));
  stop.abort();
  await done;
});

test('silence ends the request, and the next one goes on from the last version', async () => {
  const { clock, story, stop, start } = scene({ streams: [{ lines: [line('ADDED', 'b', '101')], end: 'silence' }, { lines: [line('ADDED', 'c', '102')] }] });
  const done = start();
  await clock.pass(149_000);
  expect(story.at(-1)).toBe('added b');
  await clock.pass(2_000);
  expect(story.slice(-3)).toEqual(['watch 101', 'added c', 'watch 102']);
  stop.abort();
  await done;
});

test('a whole request in silence lists again: a store that was put back to an earlier state says nothing about a later version', async () => {
  const { clock, story, stop, start } = scene({ lists: ['100', '40'], streams: [{ lines: [], end: 'silence' }, { lines: [line('ADDED', 'c', '41')] }] });
  const done = start();
  await clock.pass(151_000);
  expect(story).toEqual(['list 100', 'synced a', 'watch 100', 'list 40', 'synced a', 'watch 40', 'added c', 'watch 41']);
  stop.abort();
  await done;
});

test.each([
  { asks: 20_000, waits: 20_000 },
  { asks: 3_600_000, waits: 60_000 },
])('a server that asks for $asks ms is left alone for $waits', async ({ asks, waits }) => {
  const busy = new SalvorError('kube.too-many-requests', 'prod: Too many requests', { retry: 'later', retryAfterMs: asks });
  const { clock, story, stop, start } = scene({ streams: [{ lines: [], end: busy }] });
  const done = start();
  await clock.pass(waits - 1);
  expect(story.filter((one) => one.startsWith('watch'))).toHaveLength(1);
  await clock.pass(1);
  expect(story.filter((one) => one.startsWith('watch'))).toHaveLength(2);
  stop.abort();
  await done;
});

test('bookmarks break the silence', async () => {
  const { clock, story, stop, start } = scene({ streams: [{ lines: [100_000, bookmark('150'), 100_000, bookmark('160')], end: 'silence' }] });
  const done = start();
  await clock.pass(300_000);
  expect(story.filter((one) => one.startsWith('watch'))).toEqual(['watch 100']);
  await clock.pass(100_000);
  expect(story.at(-1)).toBe('watch 160');
  stop.abort();
  await done;
});

test('a server that ends every stream at once is not asked in a hot loop', async () => {
  const { clock, story, stop, start } = scene({ streams: Array.from({ length: 500 }, () => ({ lines: [] })) });
  const done = start();
  await clock.pass(60_000);
  expect(story.filter((one) => one.startsWith('watch')).length).toBeLessThan(10);
  stop.abort();
  await done;
});

test('a server that ends every stream behind its first line is not asked in a hot loop either', async () => {
  const { clock, story, stop, start } = scene({ streams: Array.from({ length: 500 }, () => ({ lines: [bookmark('150')] })) });
  const done = start();
  await clock.pass(60_000);
  expect(story.filter((one) => one.startsWith('watch')).length).toBeLessThan(12);
  stop.abort();
  await done;
});

test('a list that fails is tried until it works: the cluster, or the kind, appears later', async () => {
  const missing = new SalvorError('kube.not-found', 'prod: does not serve velero.io/v1 Backup');
  const { clock, story, stop, start, logged } = scene({ lists: [away, missing, missing, '100'], streams: [] });
  const done = start();
  await clock.pass(8_000);
  expect(story).toEqual(['list 100', 'synced a', 'watch 100']);
  expect(logged.filter((one) => one.startsWith('warn'))).toHaveLength(1);
  stop.abort();
  await done;
});

test.each([
  { how: 'throws', callback: (): unknown => fail() },
  { how: 'rejects', callback: (): unknown => Promise.reject(new Error('boom')) },
])('a callback that $how is logged, and the watch goes on', async ({ callback }) => {
  const { clock, story, stop, start, logged } = scene({ streams: [{ lines: [line('ADDED', 'b', '101'), line('ADDED', 'c', '102')], end: 'silence' }] });
  const done = start(callback);
  await clock.pass(0);
  expect(story.slice(-2)).toEqual(['added b', 'added c']);
  expect(logged).toEqual(['error kube.watch-callback-failed', 'error kube.watch-callback-failed']);
  stop.abort();
  await done;
});

test('an unreadable object is skipped, an unreadable line reconnects', async () => {
  const odd = JSON.stringify({ type: 'ADDED', object: { kind: 'Pod', metadata: { resourceVersion: '101' } } });
  const { clock, story, stop, start, logged } = scene({ streams: [{ lines: [odd, '{"type":"ADD'] }, { lines: [line('ADDED', 'c', '102')] }] });
  const done = start();
  await clock.pass(1_000);
  expect(story.slice(2)).toEqual(['watch 100', 'watch 101', 'added c', 'watch 102']);
  expect(logged).toContain('warn kube.watch-object-unreadable');
  stop.abort();
  await done;
});

test('aborting ends it at once, also in a pause', async () => {
  const { clock, stop, start } = scene({ lists: [away], streams: [] });
  const done = start();
  await clock.pass(0);
  expect(clock.waiting()).toHaveLength(1);
  stop.abort();
  await done;
});

test('nothing is told after the abort, also not what had arrived with the line before', async () => {
  const { clock, story, stop, start } = scene({ streams: [{ lines: [line('ADDED', 'b', '101'), line('ADDED', 'c', '102')], end: 'silence' }] });
  const done = start(() => stop.abort());
  await clock.pass(0);
  await done;
  expect(story.at(-1)).toBe('added b');
});

test('pauses double up to half a minute, and two watches pause differently', () => {
  const pauses = [1, 2, 3, 4, 5, 6, 20].map((failures) => pauseMs(failures, 'prod/Pod'));
  for (const [at, whole] of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000].entries()) {
    expect(pauses[at]).toBeLessThanOrEqual(whole);
    expect(pauses[at]).toBeGreaterThanOrEqual(whole * 0.75);
  }
  expect(pauseMs(6, 'prod/Pod')).not.toBe(pauseMs(6, 'prod/Node'));
});
