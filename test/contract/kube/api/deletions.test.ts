import { expect, test } from 'vitest';
import { openServer } from '../server.ts';
import { configMap, names, refused, said, uid, version } from './stage.ts';

const OTHER = '00000000-0000-0000-0000-000000000000';
const only = (preconditions: object): object => ({ apiVersion: 'v1', kind: 'DeleteOptions', preconditions });

test('a deletion that is meant for another object, or another state of it, is a conflict', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  const made = await server.request('POST', path, { body: configMap('a') });
  const conflict = (text: string): object =>
    refused(409, {
      message: `Operation cannot be fulfilled on ConfigMap "a": ${text}`,
      reason: 'Conflict',
      details: { name: 'a', kind: 'ConfigMap' },
    });
  expect(said(await server.request('DELETE', `${path}/a`, { body: only({ uid: OTHER }) }))).toEqual(
    conflict(`the UID in the precondition (${OTHER}) does not match the UID in record (${uid(made)}). The object might have been deleted and then recreated`),
  );
  expect(said(await server.request('DELETE', `${path}/a`, { body: only({ uid: uid(made), resourceVersion: '1' }) }))).toEqual(
    conflict(
      `the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (${version(made)}). The object might have been modified`,
    ),
  );
  expect((await server.request('DELETE', `${path}/a`, { body: only({ uid: uid(made), resourceVersion: version(made) }) })).status).toBe(200);
});

test('of a custom object, too', async () => {
  await using server = await openServer();
  const path = `${server.path('velero.io/v1')}/schedules`;
  const schedule = { apiVersion: 'velero.io/v1', kind: 'Schedule', metadata: { name: 's' }, spec: { schedule: '0 0 1 1 *', template: {}, paused: true } };
  const made = await server.request('POST', path, { body: schedule });
  expect(said(await server.request('DELETE', `${path}/s`, { body: only({ uid: OTHER }) }))).toEqual(
    refused(409, {
      message: `Operation cannot be fulfilled on Schedule.velero.io "s": the UID in the precondition (${OTHER}) does not match the UID in record (${uid(made)}). The object might have been deleted and then recreated`,
      reason: 'Conflict',
      details: { name: 's', group: 'velero.io', kind: 'Schedule' },
    }),
  );
  expect(said(await server.request('DELETE', `${path}/s`))).toMatchObject({
    status: 200,
    body: { details: { name: 's', group: 'velero.io', kind: 'schedules' } },
  });
});

test('what has a finalizer stays until the last one goes', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  await server.request('POST', path, { body: configMap('held', {}, { finalizers: ['example.com/one', 'example.com/two'] }) });
  const going = await server.request('DELETE', `${path}/held`);
  expect(going).toMatchObject({ status: 200, body: { kind: 'ConfigMap', metadata: { deletionTimestamp: expect.any(String), deletionGracePeriodSeconds: 0 } } });
  expect((await server.request('GET', `${path}/held`)).body).toEqual(going.body);
  const patch = async (finalizers: readonly string[] | null): Promise<number> =>
    (await server.request('PATCH', `${path}/held`, { body: { metadata: { finalizers } }, contentType: 'application/merge-patch+json' })).status;
  expect(await patch(['example.com/two'])).toBe(200);
  expect((await server.request('GET', `${path}/held`)).status).toBe(200);
  expect(await patch(null)).toBe(200);
  expect((await server.request('GET', `${path}/held`)).status).toBe(404);
});

test('a finalizer cannot be added to what is going', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  await server.request('POST', path, { body: configMap('held', {}, { finalizers: ['example.com/one'] }) });
  await server.request('DELETE', `${path}/held`);
  const body = { metadata: { finalizers: ['example.com/one', 'example.com/late'] } };
  const message = 'Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/late"}';
  expect(said(await server.request('PATCH', `${path}/held`, { body, contentType: 'application/merge-patch+json' }))).toEqual(
    refused(422, {
      message: `ConfigMap "held" is invalid: metadata.finalizers: ${message}`,
      reason: 'Invalid',
      details: { name: 'held', kind: 'ConfigMap', causes: [{ reason: 'FieldValueForbidden', message, field: 'metadata.finalizers' }] },
    }),
  );
  await server.request('PATCH', `${path}/held`, { body: { metadata: { finalizers: null } }, contentType: 'application/merge-patch+json' });
});

