import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { RunView } from '../../../src/port/view/run.ts';
import { auditedWrites, SALVOR } from '../audit.ts';
import { openResponder, type Responder } from '../backup-failed/responder.ts';
import { type Cluster, startCluster } from '../cluster.ts';
import { asking, notesOf } from './asking.ts';
import { apply, backUp, dataOf, of, openShelf, openShop } from './shop.ts';

let cluster: Cluster;
let salvor: Responder;
beforeAll(async () => {
  cluster = await startCluster({ env: { CLUSTER_AUDIT: '1' } });
});
beforeEach(async () => {
  salvor = await openResponder(cluster, { three: true });
});
afterAll(() => cluster?.close());

test('one ConfigMap that somebody deleted comes back; everything else in its namespace keeps its version', { timeout: 120_000 }, async () => {
  await openShop(cluster, 'shop');
  await backUp(cluster, 'shop-1', 'shop');
  await cluster.kubectl(['-n', 'shop', 'delete', 'configmap', 'prices']);
  await apply(cluster, [of('v1', 'ConfigMap', { name: 'flags', namespace: 'shop' }, { data: { sale: 'off' } })]);
  const before = await versions('shop');

  const run = await restored({ into: 'shop', resources: 'configmaps' });
  expect(notesOf(run)).toContain('Creates 1 ConfigMap (prices)');
  expect(notesOf(run)).toContain('Leaves as they are, since they exist: 1 ConfigMap (flags)');
  expect(await dataOf(cluster, 'shop', 'prices')).toEqual({ apple: '3', pear: '4' });
  expect((await versions('shop')).filter((line) => !before.includes(line))).toEqual([expect.stringMatching(/^ConfigMap prices \d+$/)]);
  expect(auditedWrites(cluster, SALVOR)).toEqual([
    expect.stringMatching(/^create backups\/shop-before-[0-9a-f]{8}$/),
    expect.stringMatching(/^create restores\/shop-restore-[0-9a-f]{8}$/),
  ]);
});

test('a Deployment that is gone comes back by its kind and labels, and runs; what it reads and is reached by keeps its version', {
  timeout: 120_000,
}, async () => {
  await openShop(cluster, 'store');
  await backUp(cluster, 'store-1', 'store');
  await cluster.kubectl(['-n', 'store', 'delete', 'deployment', 'web', '--wait']);
  await cluster.kubectl(['-n', 'store', 'wait', '--for', 'delete', 'pod', '-l', 'app=web', '--timeout', '60s']);
  const before = await versions('store');

  const run = await restored({ into: 'store', resources: 'deployments', selector: 'app=web' });
  expect(await cluster.kubectl(['-n', 'store', 'get', 'deployment', 'web', '-o', 'jsonpath={.status.readyReplicas}'])).toBe('2');
  expect((await versions('store')).filter((line) => !before.includes(line))).toEqual([]);
  expect((await salvor.told(run)).join('\n')).toMatch(/Verified: .*1 of 1 workload ready/);
});

test('a kind that the backup does not hold is refused by its name, and nothing is asked of anybody', { timeout: 120_000 }, async () => {
  await openShelf(cluster, 'shelf');
  await backUp(cluster, 'shelf-1', 'shelf');
  const before = auditedWrites(cluster, SALVOR).length;
  const refused = await asking(salvor).ask('restore-resource', { into: 'shelf', resources: 'statefulsets' });
  expect(refused).toMatchObject({ state: 'handed-over', finding: { reason: 'shelf-1 holds nothing of statefulsets of shelf' } });
  expect(auditedWrites(cluster, SALVOR)).toHaveLength(before);
});

/** Asked for, and approved by two people who type the name: the namespace lives. */
async function restored(params: { readonly into: string; readonly [name: string]: string }): Promise<RunView> {
  const { ask, settled } = asking(salvor);
  const proposed = await ask('restore-resource', params);
  expect(proposed).toMatchObject({ state: 'proposed', plan: { risk: 'destructive' } });
  await salvor.as('ben').approve(proposed, params.into);
  await salvor.as('cleo').approve(proposed, params.into);
  const done = await settled(proposed.id);
  expect(done).toMatchObject({ state: 'done' });
  return done;
}

/** `ConfigMap flags 812`: what was put into a namespace, but for the workload and what follows from it. */
async function versions(namespace: string): Promise<readonly string[]> {
  const line = '{range .items[*]}{.kind} {.metadata.name} {.metadata.resourceVersion}{"\\n"}{end}';
  const text = await cluster.kubectl(['-n', namespace, 'get', 'configmap,secret,service,serviceaccount,persistentvolumeclaim', '-o', `jsonpath=${line}`]);
  return text.trim().split('\n');
}
