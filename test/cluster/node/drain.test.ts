import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import type { RunView } from '../../../src/port/view/run.ts';
import { openSite, type SalvorApi } from '../../e2e/stage/salvor.ts';
import { openStage } from '../../e2e/stage/stage.ts';
import { until } from '../../e2e/stage/until.ts';
import { type Cluster, startCluster } from '../cluster.ts';
import { type Account, openAccount, printedRights } from '../rights/account.ts';
import { alike, barePod, budget, daemonSet, MIRROR, NAMESPACE, podsOn, put, settledOn, workload } from './workloads.ts';

const A = 'node-0';
const B = 'node-1';

let cluster: Cluster;
let account: Account;
beforeAll(async () => {
  cluster = await startCluster({ parts: 'kube', env: { CLUSTER_AUDIT: '1', CLUSTER_NODES: '4' } });
  account = await openAccount(cluster);
  await cluster.kubectl(['create', 'namespace', NAMESPACE]);
  // The drain does everything under exactly the rights that are printed for it.
  await cluster.kubectl(['apply', '-f', '-'], await printedRights({ playbook: ['node-drain'] }));
});
afterAll(() => cluster?.close());
beforeEach(async () => {
  await cluster.kubectl(['uncordon', A, B]);
  await cluster.kubectl(['-n', NAMESPACE, 'delete', 'deployments,statefulsets,daemonsets,jobs,pdb,pods', '--all', '--force', '--grace-period=0']);
});

/** Salvor as it is served, with one drain approved. */
async function drain(params: { readonly [name: string]: string | number } = {}) {
  const site = await openSite(openStage(), { kubeconfigFile: account.kubeconfigFile });
  const salvor = await site.start();
  const { api } = salvor;
  const { run } = await api.start('node-drain', { node: A, ...params });
  await api.approve(await untilRun(api, run, 'proposed'));
  return { site, salvor, api, id: run };
}

const ENDS: readonly RunView['state'][] = ['done', 'failed', 'handed-over', 'cancelled'];

async function untilRun(api: SalvorApi, id: string, state: RunView['state']): Promise<RunView> {
  const found = await until(
    `the run is ${state}`,
    async () => {
      const run = await api.run(id);
      return run.state === state || ENDS.includes(run.state) ? run : undefined;
    },
    { withinMs: 180_000 },
  );
  if (found.state !== state) throw new Error(`the run ended ${found.state}: ${found.end ?? ''}`);
  return found;
}

function progress(run: RunView): string {
  return run.steps.find(({ step }) => step === 'drain')?.progress ?? '';
}

const Line = z.looseObject({
  stage: z.string(),
  verb: z.string(),
  userAgent: z.string().optional(),
  requestURI: z.string(),
  user: z.looseObject({ username: z.string() }),
  objectRef: z.looseObject({ resource: z.string(), name: z.string().optional(), subresource: z.string().optional() }).optional(),
  responseStatus: z.looseObject({ code: z.number() }).optional(),
});

