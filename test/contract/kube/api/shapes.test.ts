import { expect, test } from 'vitest';
import { at, listAt, textAt } from '../../../../src/world/object.ts';
import { openServer } from '../server.ts';
import { configMap, version } from './stage.ts';

const TABLE = { headers: { Accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json' } };
const METADATA = { headers: { Accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json' } };
const METADATA_LIST = { headers: { Accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json' } };

test('a list comes as the table that kubectl prints', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  const made = await server.request('POST', path, { body: configMap('a', { x: '1', y: '2' }) });
  const table = await server.request('GET', `${path}?fieldSelector=metadata.name%3Da`, TABLE);
  expect(table).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' }, body: { kind: 'Table', apiVersion: 'meta.k8s.io/v1' } });
  expect(listAt(table.body, 'columnDefinitions').map((one) => [textAt(one, 'name'), textAt(one, 'type'), textAt(one, 'format'), at(one, 'priority')])).toEqual([
    ['Name', 'string', 'name', 0],
    ['Data', 'string', '', 0],
    ['Age', 'string', '', 0],
  ]);
  const [row] = listAt(table.body, 'rows');
  expect(row).toEqual({
    cells: ['a', 2, expect.stringMatching(/^\d+s$/)],
    object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: at(made.body, 'metadata') },
  });
  expect(Number(version(table))).toBeGreaterThanOrEqual(Number(version(made)));
});

test('the columns of the kinds that people look at', async () => {
  await using server = await openServer();
  const columns = async (path: string): Promise<readonly string[]> => {
    const { body } = await server.request('GET', path, TABLE);
    return listAt(body, 'columnDefinitions').map((one) => `${textAt(one, 'name')}${at(one, 'priority') === 1 ? ' (wide)' : ''}`);
  };
  expect(await columns('/api/v1/nodes')).toEqual([
    'Name',
    'Status',
    'Roles',
    'Age',
    'Version',
    'Internal-IP (wide)',
    'External-IP (wide)',
    'OS-Image (wide)',
    'Kernel-Version (wide)',
    'Container-Runtime (wide)',
  ]);
  expect(await columns(`${server.path()}/pods`)).toEqual([
    'Name',
    'Ready',
    'Status',
    'Restarts',
    'Age',
    'IP (wide)',
    'Node (wide)',
    'Nominated Node (wide)',
    'Readiness Gates (wide)',
  ]);
  expect(await columns(`${server.path('apps/v1')}/deployments`)).toEqual([
    'Name',
    'Ready',
    'Up-to-date',
    'Available',
    'Age',
    'Containers (wide)',
    'Images (wide)',
    'Selector (wide)',
  ]);
  expect(await columns('/api/v1/namespaces')).toEqual(['Name', 'Status', 'Age']);
  expect(await columns(`${server.path('policy/v1')}/poddisruptionbudgets`)).toEqual(['Name', 'Min Available', 'Max Unavailable', 'Allowed Disruptions', 'Age']);
  expect(await columns(`${server.path('velero.io/v1')}/schedules`)).toEqual(['Name', 'Status', 'Schedule', 'LastBackup', 'Age', 'Paused']);
  expect(await columns(`${server.path('velero.io/v1')}/backupstoragelocations`)).toEqual(['Name', 'Phase', 'Last Validated', 'Age', 'Default']);
  expect(await columns(`${server.path('velero.io/v1')}/backups`)).toEqual(['Name', 'Age']);
});

test('one object comes as a table of one row, and a refusal as what it is', async () => {
  await using server = await openServer();
  const one = await server.request('GET', '/api/v1/nodes/node-0', TABLE);
  expect(one).toMatchObject({ body: { kind: 'Table', rows: [{ cells: expect.arrayContaining(['node-0', 'Ready']) }] } });
  expect(await server.request('GET', '/api/v1/nodes/nope', TABLE)).toMatchObject({ status: 404, body: { kind: 'Status', reason: 'NotFound' } });
});

test('the events of a watch come as tables; only the first has the columns', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  const made = await server.request('POST', path, { body: configMap('a') });
  await using watch = await server.watch(`${path}?watch=true&resourceVersion=${version(made)}`, TABLE);
  await server.request('POST', path, { body: configMap('b') });
  await server.request('POST', path, { body: configMap('c') });
  const [first, second] = [await watch.next(), await watch.next()];
  expect(first).toMatchObject({ type: 'ADDED', object: { kind: 'Table', rows: [{ cells: ['b', 0, expect.any(String)] }] } });
  expect(listAt(first?.object, 'columnDefinitions')).toHaveLength(3);
  expect(at(second?.object, 'columnDefinitions')).toBeNull();
});

test('metadata alone, for those who need no more', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  const made = await server.request('POST', path, { body: configMap('a', { x: '1' }) });
  expect((await server.request('GET', `${path}/a`, METADATA)).body).toEqual({
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata: at(made.body, 'metadata'),
  });
  expect((await server.request('GET', `${path}?fieldSelector=metadata.name%3Da`, METADATA_LIST)).body).toMatchObject({
    kind: 'PartialObjectMetadataList',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion: expect.any(String) },
    items: [{ metadata: at(made.body, 'metadata') }],
  });
});
