import { expect, test } from 'vitest';
import { at, textAt } from '../../../../src/world/object.ts';
import type { Reply } from '../raw.ts';
import { openServer, type Server } from '../server.ts';
import { configMap, names, refused, said, version } from './stage.ts';

const SELECT = 'labelSelector=paged';
const token = ({ body }: Reply): string => textAt(body, 'metadata', 'continue');

async function five(server: Server): Promise<string> {
  const path = `${server.path()}/configmaps`;
  for (const name of ['a', 'b', 'c', 'd', 'e']) await server.request('POST', path, { body: configMap(name, {}, { labels: { paged: 'yes' } }) });
  return path;
}

test('pages are one list at one moment, whatever is written between them', async () => {
  await using server = await openServer();
  const path = await five(server);
  const one = await server.request('GET', `${path}?limit=2&${SELECT}`);
  expect(names(one)).toEqual(['a', 'b']);
  await server.request('DELETE', `${path}/d`);
  await server.request('POST', path, { body: configMap('cc', {}, { labels: { paged: 'yes' } }) });
  const two = await server.request('GET', `${path}?limit=2&${SELECT}&continue=${token(one)}`);
  const three = await server.request('GET', `${path}?limit=2&${SELECT}&continue=${token(two)}`);
  expect([names(two), names(three)]).toEqual([['c', 'd'], ['e']]);
  expect([version(two), version(three)]).toEqual([version(one), version(one)]);
  expect(at(three.body, 'metadata')).toEqual({ resourceVersion: version(one) });
});

test('a page says how many remain, unless a selector chooses', async () => {
  await using server = await openServer();
  const path = await five(server);
  await server.until(async () => names(await server.request('GET', path)).length === 5 || undefined);
  const all = Number(at((await server.request('GET', `${path}?limit=1`)).body, 'metadata', 'remainingItemCount'));
  expect(all).toBeGreaterThanOrEqual(4);
  expect((await server.request('GET', `${path}?limit=1&${SELECT}`)).body).not.toHaveProperty('metadata.remainingItemCount');
});

test('a limit that fits exactly has no next page', async () => {
  await using server = await openServer();
  const path = `${server.path()}/secrets`;
  for (const name of ['a', 'b']) await server.request('POST', path, { body: { apiVersion: 'v1', kind: 'Secret', metadata: { name } } });
  const whole = await server.request('GET', `${path}?limit=2`);
  expect([names(whole), token(whole)]).toEqual([['a', 'b'], '']);
});

test('a continue token that is none is refused, also beside a version', async () => {
  await using server = await openServer();
  const path = await five(server);
  expect(await server.request('GET', `${path}?limit=1&continue=nonsense`)).toMatchObject({
    status: 400,
    body: { reason: 'BadRequest', message: expect.stringMatching(/^invalid continue token: continue key is not valid: /) },
  });
  const one = await server.request('GET', `${path}?limit=1`);
  expect(said(await server.request('GET', `${path}?limit=1&continue=${token(one)}&resourceVersion=${version(one)}`))).toEqual(
    refused(400, { message: 'specifying resource version is not allowed when using continue', reason: 'BadRequest' }),
  );
});
