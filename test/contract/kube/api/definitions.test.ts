import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { openServer } from '../server.ts';
import { names, refused, said } from './stage.ts';

/** Other tests use the same server, and definitions are in no namespace. */
const group = `contract-${randomBytes(4).toString('hex')}.example.com`;

test('a kind is served from its definition on, with a status of its own, and no longer when the definition is gone', async () => {
  await using server = await openServer();
  const path = `${server.path(`${group}/v1`)}/machines`;
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const wire = async (): Promise<object> => said(await server.request('GET', path));
  expect(await wire()).toMatchObject({ status: 404, body: '404 page not found\n' });

  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  const made = await server.request('POST', definitions, {
    body: {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `machines.${group}` },
      spec: {
        group,
        scope: 'Namespaced',
        names: { plural: 'machines', singular: 'machine', kind: 'Machine', listKind: 'MachineList' },
        versions: [{ name: 'v1', served: true, storage: true, schema, subresources: { status: {} } }],
      },
    },
  });
  expect(made.status).toBe(201);
  await server.until(async () => (await server.request('GET', path)).status === 200 || undefined);

  const body = { apiVersion: `${group}/v1`, kind: 'Machine', metadata: { name: 'm-1' }, spec: { size: 1 }, status: { phase: 'Running' } };
  expect(await server.request('POST', path, { body })).toMatchObject({ status: 201, body: { spec: { size: 1 }, metadata: { generation: 1 } } });
  // What the creator says of the status does not count: it has a path of its own.
  expect((await server.request('GET', `${path}/m-1`)).body).not.toHaveProperty('status');
  const patch = { contentType: 'application/merge-patch+json', body: { status: { phase: 'Failed' } } };
  expect((await server.request('PATCH', `${path}/m-1/status`, patch)).body).toMatchObject({ status: { phase: 'Failed' }, metadata: { generation: 1 } });
  expect(names(await server.request('GET', path))).toEqual(['m-1']);
  expect(said(await server.request('GET', `${path}/m-2`))).toEqual(
    refused(404, { message: `machines.${group} "m-2" not found`, reason: 'NotFound', details: { name: 'm-2', group, kind: 'machines' } }),
  );

  await server.request('DELETE', `${definitions}/machines.${group}`);
  await server.until(async () => (await server.request('GET', path)).status === 404 || undefined);
  expect(await wire()).toMatchObject({ status: 404, body: '404 page not found\n' });
});
