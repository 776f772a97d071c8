import { expect, test } from 'vitest';
import { proberOf, readerOf } from '../../../src/run/views.ts';
import { worldCluster } from '../../../src/world/access.ts';
import { virtualClock } from '../../../src/world/clock.ts';
import { simulatedCluster } from '../../../src/world/cluster.ts';
import { seededIds } from '../../../src/world/ids.ts';

const clock = virtualClock();
const { access } = worldCluster(simulatedCluster({ name: 'prod', clock, ids: seededIds('views') }));

test('a reader has nothing to write with, a prober four requests that clean up after themselves', () => {
  const reads = ['find', 'get', 'list', 'logs', 'metrics', 'metricsRange', 'probe'];
  expect(Object.keys(readerOf(access)).sort()).toEqual(reads);
  expect(Object.keys(proberOf(access)).sort()).toEqual([...reads, 'download', 'mayEvict', 'mayI', 'veleroServer'].sort());
});

test('a view reads what the cluster says', async () => {
  const node = { apiVersion: 'v1', kind: 'Node', name: 'w1' };
  expect((await readerOf(access).get(node)).metadata.name).toBe('w1');
  expect(await readerOf(access).find({ ...node, name: 'none' })).toBeUndefined();
  expect(await proberOf(access).mayI({ verb: 'get', group: '', resource: 'nodes' })).toBe(true);
});
