import { expect, test } from 'vitest';
import { textAt } from '../../../../src/world/object.ts';
import { openServer } from '../server.ts';
import { configMap, refused, said, uid, version } from './stage.ts';

test('an object is created, read, replaced and deleted', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  const created = await server.request('POST', path, { body: configMap('a', { x: '1' }) });
  expect(said(created)).toEqual({
    status: 201,
    type: 'application/json',
    body: {
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: {
        name: 'a',
        namespace: server.namespace,
        uid: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/),
        resourceVersion: expect.stringMatching(/^\d+$/),
        creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        managedFields: [
          {
            manager: 'contract',
            operation: 'Update',
            apiVersion: 'v1',
            time: textAt(created.body, 'metadata', 'creationTimestamp'),
            fieldsType: 'FieldsV1',
            fieldsV1: { 'f:data': { '.': {}, 'f:x': {} } },
          },
        ],
      },
      data: { x: '1' },
    },
  });
  expect((await server.request('GET', `${path}/a`)).body).toEqual(created.body);
  const replaced = await server.request('PUT', `${path}/a`, { body: configMap('a', { x: '2' }) });
  expect(replaced).toMatchObject({ status: 200, body: { data: { x: '2' }, metadata: { uid: uid(created) } } });
  expect(Number(version(replaced))).toBeGreaterThan(Number(version(created)));
  expect(said(await server.request('DELETE', `${path}/a`))).toEqual({
    status: 200,
    type: 'application/json',
    body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details: { name: 'a', kind: 'configmaps', uid: uid(created) } },
  });
  const gone = refused(404, { message: 'configmaps "a" not found', reason: 'NotFound', details: { name: 'a', kind: 'configmaps' } });
  expect(said(await server.request('GET', `${path}/a`))).toEqual(gone);
  expect(said(await server.request('DELETE', `${path}/a`))).toEqual(gone);
  expect(said(await server.request('PUT', `${path}/a`, { body: configMap('a', {}, { resourceVersion: version(created) }) }))).toEqual(
    refused(404, { message: 'configmaps "a" not found', reason: 'NotFound', details: { name: 'a', kind: 'configmaps' } }),
  );
});

test('a name that is taken is AlreadyExists, of a custom kind with its group', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  await server.request('POST', path, { body: configMap('a') });
  expect(said(await server.request('POST', path, { body: configMap('a') }))).toEqual(
    refused(409, { message: 'configmaps "a" already exists', reason: 'AlreadyExists', details: { name: 'a', kind: 'configmaps' } }),
  );
  const schedules = `${server.path('velero.io/v1')}/schedules`;
  const schedule = { apiVersion: 'velero.io/v1', kind: 'Schedule', metadata: { name: 's' }, spec: { schedule: '0 0 1 1 *', template: {} } };
  expect(await server.request('POST', schedules, { body: schedule })).toMatchObject({ status: 201, body: { kind: 'Schedule', metadata: { generation: 1 } } });
  expect(said(await server.request('POST', schedules, { body: schedule }))).toEqual(
    refused(409, { message: 'schedules.velero.io "s" already exists', reason: 'AlreadyExists', details: { name: 's', group: 'velero.io', kind: 'schedules' } }),
  );
  expect(said(await server.request('GET', `${schedules}/nope`))).toEqual(
    refused(404, { message: 'schedules.velero.io "nope" not found', reason: 'NotFound', details: { name: 'nope', group: 'velero.io', kind: 'schedules' } }),
  );
});

test('generateName gives a name of its own to each, and what is created says which', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'salvor-' } };
  const [one, two] = [await server.request('POST', path, { body }), await server.request('POST', path, { body })];
  for (const made of [one, two]) {
    expect(made).toMatchObject({
      status: 201,
      body: { metadata: { generateName: 'salvor-', name: expect.stringMatching(/^salvor-[bcdfghjklmnpqrstvwxz2456789]{5}$/) } },
    });
  }
  expect(textAt(one.body, 'metadata', 'name')).not.toBe(textAt(two.body, 'metadata', 'name'));
});

test('a dry run answers as if, and writes nothing', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  expect(await server.request('POST', `${path}?dryRun=All`, { body: configMap('a', { x: '1' }) })).toMatchObject({ status: 201, body: { data: { x: '1' } } });
  expect((await server.request('GET', `${path}/a`)).status).toBe(404);
  const made = await server.request('POST', path, { body: configMap('a', { x: '1' }) });
  const json = 'application/merge-patch+json';
  expect(await server.request('PATCH', `${path}/a?dryRun=All`, { body: { data: { x: '2' } }, contentType: json })).toMatchObject({
    status: 200,
    body: { data: { x: '2' } },
  });
  expect(await server.request('PUT', `${path}/a?dryRun=All`, { body: configMap('a', { x: '3' }) })).toMatchObject({ status: 200, body: { data: { x: '3' } } });
  expect((await server.request('DELETE', `${path}/a?dryRun=All`)).status).toBe(200);
  const all = { apiVersion: 'v1', kind: 'DeleteOptions', dryRun: ['All'] };
  expect((await server.request('DELETE', `${path}/a`, { body: all })).status).toBe(200);
  expect((await server.request('GET', `${path}/a`)).body).toEqual(made.body);
  expect(said(await server.request('POST', `${path}?dryRun=Some`, { body: configMap('b') }))).toEqual(
    refused(422, {
      message: 'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"',
      reason: 'Invalid',
      details: {
        group: 'meta.k8s.io',
        kind: 'CreateOptions',
        causes: [{ reason: 'FieldValueNotSupported', message: 'Unsupported value: ["Some"]: supported values: "All"', field: 'dryRun' }],
      },
    }),
  );
});

test('a namespace that is not there, or that goes, takes nothing new', async () => {
  await using server = await openServer();
  expect(said(await server.request('POST', `/api/v1/namespaces/${server.namespace}-no/configmaps`, { body: configMap('a') }))).toEqual(
    refused(404, {
      message: `namespaces "${server.namespace}-no" not found`,
      reason: 'NotFound',
      details: { name: `${server.namespace}-no`, kind: 'namespaces' },
    }),
  );
  const path = `${server.path()}/configmaps`;
  await server.request('POST', path, { body: configMap('held', {}, { finalizers: ['example.com/hold'] }) });
  const going = await server.request('DELETE', `/api/v1/namespaces/${server.namespace}`);
  expect(going).toMatchObject({
    status: 200,
    body: { kind: 'Namespace', metadata: { deletionTimestamp: expect.any(String) }, status: { phase: 'Terminating' } },
  });
  expect(said(await server.request('POST', path, { body: configMap('a') }))).toEqual(
    refused(403, {
      message: `configmaps "a" is forbidden: unable to create new content in namespace ${server.namespace} because it is being terminated`,
      reason: 'Forbidden',
      details: {
        name: 'a',
        kind: 'configmaps',
        causes: [{ reason: 'NamespaceTerminating', message: `namespace ${server.namespace} is being terminated`, field: 'metadata.namespace' }],
      },
    }),
  );
  const namespace = `/api/v1/namespaces/${server.namespace}`;
  const remaining = async (): Promise<true | undefined> =>
    (await server.request('GET', namespace)).text.includes(
      'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
    ) || undefined;
  await server.until(remaining);
  await server.request('PATCH', `${path}/held`, { body: { metadata: { finalizers: null } }, contentType: 'application/merge-patch+json' });
});
