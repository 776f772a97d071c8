import { expect, test } from 'vitest';
import { USER } from '../../../src/world/rights.ts';
import { observed, setting } from './setting.ts';

const told = (title: string): unknown => JSON.parse(JSON.stringify(observed('rbac', title).body).replaceAll('system:serviceaccount:app:bot', USER));

function bot() {
  return setting({ namespaces: ['app'], rights: [{ verbs: ['get', 'list', 'watch'], groups: [''], resources: ['pods'], namespaces: ['app'] }] });
}

test('what is not allowed is refused before existence is looked at, word by word', async () => {
  const { ask } = bot();
  expect((await ask('list', 'Pod', { namespace: 'app' })).code).toBe(200);
  expect((await ask('get', 'Pod', { namespace: 'app', name: 'x' })).code).toBe(404);
  const refused = await ask('delete', 'Pod', { namespace: 'app', name: 'x' });
  expect(refused).toMatchObject({ code: 403, body: told('forbidden: DELETE a pod'), headers: { 'X-Content-Type-Options': 'nosniff' } });
  expect(await ask('list', 'Pod')).toMatchObject({ code: 403, body: told('forbidden: list pods of all') });
  expect(await ask('list', 'Node')).toMatchObject({ code: 403, body: told('forbidden: cluster-scoped') });
  expect(await ask('create', 'Pod', { namespace: 'app', name: 'x', subresource: 'eviction' })).toMatchObject({
    code: 403,
    body: told('forbidden: create eviction'),
  });
  expect(await ask('create', 'velero.io/v1 Restore', { namespace: 'velero', body: {} })).toMatchObject({
    code: 403,
    body: told('forbidden: a custom resource'),
  });
});

test('an access review says the same, and may always be asked', async () => {
  const { access, sim } = bot();
  expect(await access.mayI({ verb: 'list', group: '', resource: 'pods', namespace: 'app' })).toBe(true);
  expect(await access.mayI({ verb: 'create', group: '', resource: 'pods/eviction', namespace: 'app' })).toBe(false);
  expect(await access.mayI({ verb: 'list', group: '', resource: 'pods' })).toBe(false);
  expect(sim.writes()).toEqual([]);
  expect(sim.probes()).toHaveLength(3);
});
