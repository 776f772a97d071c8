import { expect, test } from 'vitest';
import { fits, lossLines, lossOf } from '../../../../src/domain/node/loss.ts';
import { pinnedPods } from '../../../../src/domain/node/pinned.ts';
import { readBudget } from '../../../../src/domain/pod/budget.ts';
import { readPod } from '../../../../src/domain/pod/pod.ts';
import { endpointsOf } from '../../../../src/domain/service/endpoints.ts';
import { nodesOf } from './nodes.ts';

type Wanted = {
  readonly at?: string;
  readonly owner?: string;
  readonly deleted?: true;
  readonly cpu?: string;
  readonly claim?: string;
  readonly phase?: string;
};

function pod(name: string, { at, owner = 'ReplicaSet/api-7d4', deleted, cpu = '1', claim, phase = at === undefined ? 'Pending' : 'Running' }: Wanted) {
  const [kind = '', ownerName = ''] = owner.split('/');
  return readPod({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: 'shop',
      name,
      labels: { app: ownerName.replace('-7d4', ''), ...(kind === 'ReplicaSet' ? { 'pod-template-hash': '7d4' } : {}) },
      ownerReferences: [{ apiVersion: 'apps/v1', kind, name: ownerName, uid: ownerName, controller: true }],
      ...(deleted ? { deletionTimestamp: '2026-11-21T11:00:00Z' } : {}),
    },
    spec: {
      ...(at === undefined ? {} : { nodeName: at }),
      containers: [{ resources: { requests: { cpu, memory: '1Gi' } } }],
      volumes: claim === undefined ? [] : [{ name: 'data', persistentVolumeClaim: { claimName: claim } }],
    },
    status: { phase },
  });
}

const nodes = [...nodesOf('a', 2), ...nodesOf('b', 2, { ready: 'Unknown' })];
const budget = readBudget({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { namespace: 'shop', name: 'api' },
  spec: { selector: { matchLabels: { app: 'api' } } },
  status: { disruptionsAllowed: 0, currentHealthy: 2, desiredHealthy: 2, expectedPods: 4 },
});

test('what is affected is told by workload: what runs nowhere else first, and what only seems to', () => {
  const pods = [
    pod('api-7d4-1', { at: 'a-1' }),
    pod('api-7d4-2', { at: 'b-1', deleted: true }),
    pod('db-0', { at: 'b-1', owner: 'StatefulSet/db', deleted: true }),
    pod('web-7d4-1', { at: 'b-2', owner: 'ReplicaSet/web-7d4', deleted: true }),
    // Its replacement waits: nothing of web runs.
    pod('web-7d4-2', { owner: 'ReplicaSet/web-7d4' }),
    // Of each node one, and gone with it; and one that is over.
    pod('agent-x', { at: 'b-2', owner: 'DaemonSet/agent' }),
    pod('load-1', { at: 'b-2', owner: 'Job/load', phase: 'Succeeded' }),
  ];
  const loss = lossOf({ nodes, pods, budgets: [budget] });
  expect(lossLines(loss)).toEqual([
    '3 pods of 3 workloads are on these nodes; 3 of them are Terminating and stay so until their node returns or is deleted',
    'nothing of these runs elsewhere: Deployment shop/web (1), StatefulSet shop/db (1)',
    'these run elsewhere, too: Deployment shop/api (1 there, 1 elsewhere)',
    'budgets that let nothing more go: shop/api (2 healthy, 2 needed)',
    'the other nodes have 7 CPU and 31 GiB free for 2 CPU and 2 GiB that ran there',
  ]);
  expect(loss.pending.map(({ name }) => name)).toEqual(['web-7d4-2']);
});

test('capacity that does not suffice is said; cordoned nodes and what runs already count', () => {
  const pods = [...[1, 2, 3].map((index) => pod(`db-${index}`, { at: 'b-1', owner: 'StatefulSet/db', cpu: '2' })), pod('api-7d4-1', { at: 'a-1', cpu: '3' })];
  const enough = lossOf({ nodes, pods: pods.slice(0, 3), budgets: [] });
  const short = lossOf({ nodes, pods, budgets: [] });
  expect([fits(enough), fits(short)]).toEqual([true, false]);
  expect(lossLines(short).at(-1)).toBe('the other nodes have 5 CPU and 31 GiB free for 6 CPU and 3 GiB that ran there: not enough');
  const cordoned = nodes.map((node) => (node.name === 'a-1' ? { ...node, unschedulable: true } : node));
  expect(lossOf({ nodes: cordoned, pods: [], budgets: [] }).free.cpu).toBe(4);
});

const object = (kind: string, name: string, spec: object, namespace?: string) => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, ...(namespace && { namespace }) },
  spec,
});
const affinity = (key: string, ...values: readonly string[]) => ({
  nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'In', values }] }] } },
});

test('a pod that waits for a volume of the lost zone, or for the disk of a lost node, starts nowhere else', () => {
  const waits = ['zonal', 'local', 'elsewhere', 'anywhere', 'unbound'].map((claim) => pod(`db-${claim}`, { claim, owner: 'StatefulSet/db' }));
  const claims = ['zonal', 'local', 'elsewhere', 'anywhere', 'unbound'].map((name) =>
    object('PersistentVolumeClaim', name, name === 'unbound' ? {} : { volumeName: `pv-${name}` }, 'shop'),
  );
  const volumes = [
    object('PersistentVolume', 'pv-zonal', affinity('topology.kubernetes.io/zone', 'b')),
    object('PersistentVolume', 'pv-local', affinity('kubernetes.io/hostname', 'b-1')),
    object('PersistentVolume', 'pv-elsewhere', affinity('topology.kubernetes.io/zone', 'a', 'b')),
    object('PersistentVolume', 'pv-anywhere', {}),
  ];
  expect(pinnedPods(waits, { claims, volumes }, nodes).map(({ name }) => name)).toEqual(['db-zonal', 'db-local']);
});

test('services that have no ready endpoint left are told, and how many endpoints each zone has', () => {
  const slice = (service: string, endpoints: readonly object[]) => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace: 'shop', name: `${service}-x`, labels: { 'kubernetes.io/service-name': service } },
    endpoints,
  });
  const away = { nodeName: 'b-1', zone: 'b', conditions: { ready: false } };
  const here = { nodeName: 'a-1', zone: 'a', conditions: { ready: true } };
  const found = endpointsOf(
    [
      slice('db', [away]),
      slice('api', [away]),
      slice('api', [here]),
      slice('idle', []),
      slice('other', [{ nodeName: 'a-1', zone: 'a', conditions: { ready: false } }]),
    ],
    new Set(['b-1']),
  );
  expect(found.without).toEqual(['shop/db']);
  expect([...found.readyByZone]).toEqual([
    ['b', 0],
    ['a', 1],
  ]);
});
