import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { until } from '../../e2e/stage/until.ts';
import { type Cluster, startCluster } from '../cluster.ts';
import { hasty } from './clock.ts';
import { creating, say } from './meetings.ts';
import { expectDoneOnce, WRITE } from './once.ts';
import { signal } from './process.ts';
import { openSalvor, type Salvor } from './salvor.ts';
import { admitSalvor } from './way.ts';

let cluster: Cluster;
let salvor: Salvor;
beforeAll(async () => {
  cluster = await startCluster({ parts: 'kube', env: { CLUSTER_AUDIT: '1' } });
  await admitSalvor(cluster);
});
afterAll(() => cluster.close());

const CONFIG_MAPS = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'app' };
const put = (name: string, data: object): Promise<string> =>
  cluster.kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'app' }, data }));
const restart = async (): Promise<void> => {
  await cluster.kill('kube-apiserver');
  await cluster.start('kube-apiserver');
};

/** A watch of the namespace's ConfigMaps, told as one story. */
function watching({ adapter }: Salvor): { readonly story: readonly string[]; readonly stop: () => void } {
  const story: string[] = [];
  const stop = new AbortController();
  adapter.watch(
    CONFIG_MAPS,
    {
      synced: (objects) => story.push(`synced ${objects.map(({ metadata }) => metadata.name).join(' ')}`),
      changed: ({ change, object }) => story.push(`${change} ${object.metadata.name}`),
    },
    stop.signal,
  );
  return { story, stop: () => stop.abort() };
}

describe('etcd', () => {
  beforeEach(async () => {
    salvor = await openSalvor(cluster, { playbooks: { write: WRITE }, clock: hasty(10), deadlines: { requestMs: 2000, listMs: 4000 } });
  });
  afterEach(() => salvor.close());

  test('is compacted under a watch: it lists again, and what came in between is seen', async () => {
    await put('waits', { kind: 'wait' });
    const id = await salvor.start('write', { thing: 'waits' });
    await salvor.state(id, 'waiting');
    const { story, stop } = watching(salvor);
    await until('the watch is told what is there', () => story.some((line) => line.startsWith('synced')));
    // No watch gets through while the world goes on, and the API server forgets what it had in its cache.
    const away = salvor.proxy.meet(({ isWatch }) => isWatch, say(503, 'away'));
    await restart();
    await put('waits', { kind: 'act' });
    await put('between', { new: 'yes' });
    await compact();
    await restart();
    away();
    await salvor.state(id, 'proposed');
    await until('the new one is seen', () => story.some((line) => line.startsWith('synced') && line.includes('between')));
    expect(salvor.log().filter((line) => line.includes('kube.expired'))).not.toEqual([]);
    stop();
    await salvor.cancel(id);
  });

  test('is frozen: nothing is lost, and what was sent in the dark happens once', async () => {
    const id = await salvor.start('write', { thing: 'frozen' });
    salvor.proxy.meet(
      creating('configmaps'),
      async ({ forward }) => {
        signal(cluster, 'etcd', 'SIGSTOP');
        await forward();
      },
      1,
    );
    await salvor.approve(id);
    const { openIntents } = await salvor.trouble(id);
    const told = await salvor.show(id);
    signal(cluster, 'etcd', 'SIGCONT');
    expect(openIntents).toHaveLength(1);
    expect(told).toContain('Trying again: prod: no answer in time');
    await expectDoneOnce(salvor, id);
  });
});

test('is put back to an earlier state: the watch notices by itself that it is in another time', async () => {
  const copy = join(cluster.dir, 'etcd-copy');
  signal(cluster, 'etcd', 'SIGSTOP');
  await cp(join(cluster.dir, 'etcd'), copy, { recursive: true });
  signal(cluster, 'etcd', 'SIGCONT');
  const lost = Array.from({ length: 20 }, (_, at) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `lost-${at}`, namespace: 'app' } }));
  await cluster.kubectl(['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: lost }));
  // A silence is noticed after two and a half minutes.
  salvor = await openSalvor(cluster, { clock: hasty(50) });
  const { story, stop } = watching(salvor);
  await until('the watch is told what is there', () => story.some((line) => line.includes('lost')));
  await cluster.kill('kube-apiserver');
  await cluster.kill('etcd');
  await rm(join(cluster.dir, 'etcd'), { recursive: true });
  await cp(copy, join(cluster.dir, 'etcd'), { recursive: true });
  await cluster.start('etcd');
  await cluster.start('kube-apiserver');
  await until('it lists again', () => story.length > 1);
  expect(story.at(-1)).toMatch(/^synced /);
  expect(story.at(-1)).not.toContain('lost');
  stop();
  await salvor.close();
});

const Range = z.object({ header: z.object({ revision: z.string() }) });

async function compact(): Promise<void> {
  const ask = (path: string, body: object): Promise<Response> =>
    fetch(`${cluster.env['ETCD_ENDPOINT']}/v3/kv/${path}`, { method: 'POST', body: JSON.stringify(body) });
  const { header } = Range.parse(await (await ask('range', { key: 'AA==' })).json());
  expect((await ask('compaction', { revision: header.revision, physical: true })).status).toBe(200);
}
