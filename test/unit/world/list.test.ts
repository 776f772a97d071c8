import { expect, test } from 'vitest';
import { listAt, textAt } from '../../../src/world/object.ts';
import type { Answer } from '../../../src/world/status.ts';
import { observed, setting } from './setting.ts';

async function withFive() {
  const set = setting({ namespaces: ['app'] });
  for (const name of ['a', 'b', 'c', 'd', 'e']) await set.ask('create', 'ConfigMap', { namespace: 'app', body: set.configMap(name) });
  const page = (options: object): Promise<Answer> => set.ask('list', 'ConfigMap', { namespace: 'app', options });
  return { ...set, page };
}

const names = ({ body }: Answer): readonly string[] => listAt(body, 'items').map((one) => textAt(one, 'metadata', 'name'));
const token = ({ body }: Answer): string => textAt(body, 'metadata', 'continue');

test('a list comes in pages that show one moment, however the cluster changes meanwhile', async () => {
  const { ask, page, sim } = await withFive();
  const first = await page({ limit: 2 });
  expect(first.body).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1', metadata: { remainingItemCount: 3 } });
  await ask('delete', 'ConfigMap', { namespace: 'app', name: 'c' });
  await ask('create', 'ConfigMap', { namespace: 'app', body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'bb' } } });
  const second = await page({ limit: 2, continue: token(first) });
  const third = await page({ limit: 2, continue: token(second) });
  expect([names(first), names(second), names(third), token(third)]).toEqual([['a', 'b'], ['c', 'd'], ['e'], '']);
  expect(names(await page({}))).toEqual(['a', 'b', 'bb', 'd', 'e']);
  expect(sim.writes()).toHaveLength(7);
});

test('objects of core lists carry no kind, as the real server sends them, custom ones do', async () => {
  const { ask, page } = await withFive();
  expect(listAt((await page({ limit: 1 })).body, 'items')[0]).not.toHaveProperty('kind');
  const locations = await ask('list', 'velero.io/v1 BackupStorageLocation', { namespace: 'velero' });
  expect(listAt(locations.body, 'items')[0]).toMatchObject({ kind: 'BackupStorageLocation' });
});

test('after a compaction an old page and an exact past are expired, and the answer brings a token to go on with', async () => {
  const { page, sim } = await withFive();
  const first = await page({ limit: 2 });
  const then = textAt(first.body, 'metadata', 'resourceVersion');
  sim.apply({ namespaces: ['another'], compact: true });
  const old = await page({ limit: 2, continue: token(first) });
  expect([old.code, textAt(old.body, 'message')]).toEqual([410, textAt(observed('expired-after-restart', 'list with a continue token').body, 'message')]);
  expect(names(await page({ continue: token(old) }))).toEqual(['c', 'd', 'e']);
  const exact = await page({ resourceVersion: then, resourceVersionMatch: 'Exact' });
  expect(exact).toMatchObject({ code: 410, body: observed('expired-after-restart', 'list resourceVersion=360&').body });
});

test('a future version and a token that is none are refused', async () => {
  const { page } = await withFive();
  expect(await page({ resourceVersion: '1000803' })).toMatchObject({
    code: 504,
    headers: { 'Retry-After': '1' },
    body: { reason: 'Timeout', details: { retryAfterSeconds: 1 } },
  });
  expect(await page({ continue: 'no-token' })).toMatchObject({ code: 400, body: { reason: 'BadRequest' } });
});
