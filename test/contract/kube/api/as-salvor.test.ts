import { expect, test } from 'vitest';
import { at, textAt } from '../../../../src/world/object.ts';
import { openServer } from '../server.ts';
import { names, refused, said, uid, version } from './stage.ts';

/** What `src/kube/writer.ts` puts into the query of each write. */
const AS_SALVOR = 'fieldManager=salvor&fieldValidation=Strict';
const MERGE = 'application/merge-patch+json';

test('what Salvor sends when it makes, marks and takes away a Backup', async () => {
  await using server = await openServer();
  const path = `${server.path('velero.io/v1')}/backups`;
  const body = (spec: object): object => ({ apiVersion: 'velero.io/v1', kind: 'Backup', metadata: { generateName: 'salvor-', labels: { a: 'b' } }, spec });
  const made = await server.request('POST', `${path}?${AS_SALVOR}`, { body: body({ includedNamespaces: ['shop'], ttl: '1h0m0s' }) });
  expect(made).toMatchObject({ status: 201, body: { metadata: { generation: 1, managedFields: [{ manager: 'salvor', operation: 'Update' }] } } });
  expect(said(await server.request('POST', `${path}?${AS_SALVOR}`, { body: body({ included: ['shop'] }) }))).toEqual(
    refused(400, {
      message: 'Backup in version "v1" cannot be handled as a Backup: strict decoding error: unknown field "spec.included"',
      reason: 'BadRequest',
    }),
  );

  const one = `${path}/${textAt(made.body, 'metadata', 'name')}`;
  const patch = (rest: object, metadata: object = {}) =>
    server.request('PATCH', `${one}?${AS_SALVOR}`, { body: { metadata: { uid: uid(made), ...metadata }, ...rest }, contentType: MERGE });
  const marked = await patch({}, { annotations: { 'salvor.io/run': 'r1' }, resourceVersion: version(made) });
  expect(marked).toMatchObject({ status: 200, body: { metadata: { annotations: { 'salvor.io/run': 'r1' }, generation: 1 } } });
  expect(await patch({}, { resourceVersion: version(made), annotations: null })).toMatchObject({ status: 409, body: { reason: 'Conflict' } });
  expect(await patch({ spec: { included: [] } })).toMatchObject({
    status: 422,
    body: {
      reason: 'Invalid',
      message: expect.stringMatching(/strict decoding error: unknown field "spec.included"$/),
      details: { causes: [{ field: 'patch' }] },
    },
  });
  expect(await patch({ spec: { ttl: '2h0m0s' } })).toMatchObject({
    status: 200,
    body: { spec: { ttl: '2h0m0s', includedNamespaces: ['shop'] }, metadata: { generation: 2 } },
  });

  const listed = await server.request('GET', `${path}?labelSelector=a%3Db&limit=500`);
  expect([names(listed).length, at(listed.body, 'metadata', 'continue')]).toEqual([1, '']);
  await using watch = await server.watch(`${path}?watch=true&allowWatchBookmarks=true&timeoutSeconds=270&resourceVersion=${version(listed)}`);
  const dropping = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: uid(made) }, propagationPolicy: 'Background' };
  expect(await server.request('DELETE', one, { body: dropping })).toMatchObject({
    status: 200,
    body: { kind: 'Status', status: 'Success', details: { uid: uid(made) } },
  });
  expect(await watch.next()).toMatchObject({ type: 'DELETED', object: { metadata: { uid: uid(made) } } });
  expect(await server.request('DELETE', one, { body: dropping })).toMatchObject({ status: 404, body: { reason: 'NotFound' } });
});

test('the cluster is known by the uid of its first namespace', async () => {
  await using server = await openServer();
  expect(await server.request('GET', '/api/v1/namespaces/kube-system')).toMatchObject({
    status: 200,
    body: { kind: 'Namespace', metadata: { uid: expect.any(String) } },
  });
});
