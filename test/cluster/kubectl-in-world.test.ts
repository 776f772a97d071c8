import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../contract/kube/server.ts';
import { worldServer } from '../contract/kube/server-world.ts';
import { run } from './run.ts';
import { sharedCluster } from './shared.ts';

/** One of the cluster's programs: the PATH of its environment leads to it. */
const KUBECTL = 'kubectl';
const NAMESPACE = `kubectl-${randomBytes(4).toString('hex')}`;

let world: Backend;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  world = await worldServer({
    scenario: {
      namespaces: ['shop'],
      pods: [{ name: 'shop/api-0', node: 'node-0', log: ['hello', 'world'] }],
      schedules: [{ name: 'daily', cron: '0 2 * * *' }],
    },
  });
  env = { ...sharedCluster().env, KUBECONFIG: world.kubeconfig };
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await sharedCluster().kubectl(['delete', 'namespace', NAMESPACE, '--wait=false', '--ignore-not-found']);
});

/** kubectl against the simulated cluster, where time passes while it waits. */
const inWorld = (args: readonly string[], input?: string): Promise<string> =>
  world.wait(run(KUBECTL, args, { env, ...(input === undefined ? {} : { input }) }));

/** What kubectl prints, or complains, without what differs from one moment and one cluster to the next. */
async function printed(kubectl: typeof inWorld, [line, input]: Step): Promise<string> {
  const args = line.split(' ').map((word) => word.replaceAll('_', ' '));
  const text = await kubectl(['-n', NAMESPACE, ...args], input).catch((error: unknown) => (error instanceof Error ? error.message : ''));
  const plain = text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UID')
    .replaceAll(/resourceVersion: "\d+"/g, 'resourceVersion: VERSION')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME')
    .replaceAll(/\b\d+[smhd](\d+[smh])?\b/g, 'AGE')
    .replaceAll(/\bweb-[0-9a-z]{5,10}(-[0-9a-z]{5})?\b/g, 'web-HASH')
    .replaceAll(/ +/g, ' ');
  return `$ kubectl ${line}\n${plain.trim()}`;
}

type Step = readonly [line: string, input?: string];

const configMap = (value: string): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cfg', labels: { app: 'a' } }, data: { x: value } });
const labels = { app: 'web' };
const deployment = JSON.stringify({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'example.com/c:1' }] } } },
});

const STORIES: ReadonlyMap<string, readonly Step[]> = new Map<string, readonly Step[]>([
  [
    'makes, changes and takes away objects',
    [
      ['apply --validate=false -f -', configMap('1')],
      ['apply --validate=false -f -', configMap('1')],
      ['apply -f -', configMap('2')],
      ['create -f -', configMap('2')],
      ['get configmap cfg -o yaml'],
      ['get configmap cfg -o jsonpath={.data.x}'],
      ['get configmaps -l app=a'],
      ['get configmaps -l app=b'],
      ['get configmaps -l a_b'],
      ['get configmaps --field-selector metadata.name=cfg -o wide'],
      ['label configmap cfg color=red'],
      ['label configmap cfg color=blue'],
      ['annotate configmap cfg note=x'],
      ['patch configmap cfg --type merge -p {"data":{"y":"2"}}'],
      ['patch configmap cfg --type json -p [{"op":"test","path":"/data/y","value":"3"}]'],
      ['patch configmap cfg --type json -p [{"op":"remove","path":"/data/y"}]'],
      ['patch configmap cfg -p {"data":{"z":"3"}}'],
      ['apply --server-side -f -', configMap('3')],
      ['apply --server-side --field-manager=other -f -', configMap('4')],
      ['apply --server-side --field-manager=other --force-conflicts -f -', configMap('4')],
      ['describe configmap cfg'],
      ['delete configmap cfg'],
      ['delete configmap cfg'],
      ['delete configmap cfg --ignore-not-found'],
      ['create configmap lit --from-literal=a=1'],
      ['create secret generic s --from-literal=p=q'],
      ['get secret s -o yaml'],
      ['delete configmap lit --dry-run=server'],
      ['get configmap lit'],
    ],
  ],
  [
    'runs, scales and removes a workload',
    [
      ['apply --validate=false -f -', deployment],
      ['wait --for=jsonpath={.status.readyReplicas}=2 deployment/web --timeout=20s'],
      ['get deployment web'],
      ['get deployment web -o wide'],
      ['get replicaset'],
      ['get pods'],
      ['scale deployment web --replicas=1'],
      ['wait --for=jsonpath={.status.replicas}=1 deployment/web --timeout=20s'],
      ['get all -l app=web'],
      ['delete deployment web --wait --cascade=foreground'],
      ['wait --for=delete pod -l app=web --timeout=20s'],
      ['get deployment,replicaset,pod -l app=web'],
    ],
  ],
  [
    'says what is not there',
    [
      ['get pods'],
      ['get pods nope'],
      ['get nope'],
      ['get nope.velero.io'],
      ['describe pod nope'],
      ['logs nope'],
      ['scale deployment nope --replicas=1'],
      ['cordon nope'],
      ['get configmaps --field-selector data.x=1'],
      ['create -f -', '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"Not_A_Name"}}'],
      ['create -f -', '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"other"}}'],
      ['create --validate=false -f -', '{"apiVersion":"velero.io/v1","kind":"Backup","metadata":{"name":"bad"},"spec":{"includedNamespaces":5}}'],
    ],
  ],
  [
    'looks at nodes, rights and versions',
    [
      ['get nodes -o name'],
      ['get node node-0 -o jsonpath={.status.conditions[?(@.type=="Ready")].status}'],
      ['cordon node-1 --dry-run=server'],
      ['uncordon node-1 --dry-run=server'],
      ['auth can-i create pods'],
      ['auth can-i create pods/eviction'],
      ['version'],
    ],
  ],
]);

