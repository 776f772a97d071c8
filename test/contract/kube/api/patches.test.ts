import { expect, test } from 'vitest';
import { openServer, type Server } from '../server.ts';
import { configMap, refused, said, uid, version } from './stage.ts';

const MERGE = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const JSON_PATCH = 'application/json-patch+json';

const patched = async (server: Server, path: string, body: unknown, contentType: string) => server.request('PATCH', path, { body, contentType });

test('a merge patch sets, removes with null, and replaces lists', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  await server.request('POST', path, { body: configMap('a', { keep: '1', drop: '2' }, { labels: { l: '1' }, finalizers: ['example.com/a'] }) });
  const done = await patched(server, `${path}/a`, { data: { drop: null, add: '3' }, metadata: { labels: { m: '2' }, finalizers: [] } }, MERGE);
  expect(done).toMatchObject({ status: 200, body: { metadata: { labels: { l: '1', m: '2' } } } });
  expect(done.body).toHaveProperty('data', { keep: '1', add: '3' });
  expect(done.body).not.toHaveProperty('metadata.finalizers');
});

test('a patch that changes nothing leaves the version as it is', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  const made = await server.request('POST', path, { body: configMap('a', { x: '1' }) });
  const same = await patched(server, `${path}/a`, { data: { x: '1' } }, MERGE);
  expect([same.status, version(same)]).toEqual([200, version(made)]);
});

test('a patch bound to a version or a uid is only for that object in that state', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  const made = await server.request('POST', path, { body: configMap('a', { x: '1' }) });
  const modified = refused(409, {
    message: 'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    reason: 'Conflict',
    details: { name: 'a', kind: 'configmaps' },
  });
  await patched(server, `${path}/a`, { data: { x: '2' } }, MERGE);
  for (const contentType of [MERGE, STRATEGIC]) {
    expect(said(await patched(server, `${path}/a`, { metadata: { resourceVersion: version(made) }, data: { x: '3' } }, contentType))).toEqual(modified);
  }
  expect(said(await server.request('PUT', `${path}/a`, { body: configMap('a', {}, { resourceVersion: version(made) }) }))).toEqual(modified);
  const other = '00000000-0000-0000-0000-000000000000';
  const message = `Invalid value: "${other}": field is immutable`;
  expect(said(await patched(server, `${path}/a`, { metadata: { uid: other }, data: { x: '3' } }, MERGE))).toEqual(
    refused(422, {
      message: `ConfigMap "a" is invalid: metadata.uid: ${message}`,
      reason: 'Invalid',
      details: { name: 'a', kind: 'ConfigMap', causes: [{ reason: 'FieldValueInvalid', message, field: 'metadata.uid' }] },
    }),
  );
  expect(said(await server.request('PUT', `${path}/a`, { body: configMap('a', {}, { uid: other }) }))).toEqual(
    refused(409, {
      message: `Operation cannot be fulfilled on configmaps "a": StorageError: invalid object, Code: 4, Key: /registry/configmaps/${server.namespace}/a, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${other}, UID in object meta: ${uid(made)}`,
      reason: 'Conflict',
      details: { name: 'a', kind: 'configmaps' },
    }),
  );
  expect((await patched(server, `${path}/a`, { metadata: { uid: uid(made) }, data: { x: '3' } }, MERGE)).status).toBe(200);
});

test('a custom object is bound by version and uid in the same way', async () => {
  await using server = await openServer();
  const path = `${server.path('velero.io/v1')}/schedules`;
  const body = { apiVersion: 'velero.io/v1', kind: 'Schedule', metadata: { name: 's' }, spec: { schedule: '0 0 1 1 *', template: {}, paused: true } };
  const made = await server.request('POST', path, { body });
  const changed = await patched(server, `${path}/s`, { spec: { schedule: '0 0 2 1 *' } }, MERGE);
  expect(changed).toMatchObject({ status: 200, body: { spec: { schedule: '0 0 2 1 *', paused: true }, metadata: { generation: 2 } } });
  expect(said(await patched(server, `${path}/s`, { metadata: { resourceVersion: version(made) }, spec: { paused: false } }, MERGE))).toEqual(
    refused(409, {
      message:
        'Operation cannot be fulfilled on schedules.velero.io "s": the object has been modified; please apply your changes to the latest version and try again',
      reason: 'Conflict',
      details: { name: 's', group: 'velero.io', kind: 'schedules' },
    }),
  );
  const other = '00000000-0000-0000-0000-000000000000';
  const message = `Invalid value: "${other}": field is immutable`;
  // The same cause twice: the server checks metadata, then the object.
  const cause = { reason: 'FieldValueInvalid', message, field: 'metadata.uid' };
  expect(said(await patched(server, `${path}/s`, { metadata: { uid: other } }, MERGE))).toEqual(
    refused(422, {
      message: `Schedule.velero.io "s" is invalid: metadata.uid: ${message}`,
      reason: 'Invalid',
      details: { name: 's', group: 'velero.io', kind: 'Schedule', causes: [cause, cause] },
    }),
  );
  const required = 'Invalid value: 0: must be specified for an update';
  expect(said(await server.request('PUT', `${path}/s`, { body }))).toEqual(
    refused(422, {
      message: `schedules.velero.io "s" is invalid: metadata.resourceVersion: ${required}`,
      reason: 'Invalid',
      details: {
        name: 's',
        group: 'velero.io',
        kind: 'schedules',
        causes: [{ reason: 'FieldValueInvalid', message: required, field: 'metadata.resourceVersion' }],
      },
    }),
  );
});

