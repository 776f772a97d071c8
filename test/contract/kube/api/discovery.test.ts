import { expect, test } from 'vitest';
import { at, listAt, textAt, textsAt } from '../../../../src/world/object.ts';
import { openServer } from '../server.ts';

const AGGREGATED = { headers: { Accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json' } };

test('says which versions and groups there are', async () => {
  await using server = await openServer();
  expect(await server.request('GET', '/version')).toMatchObject({ status: 200, body: { major: '1', minor: '37', gitVersion: 'v1.37.1' } });
  expect(await server.request('GET', '/api')).toMatchObject({ status: 200, body: { kind: 'APIVersions', versions: ['v1'] } });
  const groups = await server.request('GET', '/apis');
  expect(groups).toMatchObject({ status: 200, body: { kind: 'APIGroupList', apiVersion: 'v1' } });
  const found = listAt(groups.body, 'groups').map((one) => textAt(one, 'name'));
  expect(found).toEqual(expect.arrayContaining(['apps', 'batch', 'policy', 'storage.k8s.io', 'coordination.k8s.io', 'velero.io']));
  expect((await server.request('GET', '/apis/velero.io')).body).toEqual({
    kind: 'APIGroup',
    apiVersion: 'v1',
    name: 'velero.io',
    versions: [
      { groupVersion: 'velero.io/v1', version: 'v1' },
      { groupVersion: 'velero.io/v2alpha1', version: 'v2alpha1' },
    ],
    preferredVersion: { groupVersion: 'velero.io/v1', version: 'v1' },
  });
});

test('says how a kind is served: plural, scope, short names, verbs, subresources', async () => {
  await using server = await openServer();
  const core = await server.request('GET', '/api/v1');
  expect(core).toMatchObject({ status: 200, body: { kind: 'APIResourceList', groupVersion: 'v1' } });
  const named = (name: string) => listAt(core.body, 'resources').find((one) => textAt(one, 'name') === name);
  expect(named('pods')).toEqual({
    name: 'pods',
    singularName: 'pod',
    namespaced: true,
    kind: 'Pod',
    verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
    shortNames: ['po'],
    categories: ['all'],
    storageVersionHash: expect.any(String),
  });
  expect(named('pods/eviction')).toEqual({
    name: 'pods/eviction',
    singularName: '',
    namespaced: true,
    group: 'policy',
    version: 'v1',
    kind: 'Eviction',
    verbs: ['create'],
  });
  expect(named('pods/log')).toEqual({ name: 'pods/log', singularName: '', namespaced: true, kind: 'Pod', verbs: ['get'] });
  expect(named('nodes/status')).toEqual({ name: 'nodes/status', singularName: '', namespaced: false, kind: 'Node', verbs: ['get', 'patch', 'update'] });
  expect(named('namespaces')).toMatchObject({ namespaced: false, shortNames: ['ns'], verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'] });
  const velero = await server.request('GET', '/apis/velero.io/v1');
  const kinds = listAt(velero.body, 'resources').map((one) => textAt(one, 'kind'));
  expect(kinds).toEqual(
    expect.arrayContaining(['Backup', 'Restore', 'Schedule', 'BackupStorageLocation', 'DownloadRequest', 'DeleteBackupRequest', 'ServerStatusRequest']),
  );
  expect(listAt(velero.body, 'resources').find((one) => textAt(one, 'name') === 'backups')).toMatchObject({
    kind: 'Backup',
    namespaced: true,
    singularName: 'backup',
  });
  expect(listAt((await server.request('GET', '/apis/apps/v1')).body, 'resources').map((one) => textAt(one, 'name'))).toEqual(
    expect.arrayContaining(['deployments', 'deployments/scale', 'deployments/status']),
  );
});

test('says all of it in one answer to those who ask for it', async () => {
  await using server = await openServer();
  const all = await server.request('GET', '/apis', AGGREGATED);
  expect(all.headers['content-type']).toBe('application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');
  expect(all).toMatchObject({ status: 200, body: { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2' } });
  const velero = listAt(all.body, 'items').find((one) => textAt(one, 'metadata', 'name') === 'velero.io');
  const [v1] = listAt(velero, 'versions');
  expect(textAt(v1, 'version')).toBe('v1');
  expect(listAt(v1, 'resources').find((one) => textAt(one, 'resource') === 'backups')).toMatchObject({
    responseKind: { group: 'velero.io', version: 'v1', kind: 'Backup' },
    scope: 'Namespaced',
    singularResource: 'backup',
  });
  const core = await server.request('GET', '/api', AGGREGATED);
  const pods = listAt(at(core.body, 'items', '0') ?? listAt(core.body, 'items')[0], 'versions')
    .flatMap((one) => listAt(one, 'resources'))
    .find((one) => textAt(one, 'resource') === 'pods');
  expect(pods).toMatchObject({ responseKind: { group: '', version: '', kind: 'Pod' }, scope: 'Namespaced', shortNames: ['po'], categories: ['all'] });
  expect(listAt(pods, 'subresources').map((one) => textAt(one, 'subresource'))).toEqual(expect.arrayContaining(['eviction', 'log', 'status']));
  expect(textsAt(pods, 'verbs')).toContain('watch');
});

test('is well', async () => {
  await using server = await openServer();
  for (const path of ['/healthz', '/livez', '/readyz']) {
    expect(await server.request('GET', path)).toMatchObject({ status: 200, text: 'ok', headers: { 'content-type': 'text/plain; charset=utf-8' } });
  }
});
