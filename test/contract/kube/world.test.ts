import { describe, expect, test } from 'vitest';
import type { KubeObject, ObjectRef } from '../../../src/model/object.ts';
import { drivers, eventually, type Scene } from './drivers.ts';

const configMap = (scene: Scene, name: string, more: object = {}): Parameters<Scene['cluster']['access']['create']>[0] => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: scene.namespace, ...more },
  data: { owner: 'salvor' },
});
const uidOf = (object: KubeObject): string => object.metadata.uid ?? '';

describe.each(drivers)('$name', { timeout: 120_000 }, (driver) => {
  const ref = (scene: Scene, name: string): ObjectRef => ({ apiVersion: 'v1', kind: 'ConfigMap', namespace: scene.namespace, name });

  test('what was created is read, found and listed, and its name is taken', async () => {
    await using scene = await driver.open();
    const { access } = scene.cluster;
    const made = await scene.wait(access.create(configMap(scene, 'a', { labels: { app: 'shop' } })));
    await scene.wait(access.create(configMap(scene, 'b', { labels: { app: 'other' } })));
    expect(uidOf(made)).not.toBe('');
    expect(await scene.wait(access.get(ref(scene, 'a')))).toMatchObject({
      kind: 'ConfigMap',
      metadata: { name: 'a', uid: uidOf(made) },
      data: { owner: 'salvor' },
    });
    const listed = await scene.wait(access.list({ apiVersion: 'v1', kind: 'ConfigMap', namespace: scene.namespace, labelSelector: 'app=shop' }));
    expect(listed.map(({ apiVersion, kind, metadata }) => `${apiVersion} ${kind} ${metadata.name}`)).toEqual(['v1 ConfigMap a']);
    await expect(scene.wait(access.create(configMap(scene, 'a')))).rejects.toMatchObject({ code: 'kube.exists', retry: 'never' });
  });

  test('the server ends a generated name', async () => {
    await using scene = await driver.open();
    const { access } = scene.cluster;
    const make = (): Promise<KubeObject> =>
      scene.wait(access.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'salvor-', namespace: scene.namespace } }));
    const [one, other] = [await make(), await make()];
    expect(one.metadata.name).toMatch(/^salvor-[a-z0-9]{5}$/);
    expect(other.metadata.name).not.toBe(one.metadata.name);
  });

  test('what is not there is told apart: the object, the kind, the namespace', async () => {
    await using scene = await driver.open();
    const { access } = scene.cluster;
    await expect(scene.wait(access.get(ref(scene, 'none')))).rejects.toMatchObject({ code: 'kube.not-found', retry: 'never' });
    expect(await scene.wait(access.find(ref(scene, 'none')))).toBeUndefined();
    const nothing = { apiVersion: 'nothing.example.com/v1', kind: 'Nothing' };
    expect(await scene.wait(access.find({ ...nothing, name: 'x' }))).toBeUndefined();
    await expect(scene.wait(access.list(nothing))).rejects.toMatchObject({ code: 'kube.not-found', retry: 'never' });
    expect(await scene.wait(scene.cluster.serves(nothing.apiVersion, nothing.kind))).toBe(false);
    expect(await scene.wait(scene.cluster.serves('velero.io/v1', 'Backup'))).toBe(true);
    const elsewhere = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace: 'no-such-namespace' } };
    await expect(scene.wait(access.create(elsewhere))).rejects.toMatchObject({ code: 'kube.not-found', retry: 'never' });
  });

  test('an invalid object is refused for good', async () => {
    await using scene = await driver.open();
    await expect(scene.wait(scene.cluster.access.create(configMap(scene, 'Not_A_Name')))).rejects.toMatchObject({ code: 'kube.invalid', retry: 'never' });
  });

  test('a patch merges, takes away with null, and is bound to uid and version', async () => {
    await using scene = await driver.open();
    const { access } = scene.cluster;
    const made = await scene.wait(access.create(configMap(scene, 'a', { annotations: { before: 'x', stays: 'y' } })));
    const patched = await scene.wait(
      access.patch(
        ref(scene, 'a'),
        { metadata: { annotations: { before: null, after: 'z' } } },
        { uid: uidOf(made), resourceVersion: made.metadata.resourceVersion ?? '' },
      ),
    );
    expect(patched.metadata.annotations).toEqual({ stays: 'y', after: 'z' });
    expect(patched.metadata.resourceVersion).not.toBe(made.metadata.resourceVersion);
    const stale = { uid: uidOf(made), resourceVersion: made.metadata.resourceVersion ?? '' };
    await expect(scene.wait(access.patch(ref(scene, 'a'), { data: { owner: 'x' } }, stale))).rejects.toMatchObject({ code: 'kube.conflict' });
    const other = { uid: '00000000-0000-0000-0000-000000000000' };
    await expect(scene.wait(access.patch(ref(scene, 'a'), { data: { owner: 'x' } }, other))).rejects.toMatchObject({ code: 'kube.conflict' });
    await expect(scene.wait(access.patch(ref(scene, 'none'), { data: {} }, other))).rejects.toMatchObject({ code: 'kube.not-found' });
    expect(await scene.wait(access.get(ref(scene, 'a')))).toMatchObject({ data: { owner: 'salvor' } });
  });

  test('a delete takes the object that was meant, and no other of its name', async () => {
    await using scene = await driver.open();
    const { access } = scene.cluster;
    const made = await scene.wait(access.create(configMap(scene, 'a')));
    await expect(scene.wait(access.delete(ref(scene, 'a'), { uid: uidOf(made), resourceVersion: '1' }))).rejects.toMatchObject({ code: 'kube.conflict' });
    expect(await scene.wait(access.delete(ref(scene, 'a'), { uid: uidOf(made) }))).toBe('deleted');
    expect(await scene.wait(access.delete(ref(scene, 'a'), { uid: uidOf(made) }))).toBe('gone');
    const again = await scene.wait(access.create(configMap(scene, 'a')));
    expect(await scene.wait(access.delete(ref(scene, 'a'), { uid: uidOf(made) }))).toBe('gone');
    expect(uidOf(await scene.wait(access.get(ref(scene, 'a'))))).toBe(uidOf(again));
  });

  test('a list of more than one page is whole', async () => {
    await using scene = await driver.open();
    const { access } = scene.cluster;
    for (let hundreds = 0; hundreds < 6; hundreds += 1) {
      await scene.wait(Promise.all(Array.from({ length: 100 }, (_, n) => access.create(configMap(scene, `c-${hundreds}-${n}`, { labels: { page: 'many' } })))));
    }
    const listed = await scene.wait(access.list({ apiVersion: 'v1', kind: 'ConfigMap', namespace: scene.namespace, labelSelector: 'page=many' }));
    expect(new Set(listed.map(uidOf)).size).toBe(600);
  });

  test('a watch tells what is there, then every change once and in order', async () => {
    await using scene = await driver.open();
    const { access } = scene.cluster;
    await scene.wait(access.create(configMap(scene, 'first', { labels: { seen: 'yes' } })));
    const story: string[] = [];
    const stop = new AbortController();
    const on = {
      synced: (objects: readonly KubeObject[]) => void story.push(`synced ${objects.map(({ metadata }) => metadata.name).join(' ')}`),
      changed: ({ change, object }: { readonly change: string; readonly object: KubeObject }) => void story.push(`${change} ${object.metadata.name}`),
    };
    scene.cluster.watch({ apiVersion: 'v1', kind: 'ConfigMap', namespace: scene.namespace, labelSelector: 'seen=yes' }, on, stop.signal);
    await eventually(scene, async () => story[0]);
    const made = await scene.wait(access.create(configMap(scene, 'second', { labels: { seen: 'yes' } })));
    await scene.wait(access.create(configMap(scene, 'hidden')));
    await scene.wait(access.patch(ref(scene, 'second'), { data: { owner: 'x' } }, { uid: uidOf(made) }));
    await scene.wait(access.delete(ref(scene, 'second'), { uid: uidOf(made) }));
    await eventually(scene, async () => story[3]);
    expect(story).toEqual(['synced first', 'added second', 'modified second', 'deleted second']);
    stop.abort();
    await scene.wait(access.get(ref(scene, 'first')));
    await scene.wait(access.create(configMap(scene, 'third', { labels: { seen: 'yes' } })));
    expect(story).toHaveLength(4);
  });

  test('budgets decide about evictions, and a dry run says so beforehand', async () => {
    await using scene = await driver.open();
    const { access } = scene.cluster;
    const { namespace } = scene;
    const make = (name: string, app: string): Promise<KubeObject> =>
      scene.wait(
        access.create({
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name, namespace, labels: { app } },
          spec: { containers: [{ name: 'c', image: 'example.com/c' }] },
        }),
      );
    const budget = (name: string, app: string, minAvailable: number): Promise<KubeObject> =>
      scene.wait(
        access.create({
          apiVersion: 'policy/v1',
          kind: 'PodDisruptionBudget',
          metadata: { name, namespace },
          spec: { minAvailable, selector: { matchLabels: { app } } },
        }),
      );
    const free = await make('free', 'free');
    const kept = await make('kept', 'kept');
    await make('torn', 'torn');
    await budget('kept', 'kept', 1);
    await budget('torn-1', 'torn', 0);
    await budget('torn-2', 'torn', 0);
    const judged = await eventually(scene, async () => {
      const answer = await access.mayEvict({ namespace, name: 'kept' });
      return !answer.allowed && answer.reason.includes('needs 1 healthy pods') ? answer.reason : undefined;
    });
    expect(judged).toContain('The disruption budget kept');
    await expect(scene.wait(access.evict({ namespace, name: 'kept', uid: uidOf(kept) }))).rejects.toMatchObject({
      code: 'kube.too-many-requests',
      retry: 'later',
    });
    expect(await scene.wait(access.mayEvict({ namespace, name: 'torn' }))).toMatchObject({ allowed: false, reason: expect.stringContaining('more than one') });

    expect(await scene.wait(access.mayEvict({ namespace, name: 'free' }))).toEqual({ allowed: true });
    expect(await scene.wait(access.find({ apiVersion: 'v1', kind: 'Pod', namespace, name: 'free' }))).toBeDefined();
    expect(await scene.wait(access.evict({ namespace, name: 'free', uid: 'another-uid' }))).toBe('gone');
    expect(await scene.wait(access.evict({ namespace, name: 'free', uid: uidOf(free), gracePeriodSeconds: 0 }))).toBe('evicted');
    await eventually(scene, async () => ((await access.find({ apiVersion: 'v1', kind: 'Pod', namespace, name: 'free' })) === undefined ? true : undefined));
    expect(await scene.wait(access.evict({ namespace, name: 'free', uid: uidOf(free) }))).toBe('gone');
  });

  test('a cluster has one identity, and tells what we may do', async () => {
    await using scene = await driver.open();
    const uid = await scene.wait(scene.cluster.uid());
    expect(uid).not.toBe('');
    expect(await scene.wait(scene.cluster.uid())).toBe(uid);
    expect(await scene.wait(scene.cluster.access.mayI({ verb: 'create', group: '', resource: 'pods/eviction', namespace: scene.namespace }))).toBe(true);
  });

  test('Velero answers: its version, the log of a backup, and nothing is left of the questions', async () => {
    await using scene = await driver.open();
    const { access } = scene.cluster;
    const backup = { apiVersion: 'velero.io/v1', kind: 'Backup', namespace: 'velero', name: scene.namespace };
    await scene.wait(
      access.create({
        apiVersion: 'velero.io/v1',
        kind: 'Backup',
        metadata: { name: backup.name, namespace: 'velero' },
        spec: { includedNamespaces: [scene.namespace], storageLocation: 'default', ttl: '1h0m0s' },
      }),
    );
    const phaseOf = (object: KubeObject): unknown =>
      typeof object['status'] === 'object' && object['status'] !== null && 'phase' in object['status'] ? object['status'].phase : undefined;
    expect(await eventually(scene, async () => [phaseOf(await access.get(backup))].find((phase) => phase === 'Completed' || phase === 'PartiallyFailed'))).toBe(
      'Completed',
    );

    expect(await scene.wait(access.veleroServer({ namespace: 'velero', withinMs: 10_000 }))).toMatchObject({ version: expect.stringMatching(/^v1\./) });
    const log = await scene.wait(access.download({ namespace: 'velero', kind: 'BackupLog', name: backup.name, limitBytes: 1_000_000 }));
    expect(log).toMatchObject({ cut: false, text: expect.stringMatching(/backup/i) });
    expect(await scene.wait(access.download({ namespace: 'velero', kind: 'BackupLog', name: backup.name, limitBytes: 10 }))).toEqual({
      cut: true,
      text: log?.text.slice(0, 10),
    });
    for (const kind of ['DownloadRequest', 'ServerStatusRequest']) {
      await eventually(scene, async () => {
        const ours = (await access.list({ apiVersion: 'velero.io/v1', kind, namespace: 'velero' })).filter(({ metadata }) =>
          metadata.name.startsWith('salvor-'),
        );
        return ours.length === 0 ? true : undefined;
      });
    }
    const made = await scene.wait(access.get(backup));
    await scene.wait(access.delete(backup, { uid: uidOf(made) }));
  });
});
