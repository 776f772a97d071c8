import { expect, test } from 'vitest';
import { at, listAt } from '../../../../src/world/object.ts';
import { openServer } from '../server.ts';
import { configMap, names, refused, said, version } from './stage.ts';

test('a list says its kind once, its version, and nothing about pages where there is only one', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  await server.request('POST', path, { body: configMap('a', { x: '1' }) });
  const listed = await server.request('GET', path);
  expect(listed).toMatchObject({
    status: 200,
    body: { kind: 'ConfigMapList', apiVersion: 'v1', metadata: { resourceVersion: expect.stringMatching(/^\d+$/) } },
  });
  expect(at(listed.body, 'metadata')).toEqual({ resourceVersion: version(listed) });
  for (const one of listAt(listed.body, 'items')) expect(one).not.toHaveProperty('kind');
  const schedules = `${server.path('velero.io/v1')}/schedules`;
  const schedule = { apiVersion: 'velero.io/v1', kind: 'Schedule', metadata: { name: 's' }, spec: { schedule: '0 0 1 1 *', template: {}, paused: true } };
  await server.request('POST', schedules, { body: schedule });
  const custom = await server.request('GET', schedules);
  expect(custom).toMatchObject({ body: { kind: 'ScheduleList', apiVersion: 'velero.io/v1', items: [{ kind: 'Schedule', apiVersion: 'velero.io/v1' }] } });
  expect(at(custom.body, 'metadata')).toEqual({ resourceVersion: version(custom), continue: '' });
});

test('an empty list is a list', async () => {
  await using server = await openServer();
  expect(await server.request('GET', `${server.path()}/secrets`)).toMatchObject({ status: 200, body: { kind: 'SecretList', items: [] } });
  expect(await server.request('GET', `/api/v1/namespaces/${server.namespace}-no/secrets`)).toMatchObject({ status: 200, body: { items: [] } });
});

test('labels choose: equal, not equal, in, notin, there, not there', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  const labels = [
    { name: 'a', labels: { app: 'web', tier: 'front' } },
    { name: 'b', labels: { app: 'db' } },
    { name: 'c', labels: { app: 'cache', tier: '' } },
  ];
  for (const one of labels) await server.request('POST', path, { body: configMap(one.name, {}, { labels: one.labels }) });
  const chosen = async (selector: string): Promise<readonly string[]> =>
    names(await server.request('GET', `${path}?labelSelector=${encodeURIComponent(selector)}`));
  expect(await chosen('app=web')).toEqual(['a']);
  expect(await chosen('app==db')).toEqual(['b']);
  expect(await chosen('app!=web,app')).toEqual(['b', 'c']);
  expect(await chosen('app in (web, db)')).toEqual(['a', 'b']);
  expect(await chosen('app notin (web),app')).toEqual(['b', 'c']);
  expect(await chosen('tier')).toEqual(['a', 'c']);
  expect(await chosen('!tier,app')).toEqual(['b']);
  expect(await chosen('tier=')).toEqual(['c']);
  expect(await chosen('app=web,tier=front')).toEqual(['a']);
  const wrong = await server.request('GET', `${path}?labelSelector=${encodeURIComponent('app in web')}`);
  expect(said(wrong)).toEqual(refused(400, { message: "unable to parse requirement: found 'web' expected: '('", reason: 'BadRequest' }));
  expect((await server.request('GET', `${path}?labelSelector=${encodeURIComponent('a=b=c')}`)).status).toBe(400);
});