test('a JSON patch does all of its operations or none', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  await server.request('POST', path, { body: configMap('a', { x: '1', y: '2' }) });
  const done = await patched(
    server,
    `${path}/a`,
    [
      { op: 'test', path: '/data/x', value: '1' },
      { op: 'replace', path: '/data/x', value: '9' },
      { op: 'remove', path: '/data/y' },
      { op: 'add', path: '/metadata/labels', value: { 'example.com/a': 'b' } },
      { op: 'replace', path: '/metadata/labels/example.com~1a', value: 'c' },
      { op: 'copy', from: '/data/x', path: '/data/z' },
    ],
    JSON_PATCH,
  );
  expect(done).toMatchObject({ status: 200, body: { data: { x: '9', z: '9' }, metadata: { labels: { 'example.com/a': 'c' } } } });
  const failing = [
    { op: 'replace', path: '/data/x', value: '0' },
    { op: 'test', path: '/data/z', value: 'no' },
  ];
  expect(said(await patched(server, `${path}/a`, failing, JSON_PATCH))).toEqual(
    refused(422, { message: 'the server rejected our request due to an error in our request', reason: 'Invalid', details: {} }),
  );
  expect(await server.request('GET', `${path}/a`)).toMatchObject({ body: { data: { x: '9' } } });
  expect((await patched(server, `${path}/a`, [{ op: 'remove', path: '/data/none' }], JSON_PATCH)).status).toBe(422);
});

test('a strategic merge joins lists by their keys, and removes what it says', async () => {
  await using server = await openServer();
  const path = `${server.path('apps/v1')}/deployments`;
  const containers = [
    { name: 'one', image: 'example.com/one:1', env: [{ name: 'A', value: '1' }] },
    { name: 'two', image: 'example.com/two:1' },
  ];
  const labels = { app: 'd' };
  const spec = { replicas: 0, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } };
  await server.request('POST', path, { body: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd', finalizers: ['example.com/a'] }, spec } });
  const patch = {
    metadata: { finalizers: ['example.com/b'] },
    spec: {
      template: {
        spec: {
          containers: [
            { name: 'one', image: 'example.com/one:2', env: [{ name: 'B', value: '2' }] },
            { name: 'two', $patch: 'delete' },
            { name: 'three', image: 'example.com/three:1' },
          ],
        },
      },
    },
  };
  const done = await patched(server, `${path}/d`, patch, STRATEGIC);
  const by = (list: readonly object[]): object => expect.arrayContaining(list.map((one) => expect.objectContaining(one)));
  expect(done).toMatchObject({
    status: 200,
    body: {
      metadata: { finalizers: expect.arrayContaining(['example.com/a', 'example.com/b']) },
      spec: {
        template: {
          spec: {
            containers: by([
              {
                name: 'one',
                image: 'example.com/one:2',
                env: by([
                  { name: 'A', value: '1' },
                  { name: 'B', value: '2' },
                ]),
              },
              { name: 'three', image: 'example.com/three:1' },
            ]),
          },
        },
      },
    },
  });
  expect(done.text).not.toContain('example.com/two');
  await patched(server, `${path}/d`, { metadata: { $deleteFromPrimitiveList: null, finalizers: null } }, MERGE);
});

test('a strategic merge replaces the lists that have no key, such as taints', async () => {
  await using server = await openServer();
  const node = `contract-${server.namespace}`;
  const taint = (key: string): object => ({ key: `example.com/${key}`, effect: 'NoSchedule', value: 'v' });
  await server.request('POST', '/api/v1/nodes', { body: { apiVersion: 'v1', kind: 'Node', metadata: { name: node }, spec: { taints: [taint('a')] } } });
  const done = await patched(server, `/api/v1/nodes/${node}`, { spec: { unschedulable: true, taints: [taint('b')] } }, STRATEGIC);
  await server.request('DELETE', `/api/v1/nodes/${node}`);
  expect(done).toMatchObject({ status: 200, body: { spec: { unschedulable: true, taints: [taint('b')] } } });
});

test('a type of patch that is not known, or not for this kind, is 415', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  await server.request('POST', path, { body: configMap('a') });
  const refusal = refused(415, { message: '415: Unsupported Media Type', reason: 'UnsupportedMediaType', details: {} });
  expect(said(await patched(server, `${path}/a`, {}, 'application/json'))).toEqual(refusal);
  const schedule = { apiVersion: 'velero.io/v1', kind: 'Schedule', metadata: { name: 's' }, spec: { schedule: '0 0 1 1 *', template: {}, paused: true } };
  await server.request('POST', `${server.path('velero.io/v1')}/schedules`, { body: schedule });
  const known = 'application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml';
  expect(said(await patched(server, `${server.path('velero.io/v1')}/schedules/s`, {}, STRATEGIC))).toEqual(
    refused(415, { message: `the body of the request was in an unknown format - accepted media types include: ${known}`, reason: 'UnsupportedMediaType' }),
  );
});

test('a patch of what is not there, and one that is no patch', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  expect(said(await patched(server, `${path}/nope`, {}, MERGE))).toEqual(
    refused(404, { message: 'configmaps "nope" not found', reason: 'NotFound', details: { name: 'nope', kind: 'configmaps' } }),
  );
  await server.request('POST', path, { body: configMap('a') });
  expect((await patched(server, `${path}/a`, '{"data":', MERGE)).status).toBe(400);
  expect((await patched(server, `${path}/a`, { data: 5 }, MERGE)).status).toBe(422);
});
