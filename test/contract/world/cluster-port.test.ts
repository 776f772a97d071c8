import { describe, expect, test } from 'vitest';
import { SalvorError } from '../../../src/model/error.ts';
import type { KubeObject } from '../../../src/model/object.ts';
import type { Watched, Writer } from '../../../src/port/kube.ts';
import type { Scenario } from '../../../src/world/scenario.ts';
import { drivers } from './drivers.ts';

const MAP = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'app', name: 'a' } as const;
const OTHER_UID = '00000000-0000-0000-0000-000000000000';

const make = (access: Writer, name = 'a'): Promise<KubeObject> =>
  access.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'app', name, labels: { app: name } }, data: { x: '1' } });
const uidOf = (object: KubeObject): string => object.metadata.uid ?? '';

/** What came of a call: the code and retry class of its fault, or nothing. */
async function faultOf(call: Promise<unknown>): Promise<readonly [string, string] | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    if (!(error instanceof SalvorError)) throw error;
    return [error.code, error.retry];
  }
}

describe.each(drivers)('the cluster port $name', ({ open }) => {
  test('makes, reads, finds, lists, patches and deletes', async () => {
    await using stage = await open({ namespaces: ['app'] });
    const { access } = stage.cluster;
    const made = await make(access);
    expect(await access.get(MAP)).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { uid: uidOf(made) }, data: { x: '1' } });
    expect(await access.find({ ...MAP, name: 'nope' })).toBeUndefined();
    await make(access, 'b');
    const list = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'app' };
    expect((await access.list(list)).map(({ kind, metadata }) => [kind, metadata.name])).toEqual([
      ['ConfigMap', 'a'],
      ['ConfigMap', 'b'],
    ]);
    expect(await access.list({ ...list, labelSelector: 'app=b' })).toHaveLength(1);
    expect(await access.list({ ...list, fieldSelector: 'metadata.name=nope' })).toEqual([]);
    expect(await access.patch(MAP, { data: { x: null, y: '2' } }, { uid: uidOf(made) })).toMatchObject({ data: { y: '2' } });
    expect(await access.delete(MAP, { uid: uidOf(made) })).toBe('deleted');
    expect(await access.delete(MAP, { uid: uidOf(made) })).toBe('gone');
    expect(stage.sim.writes()).toEqual(['create ConfigMap/app/a', 'create ConfigMap/app/b', 'patch ConfigMap/app/a', 'delete ConfigMap/app/a']);
  });

  test('gives every refusal the same code and retry class', async () => {
    await using stage = await open({ namespaces: ['app'] });
    const { access } = stage.cluster;
    const uid = uidOf(await make(access));
    expect(await faultOf(access.get({ ...MAP, name: 'nope' }))).toEqual(['kube.not-found', 'never']);
    expect(await faultOf(make(access))).toEqual(['kube.exists', 'never']);
    expect(await faultOf(access.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'nope', name: 'a' } }))).toEqual([
      'kube.not-found',
      'never',
    ]);
    expect(await faultOf(make(access, 'Not_A_Name'))).toEqual(['kube.invalid', 'never']);
    expect(
      await faultOf(
        access.create({ apiVersion: 'velero.io/v1', kind: 'Backup', metadata: { namespace: 'velero', name: 'b' }, spec: { includeNamespaces: ['app'] } }),
      ),
    ).toEqual(['kube.invalid', 'never']);
    expect(await faultOf(access.patch(MAP, { data: {} }, { uid: OTHER_UID }))).toEqual(['kube.conflict', 'now']);
    expect(await faultOf(access.patch(MAP, { data: { x: '3' } }, { uid, resourceVersion: '1' }))).toEqual(['kube.conflict', 'now']);
    expect(await faultOf(access.patch({ ...MAP, name: 'nope' }, { data: {} }, { uid }))).toEqual(['kube.not-found', 'never']);
    expect(await faultOf(access.delete(MAP, { uid, resourceVersion: '1' }))).toEqual(['kube.conflict', 'now']);
    expect(await access.delete(MAP, { uid: OTHER_UID })).toBe('gone');
    expect(stage.sim.writes()).toEqual(['create ConfigMap/app/a']);
  });

  test('knows what the cluster serves', async () => {
    await using stage = await open();
    const { cluster } = stage;
    const { access } = cluster;
    expect([
      await cluster.serves('velero.io/v1', 'Backup'),
      await cluster.serves('velero.io/v1', 'Nothing'),
      await cluster.serves('nope.io/v1', 'Thing'),
    ]).toEqual([true, false, false]);
    expect(await faultOf(access.list({ apiVersion: 'nope.io/v1', kind: 'Thing' }))).toEqual(['kube.not-found', 'never']);
    expect(await access.find({ apiVersion: 'nope.io/v1', kind: 'Thing', namespace: 'app', name: 'a' })).toBeUndefined();
    expect(await faultOf(access.create({ apiVersion: 'nope.io/v1', kind: 'Thing', metadata: { name: 'a' } }))).toEqual(['kube.unknown-kind', 'never']);
    expect(await cluster.uid()).toMatch(/^[0-9a-f-]{36}$/);
  });

  test.each<readonly [string, NonNullable<Scenario['faults']>[number], readonly [string, string], readonly [string, string], number]>([
    ['500', { give: 'internal' }, ['kube.unavailable', 'later'], ['kube.timeout', 'later'], 0],
    ['503', { give: 'unavailable' }, ['kube.unavailable', 'later'], ['kube.unavailable', 'later'], 0],
    ['429', { give: 'too-many-requests' }, ['kube.too-many-requests', 'later'], ['kube.too-many-requests', 'later'], 0],
    ['403', { give: 'forbidden' }, ['kube.forbidden', 'never'], ['kube.forbidden', 'never'], 0],
    ['401', { give: 'unauthorized' }, ['kube.unauthorized', 'later'], ['kube.unauthorized', 'later'], 0],
    ['409', { give: 'conflict' }, ['kube.conflict', 'now'], ['kube.conflict', 'now'], 0],
    ['504', { give: 'timeout' }, ['kube.timeout', 'later'], ['kube.timeout', 'later'], 0],
    ['silence', { give: 'hang' }, ['kube.timeout', 'later'], ['kube.timeout', 'later'], 0],
    ['a lost reply', { give: 'lost-reply' }, ['kube.timeout', 'later'], ['kube.timeout', 'later'], 1],
    ['a reset before', { give: 'reset' }, ['kube.unavailable', 'later'], ['kube.timeout', 'later'], 0],
    ['a reset after', { give: 'reset-after' }, ['kube.unavailable', 'later'], ['kube.timeout', 'later'], 1],
  ])('reads and writes through %s alike', async (_name, fault, reading, writing, done) => {
    await using stage = await open({ namespaces: ['app'] });
    const { access } = stage.cluster;
    await access.find(MAP);
    stage.sim.faults.add({ ...fault, kind: 'ConfigMap', verb: 'get' });
    stage.sim.faults.add({ ...fault, kind: 'ConfigMap', verb: 'create' });
    expect(await faultOf(access.get(MAP))).toEqual(reading);
    expect(await faultOf(make(access))).toEqual(writing);
    expect(stage.sim.writes()).toHaveLength(done);
  });

  test('evicts, and asks whether it may', async () => {
    await using stage = await open({
      pods: [
        { name: 'shop/api-0', node: 'w1' },
        { name: 'shop/db-0', node: 'w1' },
      ],
      budgets: [{ name: 'shop/db', match: { app: 'db' }, minAvailable: 1 }],
    });
    const { access } = stage.cluster;
    const pod = async (name: string) => ({ namespace: 'shop', name, uid: uidOf(await access.get({ apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name })) });
    expect(await access.mayEvict({ namespace: 'shop', name: 'api-0' })).toEqual({ allowed: true });
    expect(await access.mayEvict({ namespace: 'shop', name: 'db-0' })).toEqual({
      allowed: false,
      reason: expect.stringContaining('The disruption budget db needs 1 healthy pods and has 1 currently'),
    });
    expect(await access.evict(await pod('api-0'))).toBe('evicted');
    expect(await faultOf(access.evict(await pod('db-0')))).toEqual(['kube.too-many-requests', 'later']);
    expect(await access.evict({ namespace: 'shop', name: 'api-0', uid: OTHER_UID })).toBe('gone');
    expect(await access.evict({ namespace: 'shop', name: 'nope', uid: OTHER_UID })).toBe('gone');
    expect(stage.sim.writes()).toEqual(['evict Pod/shop/api-0']);
  });

  test('asks Velero and its storage, and leaves nothing behind', async () => {
    await using stage = await open({
      backups: [
        { name: 'good', phase: 'PartiallyFailed', reason: 'hook-failed' },
        { name: 'bare', files: 'missing' },
      ],
    });
    const { access } = stage.cluster;
    const target = { namespace: 'velero', kind: 'BackupResults', name: 'good', limitBytes: 10_000 };
    expect((await access.download(target))?.text).toContain('Error executing hook');
    expect(await access.download({ ...target, limitBytes: 20 })).toMatchObject({ cut: true, text: expect.stringMatching(/^.{20}$/s) });
    expect(await access.download({ ...target, name: 'bare' })).toBeUndefined();
    expect(await access.veleroServer({ namespace: 'velero', withinMs: 20_000 })).toEqual({ version: 'v1.18.3' });
    for (const kind of ['DownloadRequest', 'ServerStatusRequest']) expect(await access.list({ apiVersion: 'velero.io/v1', kind })).toEqual([]);
    expect(stage.sim.writes()).toEqual([]);
  });

  test.each<readonly [string, Scenario, readonly [string, string]]>([
    ['is down', { storage: { default: 'unavailable' } }, ['storage.unavailable', 'later']],
    ['gives half a file', { velero: { downloads: 'truncated' } }, ['kube.invalid', 'never']],
    ['does not take the signature', { velero: { downloads: 'expired' } }, ['storage.unavailable', 'never']],
  ])('says what is wrong when the storage %s', async (_name, scenario, fault) => {
    await using stage = await open({ backups: [{ name: 'good' }], ...scenario });
    expect(await faultOf(stage.cluster.access.download({ namespace: 'velero', kind: 'BackupLog', name: 'good', limitBytes: 100 }))).toEqual(fault);
  });

  test('hears nothing from a Velero that is down', async () => {
    await using stage = await open({ velero: { server: 'down' }, backups: [{ name: 'good' }] });
    const { access } = stage.cluster;
    expect(await access.veleroServer({ namespace: 'velero', withinMs: 5000 })).toBeUndefined();
    expect(await faultOf(access.download({ namespace: 'velero', kind: 'BackupLog', name: 'good', limitBytes: 100 }))).toEqual(['kube.timeout', 'later']);
  });

  test('knows its own rights', async () => {
    await using stage = await open({
      rights: [
        { verbs: ['list'], groups: ['velero.io'], resources: ['backups'] },
        { verbs: ['create'], resources: ['pods/eviction'] },
      ],
    });
    const { access } = stage.cluster;
    expect(await access.mayI({ verb: 'list', group: 'velero.io', resource: 'backups' })).toBe(true);
    expect(await access.mayI({ verb: 'create', group: 'velero.io', resource: 'backups' })).toBe(false);
    expect(await access.mayI({ verb: 'create', group: '', resource: 'pods/eviction', namespace: 'shop' })).toBe(true);
    expect(await faultOf(access.list({ apiVersion: 'v1', kind: 'Node' }))).toEqual(['kube.forbidden', 'never']);
  });

  test('gives logs, and no log of a silent node', async () => {
    await using stage = await open({
      nodes: [{ name: 'w1' }, { name: 'w2', ready: false }],
      pods: [
        { name: 'shop/api-0', node: 'w1', log: ['a', 'b', 'c'], previousLog: ['old'] },
        { name: 'shop/db-0', node: 'w2' },
      ],
    });
    const { access } = stage.cluster;
    expect(await access.logs({ namespace: 'shop', pod: 'api-0', tailLines: 2 })).toBe('b\nc\n');
    expect(await access.logs({ namespace: 'shop', pod: 'api-0', previous: true, tailLines: 2 })).toBe('old\n');
    expect(await faultOf(access.logs({ namespace: 'shop', pod: 'db-0', tailLines: 2 }))).toEqual(['kube.unavailable', 'later']);
    expect(await faultOf(access.logs({ namespace: 'shop', pod: 'nope', tailLines: 2 }))).toEqual(['kube.not-found', 'never']);
  });

  test('watches for ever: through a break, a refusal and a version that is too old', async () => {
    await using stage = await open({ namespaces: ['app'] });
    const { cluster, sim } = stage;
    const told: string[] = [];
    const stop = new AbortController();
    const changed = ({ change, object }: Watched): void => void told.push(`${change} ${object.metadata.name}`);
    cluster.watch(
      { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'app' },
      { synced: (objects) => void told.push(`synced ${objects.length}`), changed },
      stop.signal,
    );
    await expect.poll(() => told).toEqual(['synced 0']);
    await make(cluster.access, 'a');
    await expect.poll(() => told).toEqual(['synced 0', 'added a']);
    sim.faults.add({ give: 'unavailable', verb: 'watch', times: 1 });
    sim.faults.add({ give: 'drop', verb: 'watch' });
    await make(cluster.access, 'b');
    await expect.poll(() => told).toEqual(['synced 0', 'added a', 'added b']);
    sim.faults.add({ give: 'expired', verb: 'watch', times: 1 });
    sim.faults.add({ give: 'drop', verb: 'watch' });
    await expect.poll(() => told.at(-1)).toBe('synced 2');
    stop.abort();
    await make(cluster.access, 'c');
    await cluster.access.get({ ...MAP, name: 'c' });
    expect(told).not.toContain('added c');
  });
});
