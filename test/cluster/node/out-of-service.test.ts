import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { until } from '../../e2e/stage/until.ts';
import { auditedWrites } from '../audit.ts';
import { type Cluster, startCluster } from '../cluster.ts';
import { type Account, openAccount, printedRights } from '../rights/account.ts';
import { openSalvor, type Salvor } from './people.ts';
import { NAMESPACE, put, workload } from './workloads.ts';

const DEAD = 'node-1';
const OUT = 'node.kubernetes.io/out-of-service';
const TOLERATING = { tolerations: [{ key: 'dedicated', operator: 'Exists' }] };
const VOLUME = { accessModes: ['ReadWriteOnce'], storageClassName: '' };

let cluster: Cluster;
let account: Account;
let salvor: Salvor;
beforeAll(async () => {
  cluster = await startCluster({ parts: 'kube', env: { CLUSTER_AUDIT: '1' } });
  account = await openAccount(cluster);
  await cluster.kubectl(['create', 'namespace', NAMESPACE]);
  // Everything under exactly the rights that are printed for it.
  await cluster.kubectl(['apply', '-f', '-'], await printedRights({ playbook: ['node-out-of-service'] }));
  // As real kubelets ask for it: the control plane attaches and detaches their volumes.
  await cluster.kubectl(['annotate', 'nodes', '--all', 'volumes.kubernetes.io/controller-managed-attach-detach=true']);
  await cluster.kubectl(['taint', 'node', DEAD, 'dedicated=db:NoSchedule']);
});
afterAll(() => cluster?.close());
beforeEach(async () => {
  salvor = await openSalvor(account.kubeconfigFile);
});
afterEach(() => salvor.close());

const taints = async (): Promise<readonly string[]> => (await cluster.kubectl(['get', 'node', DEAD, '-o', 'jsonpath={.spec.taints[*].key}'])).split(' ');
const mark = (): Promise<string> => cluster.kubectl(['get', 'node', DEAD, '-o', 'jsonpath={.metadata.annotations.salvor\\.io/out-of-service}']);
const attached = (): Promise<string> => cluster.kubectl(['get', 'volumeattachments', '-o', 'jsonpath={.items[*].spec.nodeName}']);
const database = (): Promise<string> =>
  cluster.kubectl(['-n', NAMESPACE, 'get', 'pod', 'db-0', '-o', 'jsonpath={.spec.nodeName} {.metadata.deletionTimestamp}']);
const writes = (): readonly string[] => auditedWrites(cluster, `"username":"${account.user}"`);

/** A database on one node, with a volume that the control plane has attached there; what stands for its driver says that it did. */
async function runDatabase(): Promise<void> {
  const claim = { namespace: NAMESPACE, name: 'data' };
  const spec = { ...TOLERATING, volumes: [{ name: 'data', persistentVolumeClaim: { claimName: claim.name } }] };
  const csi = { driver: 'csi.example', volumeHandle: 'one' };
  await put(cluster, [
    { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', metadata: { name: csi.driver }, spec: { attachRequired: true } },
    { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'disk' }, spec: { ...VOLUME, capacity: { storage: '1Gi' }, csi, claimRef: claim } },
    { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: claim, spec: { ...VOLUME, volumeName: 'disk', resources: { requests: { storage: '1Gi' } } } },
    workload('db', { node: DEAD, kind: 'StatefulSet', spec }),
  ]);
  const name = await until('its volume is to be attached', async () => (await cluster.kubectl(['get', 'volumeattachments', '-o', 'name'])).trim() || undefined);
  await cluster.kubectl(['patch', name, '--subresource=status', '--type=merge', '-p', '{"status":{"attached":true}}']);
  await until('it runs there', async () => (await database()) === `${DEAD} `);
}

/** The machine dies with the volume in use: its pod stays Terminating, its volume attached. */
async function die(): Promise<void> {
  await cluster.node(DEAD, 'down');
  await until('its pod is Terminating', async () => (await database()).endsWith('Z'));
  const inUse = '{"status":{"volumesInUse":["kubernetes.io/csi/csi.example^one"]}}';
  await cluster.kubectl(['patch', 'node', DEAD, '--subresource=status', '--type=merge', '-p', inUse]);
}

test('a dead machine is proven to be off, approved by two, tainted; its database runs elsewhere; and the taint goes when it returns', async () => {
  await runDatabase();
  await die();
  const id = await salvor.start('ana', 'node-out-of-service', { node: DEAD, silent: '10s' });
  await salvor.when(id, 'the proof is asked for', ({ waiting }) => waiting?.for === 'person');
  expect(await attached()).toBe(DEAD);
  expect(writes()).toEqual([]);

  await expect(salvor.answer('ana', id, { ask: 'proof', value: 'power-cut' })).rejects.toMatchObject({ code: 'approval.confirmation-missing' });
  await salvor.answer('ana', id, { ask: 'proof', value: 'power-cut', confirmation: DEAD });
  await salvor.when(id, 'it is proposed', ({ state }) => state === 'proposed');
  await salvor.approve('ben', id, DEAD);
  expect(await taints()).not.toContain(OUT);
  await salvor.approve('cleo', id, DEAD);
  await salvor.when(id, 'it is free, and serves elsewhere', ({ stage }) => stage === 'back');
  expect(await attached()).not.toContain(DEAD);
  expect(await database()).toMatch(/^node-[02] $/);
  expect(await taints()).toEqual(expect.arrayContaining([OUT, 'dedicated', 'node.kubernetes.io/unreachable']));

  await cluster.node(DEAD, 'up');
  await salvor.when(id, 'it is done', ({ state }) => state === 'done');
  expect(await taints()).not.toContain(OUT);
  expect(await taints()).toContain('dedicated');
  expect(await mark()).toBe('');
  // The server's own record: one write that set the taint, one that took it away, and nothing else.
  expect(writes()).toEqual([`patch nodes/${DEAD}`, `patch nodes/${DEAD}`]);
});

test('the machine returns between the two approvals: nothing is written', async () => {
  await put(cluster, [workload('web', { node: DEAD, replicas: 2, spec: TOLERATING })]);
  await until('pods run there', async () => (await cluster.kubectl(['-n', NAMESPACE, 'get', 'pods', '-o', 'wide'])).includes(DEAD));
  const already = writes().length;
  await cluster.node(DEAD, 'down');
  await until('a pod is Terminating', async () => (await cluster.kubectl(['-n', NAMESPACE, 'get', 'pods'])).includes('Terminating'));
  const id = await salvor.start('ana', 'node-out-of-service', { node: DEAD, silent: '10s' });
  await salvor.when(id, 'the proof is asked for', ({ waiting }) => waiting?.for === 'person');
  await salvor.answer('ana', id, { ask: 'proof', value: 'board-says-off', confirmation: DEAD });
  await salvor.when(id, 'it is proposed', ({ state }) => state === 'proposed');
  await salvor.approve('ben', id, DEAD);
  await cluster.node(DEAD, 'up');
  await cluster.kubectl(['wait', '--for=condition=Ready', `node/${DEAD}`, '--timeout=30s']);
  await salvor.approve('cleo', id, DEAD);
  const { end } = await salvor.when(id, 'it has recovered', ({ state }) => state === 'recovered');
  expect(end).toContain(`${DEAD} is Ready`);
  expect(writes().slice(already)).toEqual([]);
});
