import { expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/model/json.ts';
import { at, numberAt } from '../../../../src/world/object.ts';
import { openServer, type Server } from '../server.ts';
import { refused, said } from './stage.ts';

const MERGE = 'application/merge-patch+json';
const labels = { app: 'd' };
const template: JsonObject = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'example.com/c:1' }] } };
const deployment = (replicas: number): JsonObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd' },
  spec: { replicas, selector: { matchLabels: labels }, template },
});

async function deployed(server: Server, replicas: number): Promise<string> {
  const path = `${server.path('apps/v1')}/deployments`;
  expect((await server.request('POST', path, { body: deployment(replicas) })).status).toBe(201);
  return `${path}/d`;
}

test('a status is written on its own path alone', async () => {
  await using server = await openServer();
  const path = await deployed(server, 0);
  const main = await server.request('PATCH', path, { body: { status: { collisionCount: 7 }, metadata: { labels: { main: '1' } } }, contentType: MERGE });
  expect(main).toMatchObject({ status: 200, body: { metadata: { labels: { main: '1' } } } });
  expect(main.body).not.toHaveProperty('status.collisionCount');
  const status = await server.request('PATCH', `${path}/status`, {
    body: { status: { collisionCount: 7 }, spec: { replicas: 9 }, metadata: { labels: { status: '1' } } },
    contentType: MERGE,
  });
  expect(status).toMatchObject({ status: 200, body: { status: { collisionCount: 7 }, spec: { replicas: 0 } } });
  expect((await server.request('GET', `${path}/status`)).body).toMatchObject({ kind: 'Deployment', status: { collisionCount: 7 } });
});

test('a custom kind without a status path takes its status from anybody', async () => {
  await using server = await openServer();
  const path = `${server.path('velero.io/v1')}/backuprepositories`;
  const body = {
    apiVersion: 'velero.io/v1',
    kind: 'BackupRepository',
    metadata: { name: 'r' },
    spec: { backupStorageLocation: 'default', repositoryType: 'kopia', resticIdentifier: '', volumeNamespace: 'v', maintenanceFrequency: '1h0m0s' },
  };
  expect((await server.request('POST', path, { body })).status).toBe(201);
  expect(await server.request('PATCH', `${path}/r`, { body: { status: { message: 'm' } }, contentType: MERGE })).toMatchObject({
    status: 200,
    body: { status: { message: 'm' } },
  });
  expect(said(await server.request('PATCH', `${path}/r/status`, { body: {}, contentType: MERGE }))).toEqual(
    refused(404, {
      message: 'backuprepositories.velero.io "r" not found',
      reason: 'NotFound',
      details: { name: 'r', group: 'velero.io', kind: 'backuprepositories' },
    }),
  );
});

test('a workload is scaled by its scale', async () => {
  await using server = await openServer();
  const path = await deployed(server, 1);
  const scale = await server.request('GET', `${path}/scale`);
  expect(scale).toMatchObject({
    status: 200,
    body: {
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      metadata: { name: 'd', namespace: server.namespace },
      spec: { replicas: 1 },
      status: { selector: 'app=d' },
    },
  });
  const patched = await server.request('PATCH', `${path}/scale`, { body: { spec: { replicas: 3 } }, contentType: MERGE });
  expect(patched).toMatchObject({ status: 200, body: { kind: 'Scale', spec: { replicas: 3 } } });
  expect(at((await server.request('GET', path)).body, 'spec', 'replicas')).toBe(3);
  await server.until(async () => numberAt((await server.request('GET', path)).body, 'status', 'readyReplicas') === 3 || undefined);
  const put = await server.request('PUT', `${path}/scale`, {
    body: { kind: 'Scale', apiVersion: 'autoscaling/v1', metadata: { name: 'd', namespace: server.namespace }, spec: { replicas: 0 } },
  });
  expect(put).toMatchObject({ status: 200, body: { kind: 'Scale' } });
  expect(at(put.body, 'spec')).toEqual({});
  await server.until(async () => (numberAt((await server.request('GET', path)).body, 'status', 'replicas') ?? 0) === 0 || undefined);
});

test('a namespace that is deleted is emptied, then gone', async () => {
  await using server = await openServer();
  const name = `${server.namespace}-two`;
  await server.request('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } } });
  await server.request('POST', `/api/v1/namespaces/${name}/configmaps`, { body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } } });
  expect((await server.request('DELETE', `/api/v1/namespaces/${name}`)).status).toBe(200);
  await server.until(async () => (await server.request('GET', `/api/v1/namespaces/${name}`)).status === 404 || undefined);
  expect(said(await server.request('GET', `/api/v1/namespaces/${name}/configmaps/a`))).toEqual(
    refused(404, { message: 'configmaps "a" not found', reason: 'NotFound', details: { name: 'a', kind: 'configmaps' } }),
  );
});
