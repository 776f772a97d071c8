import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadSite, NOTHING_OWN } from '../../../src/config.ts';
import { until } from '../../e2e/stage/until.ts';
import { type Cluster, startCluster } from '../cluster.ts';
import { openSalvor, type Salvor } from '../faults/salvor.ts';
import { admitSalvor } from '../faults/way.ts';

/** Real heartbeats, real taints, a real eviction by them: grace 8 s, tolerations 5 s. What the shipped playbook waits for is shorter here. */
const QUICK = { silentFor: '2s', notReadyFor: '2s', steady: '3s' };
const LABEL = 'node-not-ready.stage.kwok.x-k8s.io';

let cluster: Cluster;
let salvor: Salvor;
beforeAll(async () => {
  cluster = await startCluster({ parts: 'kube', env: { CLUSTER_AUDIT: '1', CLUSTER_NODES: '5' } });
  await admitSalvor(cluster);
  salvor = await openSalvor(cluster, { playbooks: { 'node-quick': await quickPlaybook() }, auto: ['node.cordon', 'node.uncordon'] });
});
afterAll(async () => {
  await salvor?.close();
  await cluster?.close();
});

/** The shipped playbook, which settles for a minute, without its alerts, its command and its rehearsals. */
async function quickPlaybook(): Promise<string> {
  const shipped = (await loadSite(NOTHING_OWN)).playbooks.find(({ id }) => id === 'node-not-ready')?.text ?? '';
  const [text = ''] = shipped.split('\nrehearsal:');
  return text
    .replace(/^(match|command|require|storm):.*$/gm, '')
    .replace('settle: 60s', 'settle: 1s')
    .replace(', from: alert.labels.node', '');
}

const field = (node: string, path: string): Promise<string> => cluster.kubectl(['get', 'node', node, '-o', `jsonpath={${path}}`]);
const ready = (node: string): Promise<string> => field(node, '.status.conditions[?(@.type=="Ready")].status');
const isReady = (node: string, status: string): Promise<true> =>
  until(`${node} is Ready ${status}`, async () => ((await ready(node)) === status ? true : undefined), { withinMs: 60_000 });
const marks = (node: string): Promise<string> => field(node, '.metadata.annotations.salvor\\.io/before');
const written = (node: string): readonly string[] => salvor.writes().filter((line) => line.endsWith(`/${node}`));

test('a machine that falls silent is cordoned and not drained; when it is back it is given back, and the audit log shows two writes', async () => {
  await cluster.node('node-1', 'down');
  await isReady('node-1', 'Unknown');
  const id = await salvor.start('node-quick', { node: 'node-1', ...QUICK });
  const waiting = await salvor.when(id, 'it waits for the node', ({ stage, state }) => stage === 'back' && state === 'waiting', 90_000);
  expect(waiting.finding?.reason).toMatch(/^node-1 is silent since .*, and the other 4 nodes are well: dead or cut off$/);
  expect(await field('node-1', '.spec.unschedulable')).toBe('true');
  expect(await marks('node-1')).toBe('false');
  expect(written('node-1')).toEqual(['patch nodes/node-1']);

  await cluster.node('node-1', 'up');
  await salvor.state(id, 'done', 60_000);
  expect(await field('node-1', '.spec.unschedulable')).toBe('');
  expect(await marks('node-1')).toBe('');
  expect(written('node-1')).toEqual(['patch nodes/node-1', 'patch nodes/node-1']);
});

test('a node whose kubelet answers and is not ready is drained by approval, comes back, and is given back', async () => {
  const pod = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        // It tolerates what the control plane would evict it for, so it is Salvor's to move.
        spec: {
          affinity: preferring('node-2'),
          topologySpreadConstraints: [],
          tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' }],
          containers: [{ name: 'c', image: 'c' }],
        },
      },
    },
  };
  await cluster.kubectl(['apply', '-f', '-'], JSON.stringify(pod));
  const here = await until('both pods run on node-2', async () => {
    const found = await podsOn('node-2');
    return found.length === 2 ? found : undefined;
  });
  await cluster.kubectl(['label', 'node', 'node-2', `${LABEL}=true`]);
  await isReady('node-2', 'False');
  const id = await salvor.start('node-quick', { node: 'node-2', ...QUICK });
  const proposed = await salvor.when(id, 'the drain is proposed', ({ state, stage }) => state === 'proposed' && stage === 'move');
  expect(proposed.finding?.reason).toContain('and its kubelet answers: node failed');
  expect(proposed.plan?.steps.flatMap(({ changes }) => changes.map(({ object }) => object)).toSorted()).toEqual(
    here.map((name) => `Pod/default/${name}`).toSorted(),
  );
  await salvor.approve(id);
  await salvor.when(id, 'it waits for the node', ({ stage, state }) => stage === 'back' && state === 'waiting', 60_000);
  expect(await podsOn('node-2')).toEqual([]);

  await cluster.kubectl(['label', 'node', 'node-2', `${LABEL}-`]);
  await salvor.state(id, 'done', 60_000);
  expect(await field('node-2', '.spec.unschedulable')).toBe('');
  const writes = salvor.writes().filter((line) => line.includes('node-2') || here.some((name) => line.includes(name)));
  expect(writes).toEqual(['patch nodes/node-2', ...here.map((name) => `create pods/${name}`), 'patch nodes/node-2']);
});

test('somebody uncordons the node by kubectl while it is waited for, and cordons it again: it stays theirs', async () => {
  await cluster.node('node-3', 'down');
  await isReady('node-3', 'Unknown');
  const id = await salvor.start('node-quick', { node: 'node-3', ...QUICK });
  await salvor.when(id, 'it waits for the node', ({ stage, state }) => stage === 'back' && state === 'waiting', 90_000);
  await cluster.kubectl(['uncordon', 'node-3']);
  await cluster.kubectl(['cordon', 'node-3']);
  await cluster.node('node-3', 'up');
  const done = await salvor.state(id, 'done', 60_000);
  expect(await field('node-3', '.spec.unschedulable')).toBe('true');
  expect(written('node-3')).toEqual(['patch nodes/node-3']);
  expect(JSON.stringify(done.journal)).toContain('stays cordoned: somebody cordoned it by kubectl on ');

  // And the command gives it back to whoever asks for it, with the facts on the card.
  const asked = await salvor.state(await salvor.start('node-uncordon', { node: 'node-3' }), 'done');
  expect(asked.plan?.steps[0]?.changes[0]?.note).toMatch(/^somebody cordoned it by kubectl on /);
  expect(await field('node-3', '.spec.unschedulable')).toBe('');
});

function preferring(node: string): object {
  const matchExpressions = [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }];
  return { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference: { matchExpressions } }] } };
}

async function podsOn(node: string): Promise<readonly string[]> {
  const text = await cluster.kubectl(['-n', 'default', 'get', 'pods', '--field-selector', `spec.nodeName=${node}`, '-o', 'jsonpath={.items[*].metadata.name}']);
  return text.split(' ').filter((name) => name !== '');
}
