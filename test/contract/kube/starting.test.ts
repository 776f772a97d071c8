import { describe, expect, test } from 'vitest';
import type { ObjectRef } from '../../../src/model/object.ts';
import { pod, replay, stubCluster } from './stub-server.ts';

const api0: ObjectRef = { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'api-0' };

describe('a server that has just started', () => {
  test('refuses before it knows our roles: that is no refusal', async () => {
    let isReady = false;
    await using stub = await stubCluster(({ path }) => {
      if (path === '/readyz') return isReady ? { body: 'ok' } : replay('forbidden');
      return path.includes('/pods') ? (isReady ? { body: pod('api-0') } : replay('forbidden')) : undefined;
    });
    await expect(stub.cluster.access.get(api0)).rejects.toMatchObject({
      code: 'kube.unavailable',
      retry: 'later',
      message: expect.stringContaining('is not ready yet'),
    });
    isReady = true;
    expect((await stub.cluster.access.get(api0)).metadata.name).toBe('api-0');
  });

  test('and has read them while it was asked is asked once more', async () => {
    let refuse = 1;
    await using stub = await stubCluster(({ path }) => {
      if (path === '/readyz') return { body: 'ok' };
      refuse -= path.includes('/pods') ? 1 : 0;
      return path.includes('/pods') ? (refuse >= 0 ? replay('forbidden') : { body: pod('api-0') }) : undefined;
    });
    expect((await stub.cluster.access.get(api0)).metadata.name).toBe('api-0');
    refuse = 2;
    await expect(stub.cluster.access.get(api0)).rejects.toMatchObject({ code: 'kube.forbidden', retry: 'never' });
  });

  test.each(['not yet ready to handle request', 'status unknown for quota: small, resources: pods'])('cannot admit: %s', async (why) => {
    const message = `configmaps "x" is forbidden: ${why}`;
    await using stub = await stubCluster(({ method }) =>
      method === 'POST' ? { status: 403, body: { kind: 'Status', status: 'Failure', message, reason: 'Forbidden', code: 403 } } : undefined,
    );
    const creating = stub.cluster.access.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace: 'shop' } });
    await expect(creating).rejects.toMatchObject({ code: 'kube.unavailable', retry: 'later' });
  });
});
