import { expect, test } from 'vitest';
import { finder, z } from '../../../src/action/contract.ts';
import { sha256 } from '../../../src/model/digest.ts';
import { playbookFromText } from '../../../src/playbook/revive.ts';
import { silentLog } from '../../../src/port/log.ts';
import { findTargets } from '../../../src/run/find-targets.ts';
import { oracleStore } from '../../../src/store/oracle.ts';
import { worldCluster } from '../../../src/world/access.ts';
import { virtualClock } from '../../../src/world/clock.ts';
import { simulatedCluster } from '../../../src/world/cluster.ts';
import { seededIds } from '../../../src/world/ids.ts';
import { policy } from './samples.ts';

const TEXT = `summary: Look
find: { action: node.find, with: {} }
target: { from: found.node }
stages:
  - id: look
    steps: [{ id: look, action: node.cordon, with: { node: { from: found.node } }, undo: never }]
    onFailure: stop
`;

test('a finder is handed a reader: it has nothing to write with', async () => {
  const clock = virtualClock();
  const ids = seededIds(1);
  const prod = worldCluster(simulatedCluster({ name: 'prod', clock, ids }));
  const handed: string[] = [];
  const nodeFind = finder({
    id: 'node.find',
    summary: 'Find nodes',
    needs: ['list nodes'],
    params: z.strictObject({}),
    async run({ kube }) {
      handed.push(...Object.keys(kube));
      const nodes = await kube.list({ apiVersion: 'v1', kind: 'Node' });
      return nodes.map(({ metadata }) => ({ node: metadata.name }));
    },
  });
  const clusters = { names: () => ['prod'], get: () => prod };
  const engine = { store: oracleStore({ clock }), clock, ids, log: silentLog, clusters, actions: { get: () => nodeFind }, policy: () => policy };
  const playbook = playbookFromText('looks', TEXT, sha256(TEXT));
  expect(await findTargets(engine, { playbook, cluster: 'prod', labels: [], params: {} })).toEqual([{ node: 'w1' }, { node: 'w2' }, { node: 'w3' }]);
  expect(handed.filter((name) => ['create', 'patch', 'delete', 'evict'].includes(name))).toEqual([]);
});