test('dependents go with their owner, stay behind, or go first: as the deletion says', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  const family = async (name: string): Promise<void> => {
    const owner = await server.request('POST', path, { body: configMap(name) });
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name, uid: uid(owner), blockOwnerDeletion: true }];
    await server.request('POST', path, { body: configMap(`${name}-child`, {}, { ownerReferences }) });
  };
  const drop = (name: string, propagationPolicy: string) =>
    server.request('DELETE', `${path}/${name}`, { body: { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy } });
  const left = async (): Promise<readonly string[]> => names(await server.request('GET', path));

  await family('background');
  expect(await drop('background', 'Background')).toMatchObject({ status: 200, body: { kind: 'Status', status: 'Success' } });
  await server.until(async () => (await left()).length === 0 || undefined);

  await family('orphan');
  expect(await drop('orphan', 'Orphan')).toMatchObject({ status: 200, body: { kind: 'ConfigMap', metadata: { finalizers: ['orphan'] } } });
  await server.until(async () => !(await left()).includes('orphan') || undefined);
  expect(await left()).toEqual(['orphan-child']);
  expect((await server.request('GET', `${path}/orphan-child`)).body).not.toHaveProperty('metadata.ownerReferences');
  await server.request('DELETE', `${path}/orphan-child`);

  await family('foreground');
  expect(await drop('foreground', 'Foreground')).toMatchObject({ status: 200, body: { kind: 'ConfigMap', metadata: { finalizers: ['foregroundDeletion'] } } });
  await server.until(async () => (await left()).length === 0 || undefined);

  expect(said(await drop('nothing', 'Sideways'))).toMatchObject({ status: 422, body: { reason: 'Invalid', details: { kind: 'DeleteOptions' } } });
});

test('a collection is deleted by its selectors', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  for (const [name, app] of [
    ['a', 'web'],
    ['b', 'web'],
    ['c', 'db'],
  ])
    await server.request('POST', path, { body: configMap(name ?? '', {}, { labels: { app } }) });
  const dropped = await server.request('DELETE', `${path}?labelSelector=app%3Dweb`);
  expect(dropped).toMatchObject({ status: 200, body: { kind: 'ConfigMapList', apiVersion: 'v1' } });
  expect(names(dropped)).toEqual(['a', 'b']);
  expect(names(await server.request('GET', path))).toEqual(['c']);
});

test('a pod on a node is given its grace, which a second deletion can only shorten', async () => {
  await using server = await openServer();
  const path = `${server.path()}/pods`;
  // A node that is not there has no kubelet that would answer at once.
  const spec = { nodeName: 'nowhere', terminationGracePeriodSeconds: 7, containers: [{ name: 'c', image: 'example.com/c' }] };
  await server.request('POST', path, { body: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec } });
  const deleted = (query = '') => server.request('DELETE', `${path}/p${query}`);
  expect(await deleted()).toMatchObject({ status: 200, body: { kind: 'Pod', metadata: { deletionGracePeriodSeconds: 7 } } });
  expect(await deleted('?gracePeriodSeconds=2')).toMatchObject({ status: 200, body: { metadata: { deletionGracePeriodSeconds: 2 } } });
  expect(await deleted('?gracePeriodSeconds=5')).toMatchObject({ status: 200, body: { metadata: { deletionGracePeriodSeconds: 2 } } });
  expect(await deleted('?gracePeriodSeconds=0')).toMatchObject({ status: 200, body: { kind: 'Pod', metadata: { name: 'p' } } });
  expect((await server.request('GET', `${path}/p`)).status).toBe(404);
});