/** Every write of Salvor that was not a dry run, by the server's own record, as `create pods/eviction web-1 201`. */
function written(): readonly string[] {
  return readFileSync(join(cluster.dir, 'log', 'audit.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line.includes('"userAgent":"salvor/'))
    .map((line) => Line.parse(JSON.parse(line)))
    .filter(({ stage, verb, requestURI, objectRef }) => {
      const isQuestion = requestURI.includes('dryRun=All') || objectRef?.resource === 'selfsubjectaccessreviews';
      return stage === 'ResponseComplete' && ['create', 'update', 'patch', 'delete'].includes(verb) && !isQuestion;
    })
    .map(({ verb, objectRef, responseStatus }) => {
      const resource = [objectRef?.resource, objectRef?.subresource].filter((one) => one !== undefined).join('/');
      return `${verb} ${resource} ${objectRef?.name ?? ''} ${responseStatus?.code ?? ''}`;
    });
}

test('what it takes from a node and what it leaves is what kubectl drain takes from and leaves on an equal one', async () => {
  const onBoth = (letter: string, node: string): readonly object[] => [
    workload(`web-${letter}`, { node, replicas: 3 }),
    workload(`db-${letter}`, { node, replicas: 2, kind: 'StatefulSet' }),
    workload(`cache-${letter}`, { node, spec: { volumes: [{ name: 'scratch', emptyDir: {} }] } }),
    barePod(`bare-${letter}`, node),
    barePod(`static-${letter}`, node, MIRROR),
    budget(`web-${letter}`, `web-${letter}`, { maxUnavailable: 1 }),
  ];
  await put(cluster, [...onBoth('a', A), ...onBoth('b', B), daemonSet('agent')]);
  const before = [await settledOn(cluster, A, 9), await settledOn(cluster, B, 9)];
  expect(alike(before[0] ?? [])).toEqual(alike(before[1] ?? []));

  const already = written().length;
  const { api, id } = await drain({ emptyDir: 'delete', force: 'true' });
  const done = await untilRun(api, id, 'done');
  const left = await podsOn(cluster, A);
  await cluster.kubectl(['uncordon', A]);
  await cluster.kubectl(['drain', B, '--ignore-daemonsets', '--delete-emptydir-data', '--force', '--timeout=60s']);

  expect(alike(left)).toEqual(alike(await podsOn(cluster, B)));
  expect(alike(left)).toEqual(['agent-…', 'static']);
  const gone = (before[0] ?? []).filter((name) => !left.includes(name));
  const writes = written().slice(already);
  // Nothing but the cordon and the evictions; a budget may have said no first, and each pod went once.
  expect(writes.filter((line) => !line.endsWith(' 429')).toSorted()).toEqual(
    [...gone.map((name) => `create pods/eviction ${name} 201`), `patch nodes ${A} 200`].toSorted(),
  );
  expect(done.steps.find(({ step }) => step === 'drain')?.result).toMatchObject({ gone: 7, returned: false });
});

test('a budget that lets nobody go is waited for and named, and obeyed when it does', async () => {
  await put(cluster, [workload('web-a', { node: A, replicas: 3 }), workload('api-a', { node: A }), budget('web', 'web-a', { maxUnavailable: 0 })]);
  const before = await settledOn(cluster, A, 4);
  const already = written().length;
  const { api, id } = await drain();
  await until('it waits for the budget', async () =>
    progress(await api.run(id)).startsWith('1 of 4 gone, 3 wait for budget shop/web (needs 3 healthy, has 3)'),
  );
  const meanwhile = written().slice(already);
  expect(meanwhile.filter((line) => line.endsWith(' 201'))).toHaveLength(1);
  // One pod is asked for in the name of all that the budget keeps.
  expect(new Set(meanwhile.filter((line) => line.endsWith(' 429'))).size).toBe(1);

  await put(cluster, [budget('web', 'web-a', { maxUnavailable: 1 })]);
  await untilRun(api, id, 'done');
  expect(await podsOn(cluster, A)).toEqual([]);
  const evicted = written()
    .slice(already)
    .filter((line) => line.endsWith(' 201'));
  expect(evicted.toSorted()).toEqual(before.map((name) => `create pods/eviction ${name} 201`));
});

test('a pod that two budgets choose stays, all others go, and the end says which budgets', async () => {
  const two = [budget('first', 'db-a', { maxUnavailable: 1 }), budget('second', 'db-a', { maxUnavailable: 1 })];
  await put(cluster, [workload('db-a', { node: A, kind: 'StatefulSet' }), workload('web-a', { node: A, replicas: 2 }), ...two]);
  await settledOn(cluster, A, 3);
  const { api, id } = await drain();
  const failed = await untilRun(api, id, 'failed');
  expect(failed.end).toContain('2 of 3 gone, shop/db-a-0 cannot be evicted: the budgets shop/first and shop/second both choose it');
  expect(await podsOn(cluster, A)).toEqual(['db-a-0']);
  // Left as kubectl leaves it.
  expect(await cluster.kubectl(['get', 'node', A, '-o', 'jsonpath={.spec.unschedulable}'])).toBe('true');
});

// The server charges the budget, then deletes the pod; a client that dies in between stops it there, and for two minutes the budget counts a pod as gone
// that is not. Salvor waits for that like for any budget.
test('killed with -9 between evictions, again and again, it evicts each pod once', { timeout: 600_000 }, async () => {
  await put(cluster, [workload('web-a', { node: A, replicas: 10 }), budget('web', 'web-a', { maxUnavailable: 1 })]);
  const before = await settledOn(cluster, A, 10);
  const already = written().length;
  const evicted = (): readonly string[] =>
    written()
      .slice(already)
      .filter((line) => line.endsWith(' 201'));
  const { site, salvor, id } = await drain();
  let alive = salvor;
  for (const seen of [1, 4, 7]) {
    await until(`${seen} are evicted`, async () => evicted().length >= seen, { everyMs: 20, withinMs: 180_000 });
    alive.program.signal('SIGKILL');
    await alive.program.ended;
    alive = await site.start();
  }
  expect((await untilRun(alive.api, id, 'done')).steps.find(({ step }) => step === 'drain')?.result).toMatchObject({ gone: 10 });
  expect(evicted().toSorted()).toEqual(before.map((name) => `create pods/eviction ${name} 201`));
  expect(await alive.api.audit()).toMatchObject({ ok: true, problems: [] });
});

test('what finds no node afterwards is named with the words of the scheduler, and the drain is proven once it runs', async () => {
  await put(cluster, [workload('web-a', { node: A, replicas: 2 })]);
  await settledOn(cluster, A, 2);
  const others = ['node-1', 'node-2', 'node-3'];
  await cluster.kubectl(['cordon', ...others]);
  const { api, id } = await drain({ pending: 'accept', atOnce: 4 });
  const unproven = await until('it is not proven', async () => (await api.run(id)).journal.find(({ type }) => type === 'run.unverified'), { withinMs: 60_000 });
  expect(unproven.data['reason']).toMatch(/^shop\/web-a-\S+ finds no node: 0\/4 nodes are available: 4 node\(s\) were unschedulable/);
  await cluster.kubectl(['uncordon', ...others]);
  await untilRun(api, id, 'done');
});
