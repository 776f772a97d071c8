import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/model/json.ts';
import type { Backend } from '../../contract/kube/server.ts';
import { worldServer } from '../../contract/kube/server-world.ts';
import { type Cluster, startCluster } from '../cluster.ts';
import { run } from '../run.ts';
import { barePod, budget, daemonSet, NAMESPACE, workload } from './workloads.ts';

/** Three nodes each: A is drained, B gives way with it, C takes what moves. */
const [A, B, C] = ['node-0', 'node-1', 'node-2'];
const SAID = 'kubectl "$@" 2>&1; echo "exit $?"';

let cluster: Cluster;
let world: Backend;
beforeAll(async () => {
  [cluster, world] = await Promise.all([startCluster({ parts: 'kube' }), worldServer({})]);
});
afterAll(async () => {
  await Promise.all([cluster?.close(), world?.[Symbol.asyncDispose]()]);
});

type Kubectl = (line: string, input?: string) => Promise<string>;

/** kubectl with all that it says, and how it ends. In the world time passes while it waits. */
const real: Kubectl = (line, input = '') => run('bash', ['-c', SAID, 'kubectl', ...line.split(' ')], { env: cluster.env, input });
const simulated: Kubectl = (line, input = '') =>
  world.wait(run('bash', ['-c', SAID, 'kubectl', ...line.split(' ')], { env: { ...cluster.env, KUBECONFIG: world.kubeconfig }, input }));

/** What is said without generated names, each line once: how often it is tried again, and in which order pods end, is chance. */
function plain(said: string): readonly string[] {
  const lines = said
    .replaceAll(/\b(web|agent|old)(-[0-9a-z]{5,10})?-[0-9a-z]{5}\b/g, '$1-HASH')
    .replaceAll(/\[([^\]]*)\]/g, (_, names: string) => `[${[...new Set(names.split(', '))].sort().join(', ')}]`)
    .replaceAll(/(ignoring DaemonSet-managed Pods: )(.*)/g, (_, head: string, names: string) => head + names.split(', ').sort().join(', '))
    .split('\n');
  return [...new Set(lines.map((line) => line.trim()).filter((line) => line !== ''))].sort();
}

/** Pods by name, with their nodes and phases. */
async function endState(kubectl: Kubectl): Promise<readonly string[]> {
  const columns = 'custom-columns=N:.metadata.name,S:.spec.nodeName,P:.status.phase';
  return plain((await kubectl(`-n ${NAMESPACE} get pods --no-headers -o ${columns}`)).replaceAll(/ +/g, ' '));
}

const list = (items: readonly object[]): string => JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
const emptyDir: JsonObject = { volumes: [{ name: 'scratch', emptyDir: {} }] };
const web = (replicas = 2): object => workload('web', { node: A, replicas });

/** `mayWait`: whether it has to try again depends on how fast replacements serve, and those of fake kubelets serve at once. */
type Story = { readonly mayWait?: true; readonly objects: readonly object[]; readonly pods: number; readonly steps: readonly string[] };

const STORIES: ReadonlyMap<string, Story> = new Map<string, Story>([
  [
    'cordons, twice, and uncordons',
    { objects: [], pods: 0, steps: [`cordon ${A}`, `cordon ${A}`, `uncordon ${A}`, `uncordon ${A}`, `cordon ${A} --dry-run=server`] },
  ],
  [
    'drains what may go, and leaves DaemonSets alone',
    { objects: [web(), daemonSet('agent')], pods: 5, steps: [`drain ${A}`, `drain ${A} --ignore-daemonsets --delete-emptydir-data --timeout=60s`] },
  ],
  [
    'asks for emptyDirs and for pods that nobody makes again',
    {
      objects: [workload('web', { node: A, spec: emptyDir }), barePod('lone', A)],
      pods: 2,
      steps: [
        `drain ${A}`,
        `drain ${A} --force`,
        `drain ${A} --delete-emptydir-data`,
        `drain ${A} --force --delete-emptydir-data --dry-run=server`,
        `drain ${A} --force --delete-emptydir-data --timeout=60s`,
      ],
    },
  ],
  [
    'waits for a budget that has no room, until its time is over',
    { objects: [web(), budget('tight', 'web', { minAvailable: 2 })], pods: 2, steps: [`drain ${A} --timeout=7s`] },
  ],
  [
    'goes on when the budget has room again',
    { mayWait: true, objects: [web(), budget('loose', 'web', { minAvailable: 1 })], pods: 2, steps: [`drain ${A} --timeout=60s`] },
  ],
  [
    'gives up on a pod with two budgets',
    { objects: [web(1), budget('one', 'web', { minAvailable: 0 }), budget('two', 'web', { minAvailable: 0 })], pods: 1, steps: [`drain ${A} --timeout=20s`] },
  ],
  [
    'asks the budgets in a dry run, and leaves everything',
    { objects: [web(), budget('loose', 'web', { minAvailable: 1 })], pods: 2, steps: [`drain ${A} --dry-run=server`] },
  ],
  ['drains two nodes of a selector', { objects: [web(4)], pods: 4, steps: [`drain -l kubernetes.io/hostname!=${C} --timeout=60s`] }],
]);

describe('kubectl says of the simulated cluster what it says of the real one, and leaves the same, where it', () => {
  test.each([...STORIES])('%s', async (_, { objects, pods, steps, mayWait }) => {
    const play = async (kubectl: Kubectl): Promise<readonly (readonly string[])[]> => {
      await kubectl(`create namespace ${NAMESPACE}`);
      if (objects.length > 0) await kubectl('apply --validate=false --server-side -f -', list(objects));
      if (pods > 0) await kubectl(`-n ${NAMESPACE} wait --for=create pod --all --timeout=20s`);
      await until(kubectl, pods);
      const said: (readonly string[])[] = [];
      for (const step of steps) said.push([`$ kubectl ${step}`, ...plain(await kubectl(step))]);
      await until(kubectl, pods);
      said.push(await endState(kubectl));
      await kubectl(`uncordon ${A} ${B}`);
      await kubectl(`delete namespace ${NAMESPACE} --wait --timeout=60s`);
      return said;
    };
    const [inWorld, onCluster] = await Promise.all([play(simulated), play(real)]);
    const told = (said: readonly (readonly string[])[]) => said.map((lines) => lines.filter((line) => mayWait !== true || !line.includes('will retry after')));
    expect(told(inWorld)).toEqual(told(onCluster));
  });
});

/** Until that many pods are Ready, or as many as can be. */
async function until(kubectl: Kubectl, pods: number): Promise<void> {
  if (pods > 0) await kubectl(`-n ${NAMESPACE} wait --for=condition=Ready pod --all --timeout=10s`);
}
