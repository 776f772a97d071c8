import { expect, test } from 'vitest';
import { openServer } from '../server.ts';
import { refused, said } from './stage.ts';

test('a log is asked of a container that is there', async () => {
  await using server = await openServer();
  const path = `${server.path()}/pods`;
  const containers = ['one', 'two'].map((name) => ({ name, image: 'example.com/c' }));
  await server.request('POST', path, { body: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { nodeName: 'node-0', containers } } });
  expect(said(await server.request('GET', `${path}/nope/log`))).toEqual(
    refused(404, { message: 'pods "nope" not found', reason: 'NotFound', details: { name: 'nope', kind: 'pods' } }),
  );
  expect(said(await server.request('GET', `${path}/p/log`))).toEqual(
    refused(400, { message: 'a container name must be specified for pod p, choose one of: [one two]', reason: 'BadRequest' }),
  );
  expect(said(await server.request('GET', `${path}/p/log?container=three`))).toEqual(
    refused(400, { message: 'container three is not valid for pod p', reason: 'BadRequest' }),
  );
});
