import { expect, test } from 'vitest';
import { at, textAt } from '../../../../src/world/object.ts';
import type { RawWatch } from '../raw.ts';
import { openServer, type Server } from '../server.ts';
import { configMap, refused, said, version } from './stage.ts';

const MERGE = 'application/merge-patch+json';

/** The next events as `ADDED a`, without those about what a real cluster puts into every namespace. */
async function story(watch: RawWatch, length: number): Promise<readonly string[]> {
  const told: string[] = [];
  while (told.length < length) {
    const event = await watch.next();
    if (event === undefined) return [...told, 'END'];
    const name = textAt(event.object, 'metadata', 'name');
    if (name !== 'kube-root-ca.crt') told.push(`${event.type} ${name}`.trim());
  }
  return told;
}

const write = (server: Server, name: string, body: object) => server.request('PATCH', `${server.path()}/configmaps/${name}`, { body, contentType: MERGE });

test('a watch from a version tells each later change in order, with the object as it was then', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  const first = await server.request('POST', path, { body: configMap('a', { x: '1' }) });
  const second = await server.request('POST', path, { body: configMap('b') });
  await using watch = await server.watch(`${path}?watch=true&resourceVersion=${version(first)}`);
  expect([watch.status, watch.headers['content-type'], watch.headers['cache-control']]).toEqual([200, 'application/json', 'no-cache, private']);
  expect(await watch.next()).toEqual({ type: 'ADDED', object: second.body });
  const changed = await write(server, 'a', { data: { x: '2' } });
  expect(await watch.next()).toEqual({ type: 'MODIFIED', object: changed.body });
  await server.request('DELETE', `${path}/a`);
  const gone = await watch.next();
  expect(gone).toMatchObject({ type: 'DELETED', object: { kind: 'ConfigMap', data: { x: '2' } } });
  expect(Number(textAt(gone?.object, 'metadata', 'resourceVersion'))).toBeGreaterThan(Number(version(changed)));
});

test('a patch that changes nothing is no event', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  const made = await server.request('POST', path, { body: configMap('a', { x: '1' }) });
  await using watch = await server.watch(`${path}?watch=true&resourceVersion=${version(made)}`);
  await write(server, 'a', { data: { x: '1' } });
  await write(server, 'a', { data: { x: '2' } });
  expect(await watch.next()).toMatchObject({ type: 'MODIFIED', object: { data: { x: '2' } } });
});

test('without a version, or from 0, everything there is comes first', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  for (const name of ['a', 'b']) await server.request('POST', path, { body: configMap(name) });
  for (const query of ['watch=true', 'watch=1&resourceVersion=0']) {
    await using watch = await server.watch(`${path}?${query}`);
    expect((await story(watch, 2)).toSorted()).toEqual(['ADDED a', 'ADDED b']);
  }
});

test('what comes into a selection is ADDED, what leaves it is DELETED', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  const first = await server.request('POST', path, { body: configMap('a', {}, { labels: { app: 'web' } }) });
  await using watch = await server.watch(`${path}?watch=true&resourceVersion=${version(first)}&labelSelector=app%3Dweb`);
  await server.request('POST', path, { body: configMap('other', {}, { labels: { app: 'db' } }) });
  await write(server, 'a', { data: { x: '1' } });
  await write(server, 'a', { metadata: { labels: { app: 'db' } } });
  await write(server, 'a', { data: { x: '2' } });
  await write(server, 'other', { metadata: { labels: { app: 'web' } } });
  const told: unknown[] = [];
  for (let n = 0; n < 3; n += 1) {
    const event = await watch.next();
    told.push([event?.type, at(event?.object, 'metadata', 'name'), at(event?.object, 'metadata', 'labels', 'app'), at(event?.object, 'data', 'x')]);
  }
  expect(told).toEqual([
    ['MODIFIED', 'a', 'web', '1'],
    ['DELETED', 'a', 'web', '1'],
    ['ADDED', 'other', 'web', undefined],
  ]);
});

test('a field selector follows one object; the path of an object is read, not watched', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  const made = await server.request('POST', path, { body: configMap('a') });
  await server.request('POST', path, { body: configMap('b') });
  await write(server, 'b', { data: { x: '1' } });
  const changed = await write(server, 'a', { data: { x: '1' } });
  await using watch = await server.watch(`${path}?watch=true&fieldSelector=metadata.name%3Da&resourceVersion=${version(made)}`);
  expect(await watch.next()).toEqual({ type: 'MODIFIED', object: changed.body });
  expect((await server.request('GET', `${path}/a?watch=true`)).body).toEqual(changed.body);
});

test('sendInitialEvents tells where the beginning ends', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  await server.request('POST', path, { body: configMap('a') });
  const last = await server.request('POST', path, { body: configMap('b') });
  const query = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
  await using watch = await server.watch(`${path}?${query}&fieldSelector=metadata.name!%3Dkube-root-ca.crt`);
  expect((await story(watch, 2)).toSorted()).toEqual(['ADDED a', 'ADDED b']);
  const mark = await watch.next();
  expect(mark).toEqual({
    type: 'BOOKMARK',
    object: {
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { resourceVersion: expect.any(String), annotations: { 'k8s.io/initial-events-end': 'true' } },
    },
  });
  expect(Number(textAt(mark?.object, 'metadata', 'resourceVersion'))).toBeGreaterThanOrEqual(Number(version(last)));
  const message = 'Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan';
  expect(said(await server.request('GET', `${path}?watch=1&sendInitialEvents=true`))).toEqual(
    refused(422, {
      message: `ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: ${message}`,
      reason: 'Invalid',
      details: { group: 'meta.k8s.io', kind: 'ListOptions', causes: [{ reason: 'FieldValueForbidden', message, field: 'resourceVersionMatch' }] },
    }),
  );
});

test('a watch ends when its time is over, without a word', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  const made = await server.request('POST', path, { body: configMap('a') });
  await using watch = await server.watch(`${path}?watch=true&timeoutSeconds=2&allowWatchBookmarks=true&resourceVersion=${version(made)}`);
  expect(await watch.next()).toBeUndefined();
});

test('a watch from a version that makes no sense is refused, from one that is to come it is silent', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  expect(said(await server.request('GET', `${path}?watch=true&resourceVersion=abc`))).toEqual(
    refused(500, { message: 'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax' }),
  );
  const made = await server.request('POST', path, { body: configMap('a') });
  await using watch = await server.watch(`${path}?watch=true&timeoutSeconds=1&resourceVersion=${Number(version(made)) + 1_000_000}`);
  expect([watch.status, await watch.next()]).toEqual([200, undefined]);
});

test('a watch that waits is reminded of the version with a bookmark', { timeout: 90_000 }, async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  const made = await server.request('POST', path, { body: configMap('a') });
  await using watch = await server.watch(`${path}?watch=true&timeoutSeconds=64&allowWatchBookmarks=true&resourceVersion=${version(made)}`);
  const mark = await watch.next();
  expect(mark).toEqual({
    type: 'BOOKMARK',
    object: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { resourceVersion: expect.any(String) } },
  });
  expect(Number(textAt(mark?.object, 'metadata', 'resourceVersion'))).toBeGreaterThanOrEqual(Number(version(made)));
});
