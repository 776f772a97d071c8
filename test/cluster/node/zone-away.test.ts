import { afterAll, beforeAll, expect, test } from 'vitest';
import { azDiagnose } from '../../../handlers/az-diagnose.ts';
import { type KubeCluster, openCluster } from '../../../src/kube/open-cluster.ts';
import { systemClock } from '../../../src/port/clock.ts';
import { silentLog } from '../../../src/port/log.ts';
import { until } from '../../e2e/stage/until.ts';
import { diagnose } from '../../unit/handlers/about.ts';
import { type Cluster, startCluster } from '../cluster.ts';

const PATIENTLY = { withinMs: 60_000, everyMs: 500 };

let cluster: Cluster;
let adapter: KubeCluster;

beforeAll(async () => {
  cluster = await startCluster({ parts: 'kube' });
  adapter = await openCluster({ name: 'prod', kubeconfig: cluster.kubeconfig, clock: systemClock, log: silentLog, userAgent: 'salvor/test' });
  for (const [node, zone] of Object.entries({ 'node-0': 'a', 'node-1': 'b', 'node-2': 'b' }))
    await cluster.kubectl(['label', 'node', node, `topology.kubernetes.io/zone=${zone}`, '--overwrite']);
  await cluster.kubectl(['create', 'namespace', 'shop']);
  await cluster.kubectl(['-n', 'shop', 'create', 'deployment', 'api', '--image=example.com/api', '--replicas=6', '--port=80']);
  await cluster.kubectl(['-n', 'shop', 'expose', 'deployment', 'api']);
  await cluster.kubectl(['-n', 'shop', 'rollout', 'status', 'deployment/api', '--timeout=30s']);
});

afterAll(async () => {
  await adapter.close();
  await cluster.close();
});

const look = () => diagnose(azDiagnose, {}, adapter.access, systemClock.nowMs());

test('a zone of the real cluster that dies is named, and everything that the diagnosis reads is there to be read', async () => {
  expect((await look()).finding).toMatchObject({ kind: 'recovered', reason: 'every node reports: 3 nodes ready in 2 zones' });
  await cluster.node('node-1', 'down');
  await cluster.node('node-2', 'down');
  await until('two nodes are silent', async () => (await look()).facts['sick'] === 2, PATIENTLY);
  const { finding, evidence, facts } = await look();
  expect(finding.reason).toMatch(/^zone b is gone: 2 of 2 nodes of it are silent since .* UTC, 0 of 1 elsewhere$/);
  expect(facts).toMatchObject({ cause: 'shared', common: 'zone b', sickNames: ['node-1', 'node-2'] });
  const said = evidence.join('\n');
  expect(said).not.toContain('cannot be read');
  expect(said).toMatch(/Deployment shop\/api \(\d there/);
  expect(said).toContain('in b evicts pods after their toleration');
  expect(said).toMatch(/ready endpoints by zone: \d in a/);
  expect(said).toMatch(/events of these nodes in the last hour: .*NodeNotReady on 2/);
});

test('when the last node dies it is the control plane that is doubted; when they return there is nothing more', async () => {
  await cluster.node('node-0', 'down');
  await until('all nodes are silent', async () => (await look()).facts['sick'] === 3, PATIENTLY);
  const { finding, evidence } = await look();
  expect(finding.reason).toMatch(/^the control plane hears of no node: all 3 are silent/);
  expect(evidence.join('\n')).toContain('evicts nothing: no zone has a ready node');
  for (const node of ['node-0', 'node-1', 'node-2']) await cluster.node(node, 'up');
  await until('every node reports', async () => (await look()).finding.kind === 'recovered', PATIENTLY);
});
