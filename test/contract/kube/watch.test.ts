import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import type { ClusterOptions } from '../../../src/kube/open-cluster.ts';
import { manualClock } from '../../unit/kube/manual-clock.ts';
import { pod, replay, type Seen, type Stub, stubCluster, until } from './stub-server.ts';

const EXPIRED = readFileSync(new URL('../../fixtures/kube/watch-expired.jsonl', import.meta.url), 'utf8');
const line = (type: string, name: string, resourceVersion: string): string => `${JSON.stringify({ type, object: pod(name, { resourceVersion }) })}\n`;
const bookmark = (resourceVersion: string): string =>
  `${JSON.stringify({ type: 'BOOKMARK', object: { kind: 'Pod', apiVersion: 'v1', metadata: { resourceVersion } } })}\n`;

type Told = {
  readonly story: string[];
  readonly logged: string[];
  readonly stop: AbortController;
  readonly clock: ReturnType<typeof manualClock>;
  readonly stub: Stub;
};

/** A watch of the pods in `shop`; the n-th stream is served by the n-th function, and later ones stay open in silence. */
async function watching(
  streams: readonly ((response: ServerResponse) => void)[],
  { list, changed }: { readonly list?: (seen: Seen) => object | undefined; readonly changed?: () => void } = {},
): Promise<Told & AsyncDisposable> {
  const clock = manualClock();
  const stop = new AbortController();
  const story: string[] = [];
  const logged: string[] = [];
  let opened = 0;
  const note = (name: string): void => void logged.push(name);
  const options: Partial<ClusterOptions> = { clock, log: { debug: note, info: note, warn: note, error: note }, deadlines: { requestMs: 1_000, listMs: 1_000 } };
  const stub = await stubCluster((seen, response) => {
    if (seen.path !== '/api/v1/namespaces/shop/pods') return undefined;
    if (seen.query.get('watch') !== 'true') {
      story.push('list');
      return list?.(seen) ?? { body: { metadata: { resourceVersion: '100' }, items: [{ metadata: { name: 'a' } }] } };
    }
    story.push(`watch ${seen.query.get('resourceVersion')}`);
    const stream = streams[opened];
    opened += 1;
    if (stream === undefined) response.writeHead(200).flushHeaders();
    else stream(response);
    return undefined;
  }, options);
  stub.cluster.watch(
    { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', labelSelector: 'app=api' },
    {
      synced: (objects) => story.push(`synced ${objects.map(({ metadata }) => metadata.name).join(' ')}`),
      changed: ({ change, object }) => {
        story.push(`${change} ${object.metadata.name}`);
        changed?.();
      },
    },
    stop.signal,
  );
  return {
    story,
    logged,
    stop,
    clock,
    stub,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await stub[Symbol.asyncDispose]();
    },
  };
}

