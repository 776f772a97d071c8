import { expect, test } from 'vitest';
import { textAt } from '../../../../src/world/object.ts';
import { openServer } from '../server.ts';

const configMap = (name: string, data: object = {}): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });

test('an object is created, read, replaced and deleted', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  const created = await server.request('POST', path, { body: configMap('a', { x: '1' }) });
  expect(created).toMatchObject({ status: 201, headers: { 'content-type': 'application/json' }, body: { kind: 'ConfigMap', data: { x: '1' } } });
  const read = await server.request('GET', `${path}/a`);
  expect(read).toMatchObject({ status: 200, body: created.body });
  const replaced = await server.request('PUT', `${path}/a`, { body: configMap('a', { x: '2' }) });
  expect(replaced).toMatchObject({ status: 200, body: { data: { x: '2' }, metadata: { uid: textAt(created.body, 'metadata', 'uid') } } });
  const deleted = await server.request('DELETE', `${path}/a`);
  expect(deleted).toMatchObject({ status: 200, body: { kind: 'Status', status: 'Success', details: { name: 'a', kind: 'configmaps' } } });
});
