import { expect, test } from 'vitest';
import type { Cluster, Watched } from '../../../src/port/kube.ts';
import { watchingInterest } from '../../../src/run/interest.ts';
import { oracleStore } from '../../../src/store/oracle.ts';
import { worldCluster } from '../../../src/world/access.ts';
import { virtualClock } from '../../../src/world/clock.ts';
import { simulatedCluster } from '../../../src/world/cluster.ts';
import { seededIds } from '../../../src/world/ids.ts';

const RUN = { id: 'run/a-1', cluster: 'prod' };

function stage() {
  const clock = virtualClock();
  const ids = seededIds(1);
  const open = new Map<AbortSignal, (change: Watched) => void>();
  const real = worldCluster(simulatedCluster({ name: 'prod', clock, ids, scenario: { namespaces: ['app'] } }));
  const cluster: Cluster = {
    ...real,
    watch(_, on, signal) {
      on.synced?.([]);
      open.set(signal, on.changed);
      signal.addEventListener('abort', () => open.delete(signal), { once: true });
    },
  };
  const store = oracleStore({ clock });
  const interest = watchingInterest({ store, clock, ids });
  const look = async (run = RUN.id): Promise<void> =>
    void (await interest.noting(cluster, run).access.list({ apiVersion: 'v1', kind: 'Pod', namespace: 'app' }));
  const change = (): void => {
    for (const changed of open.values())
      changed({ change: 'modified', object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'api-0', namespace: 'app', uid: 'u' } } });
  };
  return { interest, look, open, change, clock, store };
}

test('what a waiting run has read is watched until it waits no more', async () => {
  const { interest, look, open } = stage();
  await look();
  expect(open.size).toBe(0);
  interest.wait(RUN);
  expect(open.size).toBe(1);
  interest.forget(RUN.id);
  expect(open.size).toBe(0);
});

test('however many runs wait for things of one kind, it is listed and watched once, until the last of them waits no more', async () => {
  const { interest, look, open } = stage();
  const runs = Array.from({ length: 20 }, (_, n) => ({ id: `run/${n}-1`, cluster: 'prod' }));
  for (const run of runs) {
    await look(run.id);
    interest.wait(run);
  }
  expect(open.size).toBe(1);
  for (const { id } of runs.slice(1)) interest.forget(id);
  expect(open.size).toBe(1);
  interest.forget(runs[0]?.id ?? '');
  expect(open.size).toBe(0);
});

test('nothing stays watched for a run that was woken by a change and ended', async () => {
  const { interest, look, open, change } = stage();
  await look();
  interest.wait(RUN);
  change();
  interest.forget(RUN.id);
  expect(open.size).toBe(0);
});

test('a change is seen a tenth late at most, and what changes all the time wakes it ever more rarely, down to every five seconds', async () => {
  const { interest, look, change, clock, store } = stage();
  const wokenMs: number[] = [];
  const startMs = clock.nowMs();
  await look();
  interest.wait(RUN);
  while (clock.nowMs() - startMs < 90_000) {
    change();
    await clock.pass(50);
    if ((await store.mail('prod', RUN.id)).length === wokenMs.length) continue;
    wokenMs.push(clock.nowMs() - startMs);
    await look();
    interest.wait(RUN);
  }
  const gaps = wokenMs.slice(1).map((atMs, index) => ({ atMs, gapMs: atMs - (wokenMs[index] ?? 0) }));
  expect(wokenMs[0]).toBe(50);
  // Changes come every 50 ms here.
  expect(gaps.filter(({ atMs, gapMs }) => gapMs > 50 + Math.max(250, atMs / 10) || gapMs > 5050)).toEqual([]);
  expect(gaps.at(-1)?.gapMs).toBe(5000);
  expect(wokenMs.length).toBeLessThan(60);
});
