import { describe, expect, test } from 'vitest';
import type { ObjectRef } from '../../../src/model/object.ts';
import { type Answer, pod, type Respond, replay, stubCluster } from './stub-server.ts';

const api0: ObjectRef = { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'api-0' };
const SUCCESS = { status: 201, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } };

describe('create', () => {
  test('posts the manifest as ours, and refuses fields that the server would drop', async () => {
    await using stub = await stubCluster(({ method }) => (method === 'POST' ? { status: 201, body: pod('salvor-x1') } : undefined));
    const manifest = { apiVersion: 'velero.io/v1', kind: 'Backup', metadata: { generateName: 'salvor-', namespace: 'velero' }, spec: { ttl: '1h' } };
    expect((await stub.cluster.access.create(manifest)).metadata.name).toBe('salvor-x1');
    const [seen] = stub.seen;
    expect(seen).toMatchObject({ method: 'POST', path: '/apis/velero.io/v1/namespaces/velero/backups', body: manifest });
    expect(Object.fromEntries(seen?.query ?? [])).toEqual({ fieldManager: 'salvor', fieldValidation: 'Strict' });
    expect(seen?.headers['content-type']).toBe('application/json');
  });

  test.each([
    { answer: 'name-exists', code: 'kube.exists', retry: 'never' },
    { answer: 'invalid-object', code: 'kube.invalid', retry: 'never' },
    { answer: 'namespace-missing', code: 'kube.not-found', retry: 'never' },
    { answer: 'namespace-terminating', code: 'kube.conflict', retry: 'later' },
  ])('$answer is $code', async ({ answer, code, retry }) => {
    await using stub = await stubCluster(({ method }) => (method === 'POST' ? replay(answer) : undefined));
    await expect(stub.cluster.access.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace: 'shop' } })).rejects.toMatchObject({
      code,
      retry,
    });
  });

  test('a namespaced object without a namespace is not sent', async () => {
    await using stub = await stubCluster(() => undefined);
    await expect(stub.cluster.access.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } })).rejects.toMatchObject({ code: 'kube.invalid' });
    expect(stub.seen).toEqual([]);
  });
});

describe('patch', () => {
  test('is a merge patch bound to the uid and the version, whatever the patch says about them', async () => {
    await using stub = await stubCluster(({ method }) => (method === 'PATCH' ? { body: pod('api-0') } : undefined));
    const patch = { metadata: { annotations: { 'salvor.io/run': 'r1', gone: null }, uid: 'forged' }, spec: { paused: true } };
    await stub.cluster.access.patch(api0, patch, { uid: 'uid-api-0', resourceVersion: '7' });
    expect(stub.seen[0]).toMatchObject({
      path: '/api/v1/namespaces/shop/pods/api-0',
      body: { metadata: { annotations: { 'salvor.io/run': 'r1', gone: null }, uid: 'uid-api-0', resourceVersion: '7' }, spec: { paused: true } },
    });
    expect(stub.seen[0]?.headers['content-type']).toBe('application/merge-patch+json');
  });

  test.each(['patch-stale', 'patch-other-uid'])('%s is a conflict', async (answer) => {
    await using stub = await stubCluster(({ method }) => (method === 'PATCH' ? replay(answer) : undefined));
    await expect(stub.cluster.access.patch(api0, {}, { uid: 'u' })).rejects.toMatchObject({ code: 'kube.conflict', retry: 'now' });
  });
});

describe('delete', () => {
  test('names the uid and takes dependents with it', async () => {
    await using stub = await stubCluster(({ method }) => (method === 'DELETE' ? { body: SUCCESS.body } : undefined));
    expect(await stub.cluster.access.delete(api0, { uid: 'uid-api-0' })).toBe('deleted');
    expect(stub.seen[0]?.body).toEqual({ apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: 'uid-api-0' }, propagationPolicy: 'Background' });
  });

  test('of what is gone answers gone', async () => {
    await using stub = await stubCluster(({ method }) => (method === 'DELETE' ? replay('not-found') : undefined));
    expect(await stub.cluster.access.delete(api0, { uid: 'u' })).toBe('gone');
  });

  test('of a name that another object has now answers gone, and leaves that one alone', async () => {
    await using stub = await stubCluster(({ method, path }) =>
      method === 'DELETE' ? replay('delete-other-uid') : path.includes('/pods/') ? { body: pod('api-0') } : undefined,
    );
    expect(await stub.cluster.access.delete(api0, { uid: 'the-old-one' })).toBe('gone');
    expect(stub.seen.map(({ method }) => method)).toEqual(['DELETE', 'GET']);
  });

  test('of an object that was changed since is a conflict', async () => {
    await using stub = await stubCluster(({ method, path }) =>
      method === 'DELETE' ? replay('delete-stale') : path.includes('/pods/') ? { body: pod('api-0') } : undefined,
    );
    await expect(stub.cluster.access.delete(api0, { uid: 'uid-api-0', resourceVersion: '1' })).rejects.toMatchObject({ code: 'kube.conflict' });
  });
});