test('fields choose where the kind knows them', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  for (const name of ['a', 'b']) await server.request('POST', path, { body: configMap(name) });
  expect(names(await server.request('GET', `${path}?fieldSelector=metadata.name%3Db`))).toEqual(['b']);
  expect(names(await server.request('GET', `${path}?fieldSelector=metadata.name!%3Db`))).toEqual(['a']);
  expect(names(await server.request('GET', `/api/v1/configmaps?fieldSelector=metadata.name%3Da,metadata.namespace%3D${server.namespace}`))).toEqual(['a']);
  expect(said(await server.request('GET', `${path}?fieldSelector=data.x%3D1`))).toEqual(
    refused(400, { message: '"data.x" is not a known field selector: only "metadata.name", "metadata.namespace"', reason: 'BadRequest' }),
  );
  expect(said(await server.request('GET', `${server.path()}/pods?fieldSelector=spec.color%3D1`))).toEqual(
    refused(400, { message: 'field label not supported: spec.color', reason: 'BadRequest' }),
  );
  const pod = (name: string, nodeName: string): object => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { nodeName, containers: [{ name: 'c', image: 'example.com/c' }] },
  });
  for (const [name, node] of [
    ['p0', 'node-0'],
    ['p1', 'node-1'],
  ] as const)
    await server.request('POST', `${server.path()}/pods`, { body: pod(name, node) });
  expect(names(await server.request('GET', `${server.path()}/pods?fieldSelector=spec.nodeName%3Dnode-1`))).toEqual(['p1']);
  expect(names(await server.request('GET', `${server.path()}/pods?fieldSelector=spec.nodeName%3Dnode-1,status.phase%3DSucceeded`))).toEqual([]);
  expect(said(await server.request('GET', `${path}?fieldSelector=nonsense`))).toEqual(
    refused(400, { message: "invalid selector: 'nonsense'; can't understand 'nonsense'", reason: 'BadRequest' }),
  );
});

test('a list shows the state at a version, or one that is not older', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  const first = await server.request('POST', path, { body: configMap('a') });
  const second = await server.request('POST', path, { body: configMap('b') });
  const list = (query: string) => server.request('GET', `${path}?${query}`);
  const exact = await list(`resourceVersion=${version(first)}&resourceVersionMatch=Exact`);
  expect([names(exact), version(exact)]).toEqual([['a'], version(first)]);
  for (const query of [`resourceVersion=${version(first)}&resourceVersionMatch=NotOlderThan`, `resourceVersion=${version(second)}`, 'resourceVersion=']) {
    const listed = await list(query);
    expect(names(listed)).toEqual(['a', 'b']);
    expect(Number(version(listed))).toBeGreaterThanOrEqual(Number(version(second)));
  }
  expect((await list('resourceVersion=0')).status).toBe(200);
  expect((await server.request('GET', `${path}/a?resourceVersion=${version(second)}`)).status).toBe(200);
});

test('a version that the cluster has not reached is 504, and when to ask again', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  const { body } = await server.request('GET', path);
  const future = String(Number(at(body, 'metadata', 'resourceVersion')) + 1_000_000);
  const text = 'Too large resource version';
  const late = await server.wait(server.request('GET', `${path}?resourceVersion=${future}`));
  expect(late.headers['retry-after']).toBe('1');
  expect(said(late)).toEqual(
    refused(504, {
      message: expect.stringMatching(new RegExp(`^Timeout: ${text}: ${future}, current: \\d+$`)),
      reason: 'Timeout',
      details: { causes: [{ reason: 'ResourceVersionTooLarge', message: text }], retryAfterSeconds: 1 },
    }),
  );
});

test('a version, or a rule for it, that makes no sense is refused', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  const list = async (query: string): Promise<object> => said(await server.request('GET', `${path}?${query}`));
  const parse = 'Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax';
  expect(await list('resourceVersion=abc')).toEqual(refused(400, { message: `invalid resource version: resourceVersion: ${parse}`, reason: 'BadRequest' }));
  const forbidden = (message: string): object =>
    refused(422, {
      message: `ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: ${message}`,
      reason: 'Invalid',
      details: { group: 'meta.k8s.io', kind: 'ListOptions', causes: [{ reason: 'FieldValueForbidden', message, field: 'resourceVersionMatch' }] },
    });
  expect(await list('resourceVersionMatch=Exact')).toEqual(forbidden('Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided'));
  expect(await list('resourceVersion=0&resourceVersionMatch=Exact')).toEqual(
    forbidden('Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"'),
  );
});