describe('kubectl prints for the simulated cluster what it prints for the real one, where it', () => {
  test.each([...STORIES])('%s', async (_, steps) => {
    const both = [inWorld, sharedCluster().kubectl];
    for (const kubectl of both) await kubectl(['create', 'namespace', NAMESPACE]).catch(() => undefined);
    for (const step of steps) {
      const [simulated, real] = await Promise.all([printed(inWorld, step), printed(sharedCluster().kubectl, step)]);
      expect(simulated).toBe(real);
    }
  });
});

test('what the simulated cluster serves, the real one serves in the same way', async () => {
  const list = async (kubectl: typeof inWorld): Promise<readonly string[]> =>
    (await kubectl(['api-resources', '--no-headers', '-o', 'wide'])).split('\n').map((line) => line.replaceAll(/ +/g, ' ').replace(/ \S*create\S*/, ' VERBS'));
  const real = new Set(await list(sharedCluster().kubectl));
  expect((await list(inWorld)).filter((line) => !real.has(line))).toEqual([]);
});

test('kubectl cordons, follows, reads logs and describes in the simulated cluster', async () => {
  expect(await inWorld(['cordon', 'node-2'])).toBe('node/node-2 cordoned\n');
  expect(await inWorld(['get', 'node', 'node-2'])).toMatch(/node-2 +Ready,SchedulingDisabled +<none> +\d+d +v1\.37\.1/);
  expect(await inWorld(['uncordon', 'node-2'])).toBe('node/node-2 uncordoned\n');
  expect(await inWorld(['-n', 'shop', 'logs', 'api-0'])).toBe('hello\nworld\n');
  expect(await inWorld(['get', 'pods', '-A', '--field-selector', 'spec.nodeName=node-0'])).toMatch(/shop +api-0 +1\/1 +Running/);
  expect(await inWorld(['-n', 'velero', 'get', 'schedules'])).toMatch(/daily +Enabled +0 2 \* \* \*/);
  expect(await inWorld(['-n', 'shop', 'describe', 'pod', 'api-0'])).toMatch(/Controlled By: +StatefulSet\/api/);
  expect(await inWorld(['describe', 'node', 'node-0'])).toMatch(/Ready +True .*KubeletReady/);
  expect(await inWorld(['explain', 'pods'])).toContain('KIND:       Pod');
  const watch = spawn(KUBECTL, ['-n', 'shop', 'get', 'configmaps', '--watch', '-o', 'name'], { env });
  // A line, since kubectl may write its end by itself.
  const told = once(createInterface(watch.stdout), 'line');
  await inWorld(['-n', 'shop', 'create', 'configmap', 'seen']);
  expect(await told).toEqual(['configmap/seen']);
  watch.kill();
});
