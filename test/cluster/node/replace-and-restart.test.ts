import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { until } from '../../e2e/stage/until.ts';
import { auditedWrites } from '../audit.ts';
import { type Cluster, startCluster } from '../cluster.ts';
import { type Account, openAccount, printedRights } from '../rights/account.ts';
import { openSalvor, type Salvor } from './people.ts';
import { budget, daemonSet, NAMESPACE, podsOn, put, workload } from './workloads.ts';

const [OLD, NEW, THIRD] = ['node-0', 'node-1', 'node-2'];

let cluster: Cluster;
let account: Account;
let salvor: Salvor;
beforeAll(async () => {
  cluster = await startCluster({ parts: 'kube', env: { CLUSTER_AUDIT: '1' } });
  account = await openAccount(cluster);
  await cluster.kubectl(['create', 'namespace', NAMESPACE]);
});
afterAll(() => cluster?.close());
beforeEach(async () => {
  salvor = await openSalvor(account.kubeconfigFile);
});
afterEach(() => salvor.close());

const writes = (): readonly string[] => auditedWrites(cluster, `"username":"${account.user}"`);
const Pods = z.object({
  items: z.array(
    z.object({ metadata: z.object({ name: z.string() }), status: z.object({ conditions: z.array(z.looseObject({ type: z.string() })).default([]) }) }),
  ),
});

test('a pod that hangs is evicted once, with exactly the rights that are printed, and what took its place is proven', async () => {
  await cluster.kubectl(['apply', '-f', '-'], await printedRights({ playbook: ['pod-restart'] }));
  await put(cluster, [workload('api', { node: THIRD, replicas: 3 }), budget('api', 'api', { minAvailable: 2 })]);
  const pods = await until('three pods serve', async () => {
    const { items } = Pods.parse(JSON.parse(await cluster.kubectl(['-n', NAMESPACE, 'get', 'pods', '-l', 'app=api', '-o', 'json'])));
    return items.length === 3 && items.every(({ status }) => status.conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True'))
      ? items
      : undefined;
  });
  const sick = pods[0]?.metadata.name ?? '';
  // With a reason, or the kubelet of the test would make it ready again.
  const since = new Date(Date.now() - 600_000).toISOString();
  const conditions = (pods[0]?.status.conditions ?? []).map((one) =>
    one.type === 'Ready' ? { ...one, status: 'False', reason: 'ReadinessProbe', lastTransitionTime: since } : one,
  );
  await cluster.kubectl(['-n', NAMESPACE, 'patch', 'pod', sick, '--subresource=status', '--type=merge', '-p', JSON.stringify({ status: { conditions } })]);

  const id = await salvor.start('ana', 'pod-restart', { pod: `${NAMESPACE}/${sick}` });
  const proposed = await salvor.when(id, 'it is proposed', ({ state }) => state === 'proposed');
  expect(proposed.finding).toMatchObject({ kind: 'act', reason: expect.stringContaining('runs and is not Ready for 10m') });
  // Its pods are as young as the cluster, so nothing starts by itself.
  expect(proposed.stage).toBe('restart-asked');
  await salvor.approve('ben', id);
  await salvor.when(id, 'it is done', ({ state }) => state === 'done');
  expect(writes()).toEqual([`create pods/${sick}`]);
  const left = await podsOn(cluster, THIRD ?? '');
  expect(left).not.toContain(sick);
});

test('a machine is replaced: the new node gets labels and taints, and the old Node is deleted only with the right to do so', async () => {
  await cluster.kubectl(['apply', '-f', '-'], await printedRights({ playbook: ['node-replace'], with: ['node.delete'] }));
  await put(cluster, [daemonSet('agent')]);
  await cluster.kubectl(['label', 'node', OLD ?? '', 'tier=db']);
  await cluster.kubectl(['taint', 'node', OLD ?? '', 'dedicated=db:NoSchedule']);
  await cluster.node(OLD ?? '', 'down');
  await until('it is Unknown', async () => (await cluster.kubectl(['get', 'node', OLD ?? ''])).includes('NotReady'));
  await cluster.kubectl(['-n', NAMESPACE, 'delete', 'deployments', '--all']);
  const already = writes().length;

  const id = await salvor.start('ana', 'node-replace', { node: OLD ?? '' });
  const asked = (stage: string) => salvor.when(id, `${stage} is asked`, (run) => run.stage === stage && run.waiting?.for === 'person');
  await asked('power');
  await salvor.answer('ana', id, { ask: 'power', value: 'it-is-off', confirmation: OLD ?? '' });
  await asked('provision');
  await salvor.answer('ana', id, { ask: 'provision', value: true });
  await asked('join');
  await salvor.answer('ana', id, { ask: 'join', value: NEW ?? '' });
  await salvor.when(id, 'labels and taints are proposed', (run) => run.state === 'proposed');
  await salvor.approve('ben', id);
  await asked('accept');
  expect(await cluster.kubectl(['get', 'node', NEW ?? '', '-o', 'jsonpath={.metadata.labels.tier} {.spec.taints[*].key}'])).toBe('db dedicated');
  await salvor.answer('ana', id, { ask: 'accept', value: true });
  // What the taint manager has evicted stays Terminating on a dead machine: the Node is kept until somebody frees it.
  await cluster.kubectl(['-n', NAMESPACE, 'delete', 'pods', '--field-selector', `spec.nodeName=${OLD}`, '--force', '--grace-period=0']);
  await salvor.when(id, 'its deletion is proposed', (run) => run.state === 'proposed' && run.stage === 'remove');
  expect(await cluster.kubectl(['get', 'nodes', '-o', 'name'])).toContain(`node/${OLD}`);
  await salvor.approve('ben', id, OLD);
  await salvor.approve('cleo', id, OLD);
  await salvor.when(id, 'it is done', ({ state }) => state === 'done');
  expect(await cluster.kubectl(['get', 'nodes', '-o', 'name'])).not.toContain(`node/${OLD}\n`);
  expect(writes().slice(already)).toEqual([`patch nodes/${NEW}`, `delete nodes/${OLD}`]);
});
