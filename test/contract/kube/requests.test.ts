import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ObjectRef } from '../../../src/model/object.ts';
import { systemClock } from '../../../src/port/clock.ts';
import { kubeconfigText, pod, replay, type Seen, stubCluster } from './stub-server.ts';

const api0: ObjectRef = { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'api-0' };
const lines = (seen: readonly Seen[]): readonly string[] => seen.map(({ method, path }) => `${method} ${path}`);

describe('reading', () => {
  test('an object is asked for at its own path, signed, by our name', async () => {
    await using stub = await stubCluster(({ path }) => (path.endsWith('/api-0') ? { body: pod('api-0') } : undefined));
    const object = await stub.cluster.access.get(api0);
    expect(object.metadata.uid).toBe('uid-api-0');
    expect(lines(stub.seen)).toEqual(['GET /api/v1/namespaces/shop/pods/api-0']);
    expect(stub.seen[0]?.headers).toMatchObject({ authorization: 'Bearer first-token', 'user-agent': 'salvor/test' });
  });

  test('what is not there: `get` throws, `find` answers undefined', async () => {
    await using stub = await stubCluster(({ path }) => (path.includes('/pods') ? replay('not-found') : undefined));
    await expect(stub.cluster.access.get(api0)).rejects.toMatchObject({ code: 'kube.not-found', retry: 'never' });
    expect(await stub.cluster.access.find(api0)).toBeUndefined();
  });

  test('only absence is undefined: a refusal and a frozen store are thrown by `find`, too', async () => {
    let answer = 'forbidden';
    await using stub = await stubCluster(({ path }) => (path.includes('/pods') ? replay(answer) : undefined));
    await expect(stub.cluster.access.find(api0)).rejects.toMatchObject({ code: 'kube.forbidden', retry: 'never' });
    answer = 'etcd-frozen-get';
    await expect(stub.cluster.access.find(api0)).rejects.toMatchObject({ code: 'kube.timeout', retry: 'later' });
    answer = 'flow-control';
    await expect(stub.cluster.access.find(api0)).rejects.toMatchObject({ code: 'kube.too-many-requests', retryAfterMs: 1000 });
  });

  test('a list is read page by page, and its objects are whole', async () => {
    const pages = new Map([
      [null, { metadata: { resourceVersion: '10', continue: 'two' }, items: [{ metadata: { name: 'a' } }, { metadata: { name: 'b' } }] }],
      ['two', { metadata: { resourceVersion: '10', continue: '' }, items: [{ metadata: { name: 'c' } }] }],
    ]);
    await using stub = await stubCluster(({ path, query }) =>
      path === '/api/v1/namespaces/shop/pods' ? { body: pages.get(query.get('continue')) } : undefined,
    );
    const objects = await stub.cluster.access.list({
      apiVersion: 'v1',
      kind: 'Pod',
      namespace: 'shop',
      labelSelector: 'app=api',
      fieldSelector: 'spec.nodeName=w1',
    });
    expect(objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toEqual(['Pod/a', 'Pod/b', 'Pod/c']);
    expect(stub.seen.map(({ query }) => query.get('limit'))).toEqual(['500', '500']);
    expect(stub.seen.every(({ query }) => query.get('labelSelector') === 'app=api' && query.get('fieldSelector') === 'spec.nodeName=w1')).toBe(true);
  });

  test('a continue token that expired starts the list again, once', async () => {
    let expire = 1;
    await using stub = await stubCluster(({ path, query }) => {
      if (path !== '/api/v1/pods') return undefined;
      if (query.get('continue') === null) return { body: { metadata: { resourceVersion: '1', continue: 'two' }, items: [{ metadata: { name: 'a' } }] } };
      expire -= 1;
      return expire >= 0 ? replay('continue-expired') : { body: { metadata: { resourceVersion: '1' }, items: [{ metadata: { name: 'b' } }] } };
    });
    expect((await stub.cluster.access.list({ apiVersion: 'v1', kind: 'Pod' })).map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
    expire = 2;
    await expect(stub.cluster.access.list({ apiVersion: 'v1', kind: 'Pod' })).rejects.toMatchObject({ code: 'kube.expired', retry: 'now' });
  });

  test('the last lines of a log are text', async () => {
    await using stub = await stubCluster(({ path }) => (path.endsWith('/log') ? { headers: { 'content-type': 'text/plain' }, body: 'one\ntwo\n' } : undefined));
    expect(await stub.cluster.access.logs({ namespace: 'velero', pod: 'velero-1', container: 'velero', previous: true, tailLines: 2 })).toBe('one\ntwo\n');
    expect(Object.fromEntries(stub.seen[0]?.query ?? [])).toEqual({ container: 'velero', previous: 'true', tailLines: '2' });
  });

  test('the identity of the cluster is that of kube-system', async () => {
    await using stub = await stubCluster(({ path }) =>
      path === '/api/v1/namespaces/kube-system' ? { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system', uid: 'u-1' } } } : undefined,
    );
    expect(await stub.cluster.uid()).toBe('u-1');
  });

  test('the identity is asked once a second at most, together by all who ask, and again at once where it could not be told', async () => {
    let nowMs = 0;
    let status = 503;
    const clock = { ...systemClock, monotonicMs: () => nowMs };
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system', uid: 'u-1' } };
    await using stub = await stubCluster(({ path }) => (path.endsWith('/kube-system') ? (status === 200 ? { body } : { status }) : undefined), { clock });
    await expect(stub.cluster.uid()).rejects.toMatchObject({ code: 'kube.unavailable' });
    status = 200;
    expect(await Promise.all([stub.cluster.uid(), stub.cluster.uid()])).toEqual(['u-1', 'u-1']);
    nowMs = 999;
    await stub.cluster.uid();
    expect(stub.seen).toHaveLength(2);
    nowMs = 1000;
    await stub.cluster.uid();
    expect(stub.seen).toHaveLength(3);
  });

  test('a name that climbs is never sent', async () => {
    await using stub = await stubCluster(() => undefined);
    await expect(stub.cluster.access.get({ ...api0, name: '../secrets/x' })).rejects.toMatchObject({ code: 'kube.invalid', retry: 'never' });
    await expect(stub.cluster.access.logs({ namespace: 'a/b', pod: 'x', tailLines: 1 })).rejects.toMatchObject({ code: 'kube.invalid' });
    await expect(stub.cluster.access.get({ ...api0, apiVersion: '../v1' })).rejects.toMatchObject({ code: 'kube.invalid' });
    expect(stub.seen).toEqual([]);
  });

  test("a proxy's page is not mistaken for an object", async () => {
    await using stub = await stubCluster(({ path }) => (path.includes('/pods') ? { headers: { 'content-type': 'text/html' }, body: '<html>' } : undefined));
    await expect(stub.cluster.access.get(api0)).rejects.toMatchObject({ code: 'kube.unavailable', retry: 'later' });
    await expect(stub.cluster.access.list({ apiVersion: 'v1', kind: 'Pod' })).rejects.toMatchObject({ code: 'kube.unavailable' });
  });

  test("a balancer's 404 is not an object that does not exist", async () => {
    await using stub = await stubCluster(({ path }) => (path.includes('/pods') ? { status: 404, body: 'default backend - 404' } : undefined));
    await expect(stub.cluster.access.find(api0)).rejects.toMatchObject({ code: 'kube.unavailable', retry: 'later' });
    await expect(stub.cluster.access.delete(api0, { uid: 'u' })).rejects.toMatchObject({ code: 'kube.timeout', retry: 'later' });
  });

  test('without Prometheus and probes both are unavailable, never a yes', async () => {
    await using stub = await stubCluster(() => undefined);
    await expect(stub.cluster.access.metrics('up')).rejects.toMatchObject({ code: 'metrics.unavailable' });
    await expect(stub.cluster.access.probe('shop')).rejects.toMatchObject({ code: 'probe.unavailable' });
  });
});

describe('kinds', () => {
  test('are asked for once', async () => {
    let asked = 0;
    await using stub = await stubCluster(({ path }) => {
      if (path === '/api/v1') asked += 1;
      return path.includes('/pods/') ? { body: pod('api-0') } : undefined;
    });
    await Promise.all([stub.cluster.access.get(api0), stub.cluster.access.get(api0)]);
    await stub.cluster.access.get(api0);
    expect(asked).toBe(1);
  });

  test('that are not served are absent, until their CRD appears', async () => {
    let installed = false;
    await using stub = await stubCluster(({ path }) => {
      if (!path.startsWith('/apis/volsync.backube')) return undefined;
      if (!installed) return replay('unknown-path');
      if (path === '/apis/volsync.backube/v1alpha1')
        return { body: { resources: [{ name: 'replicationsources', kind: 'ReplicationSource', namespaced: true }] } };
      return { body: { metadata: { resourceVersion: '1' }, items: [] } };
    });
    const query = { apiVersion: 'volsync.backube/v1alpha1', kind: 'ReplicationSource' };
    expect(await stub.cluster.serves(query.apiVersion, query.kind)).toBe(false);
    await expect(stub.cluster.access.list(query)).rejects.toMatchObject({ code: 'kube.not-found', retry: 'never' });
    expect(await stub.cluster.access.find({ ...query, namespace: 'shop', name: 'x' })).toBeUndefined();
    await expect(stub.cluster.access.create({ ...query, metadata: { name: 'x', namespace: 'shop' } })).rejects.toMatchObject({
      code: 'kube.unknown-kind',
      retry: 'never',
    });
    installed = true;
    expect(await stub.cluster.serves(query.apiVersion, query.kind)).toBe(true);
    expect(await stub.cluster.access.list(query)).toEqual([]);
  });

  test('that went away with their CRD are noticed', async () => {
    let installed = true;
    await using stub = await stubCluster(({ path }) =>
      !installed && path.startsWith('/apis/velero.io') ? replay('unknown-path') : path.endsWith('/backups') ? { body: { metadata: {}, items: [] } } : undefined,
    );
    const query = { apiVersion: 'velero.io/v1', kind: 'Backup' };
    expect(await stub.cluster.access.list(query)).toEqual([]);
    installed = false;
    await expect(stub.cluster.access.list(query)).rejects.toMatchObject({ code: 'kube.not-found' });
    expect(await stub.cluster.serves(query.apiVersion, query.kind)).toBe(false);
  });

  test('a discovery that is refused is not an absent kind', async () => {
    await using stub = await stubCluster(({ path }) => (path === '/apis/velero.io/v1' ? replay('forbidden') : undefined));
    await expect(stub.cluster.serves('velero.io/v1', 'Backup')).rejects.toMatchObject({ code: 'kube.forbidden' });
  });
});

describe('credentials', () => {
  test('a token that was replaced in its file is used from the next request on', async () => {
    await using stub = await stubCluster(({ path }) => (path.includes('/pods/') ? { body: pod('api-0') } : undefined));
    await stub.cluster.access.get(api0);
    await writeFile(join(stub.folder, 'token'), 'second-token\n');
    await stub.cluster.access.get(api0);
    expect(stub.seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer first-token', 'Bearer second-token']);
  });

  test('after 401 the credentials are read again and the request is made once more', async () => {
    await using stub = await stubCluster(async ({ path, headers }) => {
      if (!path.includes('/pods/')) return undefined;
      if (headers.authorization === 'Bearer good') return { body: pod('api-0') };
      await writeFile(join(stub.folder, 'kubeconfig'), kubeconfigText(stub.url).replace('tokenFile: token', 'token: good'));
      return replay('wrong-token');
    });
    expect((await stub.cluster.access.get(api0)).metadata.name).toBe('api-0');
    expect(stub.seen).toHaveLength(2);
  });

  test('a kubeconfig that points elsewhere is followed from the next request on', async () => {
    await using before = await stubCluster(({ path }) => (path.includes('/pods/') ? { body: pod('old') } : undefined));
    await using after = await stubCluster(({ path }) => (path.includes('/pods/') ? { body: pod('new') } : undefined));
    expect((await before.cluster.access.get(api0)).metadata.name).toBe('old');
    await writeFile(join(before.folder, 'kubeconfig'), kubeconfigText(after.url));
    expect((await before.cluster.access.get(api0)).metadata.name).toBe('new');
  });

  test('a credential command runs once for many requests, and again after 401', async () => {
    await using stub = await stubCluster(({ path, headers }) =>
      !path.includes('/pods/') ? undefined : headers.authorization === 'Bearer run-2' ? { body: pod('api-0') } : replay('wrong-token'),
    );
    const counter = join(stub.folder, 'runs');
    const script = `echo x >> '${counter}'; n=$(wc -l < '${counter}'); echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"run-'$n'"}}'`;
    const exec = JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', script] });
    await writeFile(join(stub.folder, 'kubeconfig'), kubeconfigText(stub.url).replace('{ tokenFile: token }', `{ exec: ${exec} }`));
    await Promise.all([stub.cluster.serves('v1', 'Pod'), stub.cluster.serves('velero.io/v1', 'Backup')]);
    expect((await readFile(counter, 'utf8')).length).toBe(2);
    expect((await stub.cluster.access.get(api0)).metadata.name).toBe('api-0');
    expect(stub.seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer run-1', 'Bearer run-2']);
  });

  test('a credential command that hangs does not outlive the deadline', async () => {
    await using stub = await stubCluster(() => undefined, { deadlines: { requestMs: 100, listMs: 100 } });
    const exec = JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', command: 'sleep', args: ['5'] });
    await writeFile(join(stub.folder, 'kubeconfig'), kubeconfigText(stub.url).replace('{ tokenFile: token }', `{ exec: ${exec} }`));
    await expect(stub.cluster.access.get(api0)).rejects.toMatchObject({ code: 'kube.timeout' });
    await expect(stub.cluster.access.evict({ namespace: 'shop', name: 'x', uid: 'u' })).rejects.toMatchObject({
      code: 'kube.unavailable',
      details: { sent: false },
    });
  });

  test('a second 401 is unauthorized', async () => {
    await using stub = await stubCluster(({ path }) => (path.includes('/pods/') ? replay('wrong-token') : undefined));
    await expect(stub.cluster.access.get(api0)).rejects.toMatchObject({ code: 'kube.unauthorized', retry: 'later' });
    expect(stub.seen).toHaveLength(2);
  });

  test('opening asks nothing of a cluster and of its files; a kubeconfig that appears later is found', async () => {
    await using stub = await stubCluster(({ path }) => (path.includes('/pods/') ? { body: pod('api-0') } : undefined));
    const { openCluster } = await import('../../../src/kube/open-cluster.ts');
    const { systemClock } = await import('../../../src/port/clock.ts');
    const { silentLog } = await import('../../../src/port/log.ts');
    const kubeconfig = join(stub.folder, 'later');
    const cluster = await openCluster({ name: 'dr', kubeconfig, clock: systemClock, log: silentLog, userAgent: 'salvor/test' });
    await expect(cluster.access.get(api0)).rejects.toMatchObject({ code: 'kube.unauthorized', retry: 'later' });
    await writeFile(kubeconfig, kubeconfigText(stub.url));
    expect((await cluster.access.get(api0)).metadata.name).toBe('api-0');
    await cluster.close();
  });

  test.each([
    {
      mistake: 'plain http without a word',
      text: (url: string) => kubeconfigText(url).replace(', insecure-skip-tls-verify: true', ''),
      says: 'insecure-skip-tls-verify: true',
    },
    {
      mistake: 'an unknown context',
      text: (url: string) => kubeconfigText(url).replace('current-context: main', 'current-context: other'),
      says: 'no context "other"',
    },
    { mistake: 'an unknown user', text: (url: string) => kubeconfigText(url).replace('user: u }', 'user: v }'), says: 'no user "v"' },
    { mistake: 'broken YAML', text: () => 'users: [{ name: u, user: { token: top-secret }', says: 'cannot sign in' },
  ])('$mistake says so, and shows no secret', async ({ text, says }) => {
    await using stub = await stubCluster(() => undefined);
    await writeFile(join(stub.folder, 'kubeconfig'), text(stub.url));
    const failing = await stub.cluster.access.get(api0).catch((error: unknown) => error);
    expect(failing).toMatchObject({ code: 'kube.unauthorized', retry: 'later', message: expect.stringContaining(says) });
    expect(String(failing)).not.toContain('top-secret');
  });

  test('a context without a user is anonymous', async () => {
    await using stub = await stubCluster(({ path }) => (path.includes('/pods/') ? { body: pod('api-0') } : undefined));
    await writeFile(join(stub.folder, 'kubeconfig'), kubeconfigText(stub.url).replace(', user: u }', ' }'));
    await stub.cluster.access.get(api0);
    expect(stub.seen[0]?.headers.authorization).toBeUndefined();
  });
});

describe('connections', () => {
  test('are used again', async () => {
    await using stub = await stubCluster(({ path }) => (path.includes('/pods/') ? { body: pod('api-0') } : undefined));
    for (let n = 0; n < 5; n += 1) await stub.cluster.access.get(api0);
    expect(stub.connections()).toBe(1);
  });

  test('a read on an idle connection that the server just closed is made again on a new one', async () => {
    let asked = 0;
    await using stub = await stubCluster(({ path }, response) => {
      if (!path.includes('/pods/')) return undefined;
      asked += 1;
      if (asked !== 2) return { body: pod('api-0') };
      response.destroy();
      return undefined;
    });
    await stub.cluster.access.get(api0);
    expect((await stub.cluster.access.get(api0)).metadata.name).toBe('api-0');
    expect(asked).toBe(3);
  });

  test('a write is never repeated: a connection that breaks under it leaves its outcome unknown', async () => {
    await using stub = await stubCluster(({ method }, response) => {
      if (method === 'POST') response.destroy();
      return undefined;
    });
    const writing = stub.cluster.access.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace: 'shop' } });
    await expect(writing).rejects.toMatchObject({ code: 'kube.timeout', retry: 'later' });
    expect(lines(stub.seen)).toEqual(['POST /api/v1/namespaces/shop/configmaps']);
  });

  test('a server that says nothing is a timeout, for a read, a list and a write', async () => {
    await using stub = await stubCluster(() => undefined, { deadlines: { requestMs: 700, listMs: 700 } });
    const { access } = stub.cluster;
    await expect(access.get(api0)).rejects.toMatchObject({ code: 'kube.timeout', retry: 'later' });
    await expect(access.list({ apiVersion: 'v1', kind: 'Pod' })).rejects.toMatchObject({ code: 'kube.timeout', retry: 'later' });
    await expect(access.patch(api0, {}, { uid: 'u' })).rejects.toMatchObject({ code: 'kube.timeout', retry: 'later' });
  });

  test('a write is waited for longer than a look: an admission webhook may hold it up, and its name is in the answer', async () => {
    await using stub = await stubCluster(
      async ({ method, path }) => {
        if (!path.includes('/pods')) return undefined;
        await new Promise((resolve) => setTimeout(resolve, 900));
        return method === 'GET' ? { body: pod('api-0') } : { status: 500, body: { message: 'failed calling webhook "slow"', code: 500 } };
      },
      { deadlines: { requestMs: 700, listMs: 700 } },
    );
    await expect(stub.cluster.access.get(api0)).rejects.toMatchObject({ code: 'kube.timeout' });
    await expect(stub.cluster.access.patch(api0, {}, { uid: 'u' })).rejects.toMatchObject({
      code: 'kube.unavailable',
      message: expect.stringContaining('webhook "slow"'),
    });
  });

  test('an answer that stops half way is a timeout', async () => {
    await using stub = await stubCluster(
      ({ path }, response) => {
        if (path.includes('/pods/')) response.writeHead(200, { 'content-length': '1000' }).write('{"kind"');
        return undefined;
      },
      { deadlines: { requestMs: 700, listMs: 700 } },
    );
    await expect(stub.cluster.access.get(api0)).rejects.toMatchObject({ code: 'kube.timeout' });
  });

  test('a server that is not there was not written to', async () => {
    await using stub = await stubCluster(() => undefined);
    // A port that was given back may be somebody else's by now; nobody listens on this one.
    await writeFile(join(stub.folder, 'kubeconfig'), kubeconfigText('http://127.0.0.1:1'));
    await expect(stub.cluster.access.get(api0)).rejects.toMatchObject({ code: 'kube.unavailable', retry: 'later', message: 'prod: refuses connections' });
    await expect(stub.cluster.access.evict({ namespace: 'shop', name: 'api-0', uid: 'u' })).rejects.toMatchObject({
      code: 'kube.unavailable',
      details: { sent: false },
    });
  });

  test('closing ends what is in flight', async () => {
    await using stub = await stubCluster(({ path }) => {
      if (path.includes('/pods/')) setImmediate(() => void stub.cluster.close());
      return undefined;
    });
    await expect(stub.cluster.access.get(api0)).rejects.toMatchObject({ code: 'kube.unavailable', message: 'prod: the connection is closed' });
  });
});
