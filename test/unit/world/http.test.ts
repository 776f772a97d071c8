import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { virtualClock } from '../../../src/world/clock.ts';
import { type ServedWorld, type ServeOptions, serveWorld } from '../../../src/world/http.ts';
import { seededIds } from '../../../src/world/ids.ts';
import { at, listAt, textAt } from '../../../src/world/object.ts';
import type { Scenario } from '../../../src/world/scenario.ts';
import { simulatedWorld } from '../../../src/world/world.ts';
import { asJson, observed } from './setting.ts';

const served: ServedWorld[] = [];
afterEach(async () => {
  for (const one of served.splice(0)) await one.close();
});

async function serve(scenario: Scenario = {}, options: ServeOptions = {}) {
  const clock = virtualClock();
  const world = simulatedWorld({ clock, ids: seededIds('http'), clusters: [{ name: 'prod', scenario }, { name: 'standby' }] });
  const server = await serveWorld(world, options);
  served.push(server);
  const get = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${server.url}${path}`, init);
    const text = await response.text();
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      retryAfter: response.headers.get('retry-after'),
      text,
      json: (): unknown => JSON.parse(text),
    };
  };
  const send = (method: string, path: string, body: unknown, type = 'application/json') =>
    get(path, { method, body: typeof body === 'string' ? body : JSON.stringify(body), headers: { 'content-type': type } });
  return { clock, world, server, get, send };
}

describe('discovery', () => {
  test('says which groups, versions, kinds and verbs there are', async () => {
    const { get } = await serve();
    expect((await get('/version')).json()).toMatchObject({ major: '1', minor: '37' });
    expect((await get('/api')).json()).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
    const groups = asJson((await get('/apis')).json());
    expect(listAt(groups, 'groups').map((group) => textAt(group, 'name'))).toEqual([
      'apps',
      'batch',
      'policy',
      'networking.k8s.io',
      'coordination.k8s.io',
      'storage.k8s.io',
      'authorization.k8s.io',
      'authentication.k8s.io',
      'apiextensions.k8s.io',
      'velero.io',
    ]);
    expect((await get('/apis/velero.io')).json()).toMatchObject({
      kind: 'APIGroup',
      preferredVersion: { version: 'v1' },
      versions: [{ version: 'v1' }, { version: 'v2alpha1' }],
    });
    const core = asJson((await get('/api/v1')).json());
    expect(listAt(core, 'resources')).toContainEqual({
      name: 'pods',
      singularName: 'pod',
      namespaced: true,
      kind: 'Pod',
      shortNames: ['po'],
      categories: ['all'],
      verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
      storageVersionHash: expect.any(String),
    });
    expect(listAt(core, 'resources')).toContainEqual({
      name: 'pods/eviction',
      singularName: '',
      namespaced: true,
      kind: 'Eviction',
      group: 'policy',
      version: 'v1',
      verbs: ['create'],
    });
  });

  test('answers 404 in plain text for what there is not', async () => {
    const { get } = await serve();
    const real = observed('conflicts-and-errors', 'unknown resource');
    for (const path of ['/apis/nope.io/v1', '/apis/nope.io/v1/things', '/apis/velero.io/v1/things', '/openapi/v2', '/nothing']) {
      expect(await get(path)).toMatchObject({ status: 404, type: real.headers['Content-Type'], text: '404 page not found\n' });
    }
  });

  test('tells clients that the server checks fields itself', async () => {
    const { get } = await serve();
    const index = asJson((await get('/openapi/v3')).json());
    const url = textAt(index, 'paths', 'apis/velero.io/v1', 'serverRelativeURL');
    const document = asJson((await get(url)).json());
    expect(at(document, 'paths', '/apis/velero.io/v1/namespaces/{namespace}/backups/{name}', 'patch')).toMatchObject({
      'x-kubernetes-group-version-kind': { group: 'velero.io', version: 'v1', kind: 'Backup' },
      parameters: expect.arrayContaining([expect.objectContaining({ name: 'fieldValidation' })]),
    });
  });
});

describe('objects over HTTP', () => {
  const path = '/api/v1/namespaces/app/configmaps';

  test('are made, read, listed, patched and deleted', async () => {
    const { send, get, world } = await serve({ namespaces: ['app'] });
    expect((await send('POST', path, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { x: '1' } })).status).toBe(201);
    expect((await get(`${path}/a`)).json()).toMatchObject({ kind: 'ConfigMap', data: { x: '1' } });
    expect((await get('/api/v1/configmaps?fieldSelector=metadata.name=a')).json()).toMatchObject({
      kind: 'ConfigMapList',
      items: [{ metadata: { name: 'a' } }],
    });
    expect((await send('PATCH', `${path}/a`, { data: { x: '2' } }, 'application/merge-patch+json')).json()).toMatchObject({ data: { x: '2' } });
    expect(
      (
        await send(
          'PATCH',
          `${path}/a?fieldManager=m`,
          'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata: { y: "3" }\n',
          'application/apply-patch+yaml',
        )
      ).json(),
    ).toMatchObject({ data: { x: '2', y: '3' } });
    expect((await send('PATCH', `${path}/a`, {})).status).toBe(415);
    expect((await send('DELETE', `${path}/a`, { preconditions: { uid: 'another' } })).status).toBe(409);
    expect((await send('DELETE', `${path}/a`, '')).json()).toMatchObject({ status: 'Success', details: { name: 'a', kind: 'configmaps' } });
    expect(world.cluster().writes()).toEqual(['create ConfigMap/app/a', 'patch ConfigMap/app/a', 'patch ConfigMap/app/a', 'delete ConfigMap/app/a']);
    expect(world.cluster().record().writes[0]).toMatchObject({ userAgent: 'node', changed: true });
  });

  test('with a body that is no JSON are refused as by the real server', async () => {
    const { send } = await serve({ namespaces: ['app'] });
    const answer = await send('POST', path, '{"apiVersion":');
    expect([answer.status, answer.json()]).toEqual([400, observed('conflicts-and-errors', 'broken JSON').body]);
  });

  test('come as a table to those who would rather have one', async () => {
    const { get } = await serve({ schedules: [{ name: 'daily', cron: '0 2 * * *', age: '5h', lastBackup: '3h' }] });
    const accept = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };
    expect((await get('/apis/velero.io/v1/namespaces/velero/schedules', { headers: accept })).json()).toMatchObject({
      kind: 'Table',
      columnDefinitions: [{ name: 'Name' }, { name: 'Status' }, { name: 'Schedule' }, { name: 'LastBackup' }, { name: 'Age' }, { name: 'Paused' }],
      rows: [{ cells: ['daily', 'Enabled', '0 2 * * *', '3h', '5h', null], object: { kind: 'PartialObjectMetadata', metadata: { name: 'daily' } } }],
    });
    expect((await get('/api/v1/nodes', { headers: accept })).json()).toMatchObject({
      rows: [{ cells: expect.arrayContaining(['w1', 'Ready', '<none>', '30d', 'v1.37.1']) }, {}, {}],
    });
    expect((await get('/api/v1/nodes/nope', { headers: accept })).json()).toMatchObject({ kind: 'Status', code: 404 });
  });

  test('of another cluster lie under its name', async () => {
    const { send, get, world, server } = await serve();
    expect(server.urlOf('standby')).toBe(`${server.url}/clusters/standby`);
    await send('POST', '/clusters/standby/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'app' } });
    expect((await get('/clusters/standby/api/v1/namespaces/app')).status).toBe(200);
    expect((await get('/api/v1/namespaces/app')).status).toBe(404);
    expect((await get('/clusters/nope/api')).status).toBe(404);
    expect(world.writes()).toEqual(['standby: create Namespace/app']);
  });

  test('need the token where one is asked for', async () => {
    const { get } = await serve({}, { token: 'secret' });
    const refused = await get('/api/v1/nodes', { headers: { authorization: 'Bearer other' } });
    expect([refused.status, refused.json()]).toEqual([401, observed('rbac', 'a wrong token').body]);
    expect((await get('/api/v1/nodes', { headers: { authorization: 'Bearer secret' } })).status).toBe(200);
    expect((await get('/readyz')).text).toBe('ok');
  });

  test('give logs as text', async () => {
    const { get } = await serve({ pods: [{ name: 'shop/api-0', node: 'w1', log: ['one', 'two'] }] });
    expect(await get('/api/v1/namespaces/shop/pods/api-0/log?tailLines=1')).toMatchObject({ status: 200, type: 'text/plain; charset=utf-8', text: 'two\n' });
  });
});

describe('a watch over HTTP', () => {
  test('streams lines until its time is over', async () => {
    const { clock, send, server } = await serve({ namespaces: ['app'] });
    const response = await fetch(`${server.url}/api/v1/namespaces/app/configmaps?watch=true&timeoutSeconds=70&allowWatchBookmarks=true`);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json']);
    await send('POST', '/api/v1/namespaces/app/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } });
    await clock.pass(71_000);
    const lines = (await response.text()).trim().split('\n');
    expect(lines.map((line) => [textAt(JSON.parse(line), 'type'), textAt(JSON.parse(line), 'object', 'metadata', 'name')])).toEqual([
      ['ADDED', 'a'],
      ['BOOKMARK', ''],
    ]);
  });

  test('lets go of the cluster when the client leaves', async () => {
    const { server, world } = await serve();
    const leave = new AbortController();
    const { objects } = world.cluster();
    const before = objects.listeners();
    const response = await fetch(`${server.url}/api/v1/nodes?watch=1`, { signal: leave.signal });
    expect(objects.listeners()).toBe(before + 1);
    leave.abort();
    await expect(response.text()).rejects.toThrow(/abort/);
    await expect.poll(() => objects.listeners()).toBe(before);
  });
});

describe('faults over HTTP', () => {
  test('break the connection before or after the write', async () => {
    const { send, world } = await serve({
      namespaces: ['app'],
      faults: [
        { give: 'reset', verb: 'create', times: 1 },
        { give: 'reset-after', verb: 'create', times: 1 },
      ],
    });
    const make = (name: string) => send('POST', '/api/v1/namespaces/app/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
    await expect(make('a')).rejects.toThrow('fetch failed');
    await expect(make('b')).rejects.toThrow('fetch failed');
    expect((await make('c')).status).toBe(201);
    expect(world.writes()).toEqual(['prod: create ConfigMap/app/b', 'prod: create ConfigMap/app/c']);
  });

  test('leave the client waiting', async () => {
    const { get } = await serve({ faults: [{ give: 'hang', kind: 'Node', times: 1 }] });
    await expect(get('/api/v1/nodes', { signal: AbortSignal.timeout(100) })).rejects.toThrow(/timeout/);
    expect((await get('/api/v1/nodes')).status).toBe(200);
  });

  test('carry what the real server sends along', async () => {
    const { get } = await serve({
      faults: [
        { give: 'too-many-requests', times: 1 },
        { give: 'unavailable', retryAfter: '3s', times: 1 },
      ],
    });
    const real = observed('flow-control-429', 'one of the refused');
    expect(await get('/api/v1/nodes')).toMatchObject({ status: 429, retryAfter: '1', type: real.headers['Content-Type'], text: `${textAt(real.body)}\n` });
    expect(await get('/api/v1/nodes')).toMatchObject({ status: 503, retryAfter: '3' });
  });
});

describe('beside the Kubernetes API', () => {
  test('presigned downloads are served as gzip, and refused where the signature is wrong or the method another', async () => {
    const { clock, send, get } = await serve({ backups: [{ name: 'hookfail', phase: 'PartiallyFailed', reason: 'hook-failed' }] });
    await send('POST', '/apis/velero.io/v1/namespaces/velero/downloadrequests', {
      apiVersion: 'velero.io/v1',
      kind: 'DownloadRequest',
      metadata: { name: 'd' },
      spec: { target: { kind: 'BackupResults', name: 'hookfail' } },
    });
    await clock.pass(1500);
    const url = textAt(asJson((await get('/apis/velero.io/v1/namespaces/velero/downloadrequests/d')).json()), 'status', 'downloadURL');
    const response = await fetch(url);
    expect([response.status, response.headers.get('content-encoding')]).toEqual([200, null]);
    expect(JSON.parse(gunzipSync(Buffer.from(await response.arrayBuffer())).toString())).toMatchObject({
      errors: { velero: [expect.stringContaining('Error executing hook'), expect.any(String)] },
      warnings: {},
    });
    expect((await fetch(url.replace(/Signature=..../, 'Signature=0000'))).status).toBe(403);
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(403);
    expect((await fetch(url.replace('hookfail-results', 'other'))).status).toBe(403);
  });

  test('Velero shows its metrics while it runs', async () => {
    const { get, world } = await serve();
    const metrics = await get('/metrics');
    expect([metrics.status, metrics.text.includes('velero_backup_total 0')]).toEqual([200, true]);
    world.apply({ velero: { server: 'down' } });
    await expect(get('/metrics')).rejects.toThrow('fetch failed');
  });

  test('the world has switches of its own', async () => {
    const { send, get } = await serve();
    expect((await send('POST', '/world/apply', { nodes: [{ name: 'w1', ready: false }] })).status).toBe(200);
    expect((await get('/api/v1/nodes/w1')).json()).toMatchObject({
      status: { conditions: expect.arrayContaining([expect.objectContaining({ type: 'Ready', status: 'Unknown' })]) },
    });
    expect((await send('POST', '/world/clock', { passMs: 60_000 })).json()).toEqual({ nowMs: Date.UTC(2026, 10, 21, 12, 1) });
    expect((await send('POST', '/world/apply', { nodez: [] })).json()).toEqual({ error: expect.stringContaining('nodez') });
    await send('PATCH', '/api/v1/nodes/w2', { spec: { unschedulable: true } }, 'application/strategic-merge-patch+json');
    expect((await get('/world/writes')).json()).toMatchObject({ writes: ['prod: patch Node/w2'], record: [{ cluster: 'prod', line: 'patch Node/w2' }] });
    expect((await get('/world/people')).json()).toEqual({ messages: [], pages: [] });
    expect((await get('/world/nothing')).status).toBe(404);
  });
});
