import { afterAll, beforeAll, expect, test } from 'vitest';
import { isObject, type Json, type JsonObject } from '../../../../../src/model/json.ts';
import { listAt, numberAt, textAt } from '../../../../../src/world/object.ts';
import type { Reply } from '../../raw.ts';
import { deploy, isServing, makeBudget, type NodeStage, nameOf, openNodes, podsIn } from './stage.ts';

/** Beside what `evictions.test.ts` asks: pods that do not serve, and a budget that its controller has not seen. */

const NAMESPACE = 'budgets';
const BUDGET = `/apis/policy/v1/namespaces/${NAMESPACE}/poddisruptionbudgets/web`;
const OTHER_UID = '00000000-0000-0000-0000-000000000000';
let stage: NodeStage;
let unready: string;
let healthy: string;

const pods = (): Promise<readonly Json[]> => podsIn(stage, NAMESPACE);
const dryRun = (pod: string, { version = 'v1', ...more }: { readonly version?: string; readonly [field: string]: unknown } = {}): Promise<Reply> =>
  stage.request('POST', `/api/v1/namespaces/${NAMESPACE}/pods/${pod}/eviction?dryRun=All`, {
    body: { apiVersion: `policy/${version}`, kind: 'Eviction', metadata: { name: pod, namespace: NAMESPACE }, ...more },
  });
const cause = ({ body }: Reply): string => textAt(listAt(body, 'details', 'causes')[0], 'message');

/** Puts the budget in the place of the one before, and waits until it was counted. */
async function budget(spec: JsonObject): Promise<void> {
  await stage.request('DELETE', BUDGET);
  await makeBudget(stage, NAMESPACE, spec);
  await stage.until('the budget counts', async () => numberAt((await stage.request('GET', BUDGET)).body, 'status', 'currentHealthy') === 2 || undefined);
}

beforeAll(async () => {
  stage = await openNodes();
  await deploy(stage, NAMESPACE, { replicas: 3, budget: { minAvailable: 1 } });
  const [first, second] = await stage.until('three pods serve', async () => [(await pods()).filter(isServing)].find((all) => all.length === 3));
  [unready, healthy] = [nameOf(first ?? null), nameOf(second ?? null)];
  // With a reason, or the kubelet of the test would make it ready again.
  const conditions = listAt(first ?? null, 'status', 'conditions').map((one) =>
    isObject(one) && one['type'] === 'Ready' ? { ...one, status: 'False', reason: 'ReadinessProbe' } : one,
  );
  const patched = await stage.request('PATCH', `/api/v1/namespaces/${NAMESPACE}/pods/${unready}/status`, {
    contentType: 'application/merge-patch+json',
    body: { status: { conditions } },
  });
  expect(patched.status).toBe(200);
}, 120_000);
afterAll(() => stage[Symbol.asyncDispose]());

test('a pod that does not serve may not go while its budget lacks pods', async () => {
  await budget({ minAvailable: 3 });
  const answer = await dryRun(unready);
  expect(answer.status).toBe(429);
  expect(cause(answer)).toBe('The disruption budget web needs 3 healthy pods and has 2 currently');
});

test('it may always go where the budget says so', async () => {
  await budget({ minAvailable: 3, unhealthyPodEvictionPolicy: 'AlwaysAllow' });
  expect((await dryRun(unready)).status).toBe(201);
  expect((await dryRun(healthy)).status).toBe(429);
});

test('it may go when its budget is met without it; a pod that serves may not', async () => {
  await budget({ minAvailable: 2 });
  expect((await dryRun(unready)).status).toBe(201);
  const answer = await dryRun(healthy);
  expect(answer.status).toBe(429);
  expect(cause(answer)).toBe('The disruption budget web needs 2 healthy pods and has 2 currently');
});

test('the budget is asked before the precondition', async () => {
  await budget({ minAvailable: 2 });
  const meant = { deleteOptions: { preconditions: { uid: OTHER_UID } } };
  expect((await dryRun(healthy, meant)).status).toBe(429);
  await budget({ minAvailable: 1 });
  expect((await dryRun(healthy, meant)).status).toBe(409);
});

test('an eviction of the older version of its API is understood', async () => {
  await budget({ minAvailable: 1 });
  expect((await dryRun(healthy, { version: 'v1beta1' })).status).toBe(201);
});

test('a budget that its controller has not seen asks for ten seconds', async () => {
  await stage.stopControllers();
  await stage.request('DELETE', BUDGET);
  await makeBudget(stage, NAMESPACE, { minAvailable: 1 }, true);
  const answer = await dryRun(healthy);
  expect(answer.status).toBe(429);
  expect(answer.headers['retry-after']).toBe('10');
  expect(numberAt(answer.body, 'details', 'retryAfterSeconds')).toBe(10);
  expect(cause(answer)).toBe('The disruption budget web is still being processed by the server.');
});
