import { expect, test } from 'vitest';
import { listAt, objectAt } from '../../../../src/world/object.ts';
import type { Reply } from '../raw.ts';
import { openServer, type Server } from '../server.ts';
import { configMap, refused, said, version } from './stage.ts';

const APPLY = 'application/apply-patch+yaml';

const apply = (server: Server, body: unknown, query: string): Promise<Reply> =>
  server.request('PATCH', `${server.path()}/configmaps/a${query}`, { body, contentType: APPLY });

/** Who holds which fields, without times. */
const managers = ({ body }: Reply): readonly unknown[] => listAt(body, 'metadata', 'managedFields').map((one) => ({ ...objectAt(one), time: undefined }));

const holds = (manager: string, operation: string, fieldsV1: object): object => ({ manager, operation, apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1 });

test('applying makes the object, then changes it, and says who holds which field', async () => {
  await using server = await openServer();
  const made = await apply(server, configMap('a', { owner: 'salvor', other: 'x' }), '?fieldManager=salvor');
  expect(made).toMatchObject({ status: 201, body: { data: { owner: 'salvor', other: 'x' } } });
  expect(managers(made)).toEqual([holds('salvor', 'Apply', { 'f:data': { 'f:other': {}, 'f:owner': {} } })]);
  const again = await apply(server, configMap('a', { owner: 'salvor', other: 'x' }), '?fieldManager=salvor');
  expect([again.status, version(again)]).toEqual([200, version(made)]);
  const less = await apply(server, configMap('a', { owner: 'salvor' }), '?fieldManager=salvor');
  expect(less.body).toHaveProperty('data', { owner: 'salvor' });
  expect((await apply(server, 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  owner: yaml\n', '?fieldManager=salvor')).body).toHaveProperty(
    'data',
    { owner: 'yaml' },
  );
});

test('a field that somebody else holds is a conflict; force takes it', async () => {
  await using server = await openServer();
  await apply(server, configMap('a', { owner: 'salvor', other: 'x' }), '?fieldManager=salvor');
  expect(said(await apply(server, configMap('a', { owner: 'flux' }), '?fieldManager=flux'))).toEqual(
    refused(409, {
      message: 'Apply failed with 1 conflict: conflict with "salvor": .data.owner',
      reason: 'Conflict',
      details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "salvor"', field: '.data.owner' }] },
    }),
  );
  expect((await apply(server, configMap('a', { owner: 'salvor' }), '?fieldManager=shared')).status).toBe(200);
  const taken = await apply(server, configMap('a', { owner: 'flux' }), '?fieldManager=flux&force=true');
  expect(taken).toMatchObject({ status: 200, body: { data: { owner: 'flux', other: 'x' } } });
  expect(managers(taken)).toEqual([holds('flux', 'Apply', { 'f:data': { 'f:owner': {} } }), holds('salvor', 'Apply', { 'f:data': { 'f:other': {} } })]);
});

test('several conflicts are named by who holds the fields', async () => {
  await using server = await openServer();
  await apply(server, configMap('a', { owner: 'flux', other: 'x' }), '?fieldManager=flux');
  await server.request('PATCH', `${server.path()}/configmaps/a?fieldManager=kubectl-edit`, {
    body: { data: { other: 'edited' } },
    contentType: 'application/merge-patch+json',
  });
  expect(said(await apply(server, configMap('a', { owner: 'me', other: 'me' }), '?fieldManager=salvor'))).toEqual(
    refused(409, {
      message: 'Apply failed with 2 conflicts: conflicts with "flux":\n- .data.owner\nconflicts with "kubectl-edit" using v1:\n- .data.other',
      reason: 'Conflict',
      details: {
        // In no order.
        causes: expect.arrayContaining([
          { reason: 'FieldManagerConflict', message: 'conflict with "flux"', field: '.data.owner' },
          { reason: 'FieldManagerConflict', message: 'conflict with "kubectl-edit" using v1', field: '.data.other' },
        ]),
      },
    }),
  );
});

test('who applies must say a name, and apply what the path names', async () => {
  await using server = await openServer();
  const message = 'Required value: is required for apply patch';
  expect(said(await apply(server, configMap('a'), ''))).toEqual(
    refused(422, {
      message: `PatchOptions.meta.k8s.io "" is invalid: fieldManager: ${message}`,
      reason: 'Invalid',
      details: { group: 'meta.k8s.io', kind: 'PatchOptions', causes: [{ reason: 'FieldValueRequired', message, field: 'fieldManager' }] },
    }),
  );
  expect((await apply(server, configMap('b'), '?fieldManager=salvor')).status).toBe(400);
  expect((await apply(server, { ...configMap('a'), metadata: { name: 'a', managedFields: [{ manager: 'x' }] } }, '?fieldManager=salvor')).status).toBe(400);
});

test('a dry run of applying shows the object and writes nothing', async () => {
  await using server = await openServer();
  expect(await apply(server, configMap('a', { x: '1' }), '?fieldManager=salvor&dryRun=All')).toMatchObject({ status: 201, body: { data: { x: '1' } } });
  expect((await server.request('GET', `${server.path()}/configmaps/a`)).status).toBe(404);
  const namespace = await server.request('PATCH', `/api/v1/namespaces/${server.namespace}-no/configmaps/a?fieldManager=m`, {
    body: configMap('a'),
    contentType: APPLY,
  });
  expect(namespace).toMatchObject({ status: 404, body: { message: `namespaces "${server.namespace}-no" not found` } });
});

test('replicas that another writer set are a conflict of a workload', async () => {
  await using server = await openServer();
  const labels = { app: 'd' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'example.com/c:1' }] } };
  const deployment = (replicas: number): object => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd' },
    spec: { replicas, selector: { matchLabels: labels }, template },
  });
  const path = `${server.path('apps/v1')}/deployments`;
  await server.request('POST', `${path}?fieldManager=kubectl-create`, { body: deployment(0) });
  expect(said(await server.request('PATCH', `${path}/d?fieldManager=salvor`, { body: deployment(1), contentType: APPLY }))).toEqual(
    refused(409, {
      message: 'Apply failed with 1 conflict: conflict with "kubectl-create" using apps/v1: .spec.replicas',
      reason: 'Conflict',
      details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "kubectl-create" using apps/v1', field: '.spec.replicas' }] },
    }),
  );
});

test('a label that was applied and left out goes; one that others set stays', async () => {
  await using server = await openServer();
  await apply(server, configMap('a', {}, { labels: { ours: '1', also: '1' } }), '?fieldManager=salvor');
  await server.request('PATCH', `${server.path()}/configmaps/a?fieldManager=somebody`, {
    body: { metadata: { labels: { theirs: '1' } } },
    contentType: 'application/merge-patch+json',
  });
  expect((await apply(server, configMap('a', {}, { labels: { ours: '2' } }), '?fieldManager=salvor')).body).toHaveProperty('metadata.labels', {
    ours: '2',
    theirs: '1',
  });
});
