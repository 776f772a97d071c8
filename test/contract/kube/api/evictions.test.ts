import { expect, test } from 'vitest';
import { listAt, numberAt, textAt } from '../../../../src/world/object.ts';
import type { Reply } from '../raw.ts';
import { openServer, type Server } from '../server.ts';
import { refused, said } from './stage.ts';

const labels = { app: 'web' };

/** A Deployment of two pods that run, and the name of one of them. */
async function twoPods(server: Server): Promise<string> {
  const template = { metadata: { labels }, spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'c', image: 'example.com/c:1' }] } };
  const body = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { replicas: 2, selector: { matchLabels: labels }, template } };
  await server.request('POST', `${server.path('apps/v1')}/deployments`, { body });
  const ready = async (): Promise<true | undefined> =>
    numberAt((await server.request('GET', `${server.path('apps/v1')}/deployments/web`)).body, 'status', 'readyReplicas') === 2 || undefined;
  await server.until(ready);
  const [one] = listAt((await server.request('GET', `${server.path()}/pods`)).body, 'items');
  return textAt(one, 'metadata', 'name');
}

async function budget(server: Server, name: string, minAvailable: number): Promise<void> {
  const path = `${server.path('policy/v1')}/poddisruptionbudgets`;
  await server.request('POST', path, {
    body: { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name }, spec: { minAvailable, selector: { matchLabels: labels } } },
  });
  await server.until(async () => numberAt((await server.request('GET', `${path}/${name}`)).body, 'status', 'currentHealthy') === 2 || undefined);
}

const evict = (server: Server, pod: string, { query = '', ...rest }: { readonly query?: string; readonly [field: string]: unknown } = {}): Promise<Reply> =>
  server.request('POST', `${server.path()}/pods/${pod}/eviction${query}`, {
    body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod, namespace: server.namespace }, ...rest },
  });

const EVICTED = { status: 201, type: 'application/json', body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } };

test('an eviction asks the budgets; one that is used up refuses, also a dry run', async () => {
  await using server = await openServer();
  const pod = await twoPods(server);
  await budget(server, 'all', 2);
  const refusal = refused(429, {
    message: "Cannot evict pod as it would violate the pod's disruption budget.",
    reason: 'TooManyRequests',
    details: { causes: [{ reason: 'DisruptionBudget', message: 'The disruption budget all needs 2 healthy pods and has 2 currently' }] },
  });
  const denied = await evict(server, pod);
  expect(denied.headers['retry-after']).toBeUndefined();
  expect(said(denied)).toEqual(refusal);
  expect(said(await evict(server, pod, { query: '?dryRun=All' }))).toEqual(refusal);
  expect(said(await evict(server, pod, { deleteOptions: { dryRun: ['All'] } }))).toEqual(refusal);

  await budget(server, 'second', 1);
  expect(said(await evict(server, pod))).toEqual(
    refused(500, { message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.' }),
  );
});

test('an eviction that the budget allows takes the pod away, a dry run leaves it', async () => {
  await using server = await openServer();
  const pod = await twoPods(server);
  await budget(server, 'one', 1);
  expect(said(await evict(server, pod, { query: '?dryRun=All' }))).toEqual(EVICTED);
  expect((await server.request('GET', `${server.path()}/pods/${pod}`)).body).not.toHaveProperty('metadata.deletionTimestamp');
  expect(said(await evict(server, pod))).toEqual(EVICTED);
  await server.until(async () => (await server.request('GET', `${server.path()}/pods/${pod}`)).status === 404 || undefined);
});

test('an eviction that is meant for another pod is a conflict', async () => {
  await using server = await openServer();
  const pod = await twoPods(server);
  const other = '00000000-0000-0000-0000-000000000000';
  expect(said(await evict(server, pod, { deleteOptions: { preconditions: { uid: other } } }))).toMatchObject({
    status: 409,
    body: { reason: 'Conflict', details: { name: pod, kind: 'Pod' } },
  });
});

test('an eviction that is refused for its uid has used up the budget for a while', async () => {
  await using server = await openServer();
  const pod = await twoPods(server);
  await budget(server, 'one', 1);
  const other = '00000000-0000-0000-0000-000000000000';
  expect((await evict(server, pod, { deleteOptions: { preconditions: { uid: other } } })).status).toBe(409);
  expect(await evict(server, pod)).toMatchObject({ status: 429, body: { reason: 'TooManyRequests', details: { causes: [{ reason: 'DisruptionBudget' }] } } });
});

test('an eviction of what is gone, or of another name', async () => {
  await using server = await openServer();
  expect(said(await evict(server, 'gone'))).toEqual(
    refused(404, { message: 'pods "gone" not found', reason: 'NotFound', details: { name: 'gone', kind: 'pods' } }),
  );
  expect(said(await evict(server, 'gone', { metadata: { name: 'other' } }))).toEqual(
    refused(400, { message: 'name in URL does not match name in Eviction object', reason: 'BadRequest' }),
  );
});