describe('evict', () => {
  const one = { namespace: 'shop', name: 'api-0', uid: 'uid-api-0' };

  test('asks the eviction subresource for the pod with this uid', async () => {
    await using stub = await stubCluster(({ path }) => (path.endsWith('/eviction') ? SUCCESS : undefined));
    expect(await stub.cluster.access.evict({ ...one, gracePeriodSeconds: 120 })).toBe('evicted');
    expect(stub.seen[0]).toMatchObject({
      method: 'POST',
      path: '/api/v1/namespaces/shop/pods/api-0/eviction',
      body: {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name: 'api-0', namespace: 'shop' },
        deleteOptions: { preconditions: { uid: 'uid-api-0' }, gracePeriodSeconds: 120 },
      },
    });
  });

  test.each([
    { answer: 'evict-budget-exhausted', fault: { code: 'kube.too-many-requests', retry: 'later', retryAfterMs: undefined } },
    { answer: 'evict-budget-unseen', fault: { code: 'kube.too-many-requests', retry: 'later', retryAfterMs: 10_000 } },
    { answer: 'evict-two-budgets', fault: { code: 'kube.invalid', retry: 'never' } },
  ])('$answer is $fault.code', async ({ answer, fault }) => {
    await using stub = await stubCluster(({ path }) => (path.endsWith('/eviction') ? replay(answer) : undefined));
    await expect(stub.cluster.access.evict(one)).rejects.toMatchObject(fault);
  });

  test('of a pod that is gone, or replaced under its name, answers gone', async () => {
    let answer = 'evict-gone';
    await using stub = await stubCluster(({ path }) =>
      path.endsWith('/eviction') ? replay(answer) : path.includes('/pods/') ? { body: pod('api-0') } : undefined,
    );
    expect(await stub.cluster.access.evict(one)).toBe('gone');
    answer = 'evict-other-uid';
    expect(await stub.cluster.access.evict({ ...one, uid: 'the-old-one' })).toBe('gone');
  });
});

test("a proxy's page says nothing about what became of a write", async () => {
  await using stub = await stubCluster(({ method }) =>
    method === 'GET' ? undefined : { headers: { 'content-type': 'text/html' }, body: '<html>Sign in</html>' },
  );
  const { access } = stub.cluster;
  for (const write of [
    () => access.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace: 'shop' } }),
    () => access.patch(api0, {}, { uid: 'u' }),
    () => access.delete(api0, { uid: 'u' }),
    () => access.evict({ namespace: 'shop', name: 'api-0', uid: 'u' }),
  ])
    await expect(write()).rejects.toMatchObject({ code: 'kube.timeout', retry: 'later' });
});

describe('asking without doing', () => {
  test('a dry-run eviction says whether the budgets let a pod go', async () => {
    let answer: Answer = SUCCESS;
    await using stub = await stubCluster(({ path }) => (path.endsWith('/eviction') ? answer : undefined));
    const ask = (): ReturnType<typeof stub.cluster.access.mayEvict> => stub.cluster.access.mayEvict({ namespace: 'shop', name: 'api-0' });
    expect(await ask()).toEqual({ allowed: true });
    expect(stub.seen[0]?.query.get('dryRun')).toBe('All');
    expect(stub.seen[0]?.body).toMatchObject({ deleteOptions: { dryRun: ['All'] } });
    answer = replay('evict-budget-exhausted');
    expect(await ask()).toMatchObject({ allowed: false, reason: expect.stringContaining('web needs 6 healthy pods') });
    answer = replay('evict-two-budgets');
    expect(await ask()).toMatchObject({ allowed: false, reason: expect.stringContaining('more than one PodDisruptionBudget') });
  });

  test('a busy server is no answer about budgets', async () => {
    await using stub = await stubCluster(({ path }) => (path.endsWith('/eviction') ? replay('flow-control') : undefined));
    await expect(stub.cluster.access.mayEvict({ namespace: 'shop', name: 'api-0' })).rejects.toMatchObject({ code: 'kube.too-many-requests' });
  });

  test('an access review of a server that is still starting is no answer', async () => {
    let ready = false;
    const review: Respond = ({ path }) => {
      if (path === '/readyz') return ready ? { body: 'ok' } : { status: 500, body: '[-]poststarthook/rbac/bootstrap-roles failed' };
      return path.endsWith('/selfsubjectaccessreviews') ? { status: 201, body: { metadata: {}, status: { allowed: ready } } } : undefined;
    };
    await using stub = await stubCluster(review);
    const ask = (): Promise<boolean> => stub.cluster.access.mayI({ verb: 'list', group: '', resource: 'pods' });
    await expect(ask()).rejects.toMatchObject({ code: 'kube.unavailable', retry: 'later' });
    ready = true;
    expect(await ask()).toBe(true);
  });

  test('an access review names the subresource apart', async () => {
    let allowed = true;
    await using stub = await stubCluster(({ path }) =>
      path.endsWith('/selfsubjectaccessreviews') ? { status: 201, body: { metadata: {}, status: { allowed } } } : undefined,
    );
    expect(await stub.cluster.access.mayI({ verb: 'create', group: '', resource: 'pods/eviction', namespace: 'shop' })).toBe(true);
    expect(stub.seen[0]?.body).toMatchObject({
      spec: { resourceAttributes: { verb: 'create', group: '', resource: 'pods', subresource: 'eviction', namespace: 'shop' } },
    });
    allowed = false;
    expect(await stub.cluster.access.mayI({ verb: 'delete', group: '', resource: 'pods' })).toBe(false);
  });
});