/** Waits until the story has this length, moving the clock over every pause between two requests; the longer watch for silence is left alone. */
async function toldSoFar({ story, clock }: Told, length: number): Promise<readonly string[]> {
  for (let n = 0; story.length < length && n < 1_000; n += 1) {
    const [nextMs = 0] = clock.waiting();
    await clock.pass(nextMs <= 30_000 ? nextMs : 0);
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
  return [...story];
}

test('it asks for bookmarks, an end after some minutes, and the same selection as its list', async () => {
  await using told = await watching([(response) => response.writeHead(200).write(line('ADDED', 'b', '101'))]);
  expect(await toldSoFar(told, 4)).toEqual(['list', 'synced a', 'watch 100', 'added b']);
  const [listed, watched] = told.stub.seen;
  expect(Object.fromEntries(listed?.query ?? [])).toEqual({ labelSelector: 'app=api', limit: '500' });
  expect(Object.fromEntries(watched?.query ?? [])).toEqual({
    labelSelector: 'app=api',
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion: '100',
    timeoutSeconds: expect.stringMatching(/^(2[7-9]\d|3[0-2]\d)$/),
  });
});

test('lines that arrive in pieces, several at once and across characters, are whole', async () => {
  const text = Buffer.from(line('ADDED', 'ä', '101') + line('ADDED', 'c', '102'));
  const half = text.indexOf(Buffer.from('ä')) + 1;
  await using told = await watching([
    (response) => {
      response.writeHead(200).write(text.subarray(0, half));
      setTimeout(() => response.write(text.subarray(half)), 20);
    },
  ]);
  expect((await toldSoFar(told, 5)).slice(3)).toEqual(['added ä', 'added c']);
});

test('410 as a line of a 200 lists again', async () => {
  await using told = await watching([(response) => response.writeHead(200).end(EXPIRED)]);
  expect(await toldSoFar(told, 6)).toEqual(['list', 'synced a', 'watch 100', 'list', 'synced a', 'watch 100']);
});

test('a stream that the server leaves open after its error is closed by us', async () => {
  let closed = 0;
  await using told = await watching([
    (response) => {
      response.on('close', () => (closed += 1));
      response.writeHead(200).write(EXPIRED);
    },
  ]);
  await toldSoFar(told, 6);
  await until(() => closed === 1);
  expect(told.story.at(-1)).toBe('watch 100');
});

test('410 as the answer lists again', async () => {
  await using told = await watching([(response) => response.writeHead(410).end(String(replay('list-expired').body))]);
  expect(await toldSoFar(told, 6)).toEqual(['list', 'synced a', 'watch 100', 'list', 'synced a', 'watch 100']);
});

test('after an end in time it goes on from the last bookmark without listing', async () => {
  await using told = await watching([(response) => response.writeHead(200).end(line('ADDED', 'b', '101') + bookmark('160'))]);
  expect(await toldSoFar(told, 5)).toEqual(['list', 'synced a', 'watch 100', 'added b', 'watch 160']);
});

test('a connection that breaks in the middle of a line loses nothing and tells nothing twice', async () => {
  await using told = await watching([
    (response) => {
      response.writeHead(200).write(line('ADDED', 'b', '101') + line('ADDED', 'c', '102').slice(0, 30));
      setTimeout(() => response.destroy(), 20);
    },
    (response) => response.writeHead(200).write(line('ADDED', 'c', '102')),
  ]);
  expect(await toldSoFar(told, 6)).toEqual(['list', 'synced a', 'watch 100', 'added b', 'watch 101', 'added c']);
});

test('a silent connection is given up, and the next one goes on', async () => {
  await using told = await watching([(response) => response.writeHead(200).write(line('ADDED', 'b', '101'))]);
  await toldSoFar(told, 4);
  await told.clock.pass(149_000);
  expect(told.story).toHaveLength(4);
  await told.clock.pass(2_000);
  expect(await toldSoFar(told, 5)).toEqual(['list', 'synced a', 'watch 100', 'added b', 'watch 101']);
});

test('a server that accepts and never answers a watch is given up after the deadline of a request', async () => {
  await using told = await watching([() => undefined]);
  await toldSoFar(told, 3);
  await until(() => told.logged.includes('kube.watch-interrupted'));
  expect((await toldSoFar(told, 4)).at(-1)).toBe('watch 100');
});

test('a callback that throws is logged, and the watch goes on', async () => {
  const fail = (): never => {
    throw new Error('boom');
  };
  await using told = await watching([(response) => response.writeHead(200).write(line('ADDED', 'b', '101') + line('DELETED', 'b', '102'))], { changed: fail });
  expect((await toldSoFar(told, 5)).slice(3)).toEqual(['added b', 'deleted b']);
  expect(told.logged).toEqual(['kube.watch-callback-failed', 'kube.watch-callback-failed']);
});

test('refusals of the list and of the watch are survived', async () => {
  let refused = 0;
  const list = (): object | undefined => {
    refused += 1;
    return refused <= 2 ? replay(refused === 1 ? 'forbidden' : 'etcd-frozen-get') : undefined;
  };
  await using told = await watching([(response) => response.writeHead(429, { 'retry-after': '1' }).end(String(replay('flow-control').body))], { list });
  expect(await toldSoFar(told, 6)).toEqual(['list', 'list', 'list', 'synced a', 'watch 100', 'watch 100']);
});

test('aborting, and closing the cluster, end the request on the server', async () => {
  let ended = 0;
  const stream = (response: ServerResponse): void => {
    response.on('close', () => (ended += 1));
    response.writeHead(200).write(bookmark('101'));
  };
  await using one = await watching([stream]);
  await toldSoFar(one, 3);
  one.stop.abort();
  await until(() => ended === 1);
  await using other = await watching([stream]);
  await toldSoFar(other, 3);
  await other.stub.cluster.close();
  await until(() => ended === 2);
  await other.clock.pass(60_000);
  expect(other.clock.waiting()).toEqual([]);
  expect(other.story.filter((entry) => entry.startsWith('watch'))).toHaveLength(1);
});
