import { describe, expect, test } from 'vitest';
import { textAt } from '../../../src/world/object.ts';
import { observed, setting } from './setting.ts';

const OTHER_UID = '00000000-0000-0000-0000-000000000000';

/** A ConfigMap `ssa` in the namespace `app`, as in the recordings; uid and version are put into the recorded texts. */
async function withConfigMap() {
  const set = setting({ namespaces: ['app'] });
  const made = await set.ask('create', 'ConfigMap', { namespace: 'app', body: set.configMap('ssa', { owner: 'salvor' }) });
  const uid = textAt(made.body, 'metadata', 'uid');
  const version = textAt(made.body, 'metadata', 'resourceVersion');
  const told = (title: string): unknown =>
    JSON.parse(JSON.stringify(observed('conflicts-and-errors', title).body).replaceAll('a1064461-a388-4e52-9059-a0a477d17dda', uid).replaceAll('944', version));
  return { ...set, uid, version, told, at: { namespace: 'app', name: 'ssa' } };
}

describe('the API server answers as the real one', () => {
  test('a stale resourceVersion, by patch and by PUT', async () => {
    const { ask, told, at, configMap } = await withConfigMap();
    const patched = await ask('patch', 'ConfigMap', { ...at, patch: 'merge', body: { metadata: { resourceVersion: '1' }, data: { owner: 'x' } } });
    expect(patched).toMatchObject({ code: 409, body: told('merge patch with a stale') });
    const put = await ask('update', 'ConfigMap', { ...at, body: { ...configMap('ssa'), metadata: { name: 'ssa', namespace: 'app', resourceVersion: '1' } } });
    expect(put).toMatchObject({ code: 409, body: told('PUT with a stale') });
  });

  test('a merge patch that names another uid', async () => {
    const { ask, told, at } = await withConfigMap();
    const answer = await ask('patch', 'ConfigMap', { ...at, patch: 'merge', body: { metadata: { uid: OTHER_UID } } });
    expect(answer).toMatchObject({ code: 422, body: told('merge patch with another uid') });
  });

  test('a JSON patch whose test fails, and a patch of an unknown type', async () => {
    const { ask, told, at } = await withConfigMap();
    const answer = await ask('patch', 'ConfigMap', { ...at, patch: 'json', body: [{ op: 'test', path: '/data/owner', value: 'nobody' }] });
    expect(answer).toMatchObject({ code: 422, body: told('JSON patch with a failing') });
    expect(await ask('patch', 'ConfigMap', at)).toMatchObject({ code: 415, body: told('unsupported patch type') });
  });

  test('a deletion for another uid or version, and the answers of a deletion', async () => {
    const { ask, told, at } = await withConfigMap();
    expect(await ask('delete', 'ConfigMap', { ...at, options: { onlyUid: OTHER_UID } })).toMatchObject({
      code: 409,
      body: told('DELETE with preconditions.uid'),
    });
    expect(await ask('delete', 'ConfigMap', { ...at, options: { onlyResourceVersion: '1' } })).toMatchObject({
      code: 409,
      body: told('DELETE with preconditions.resourceVersion'),
    });
    expect(await ask('delete', 'ConfigMap', at)).toMatchObject({ code: 200, body: told('DELETE answer') });
    expect(await ask('delete', 'ConfigMap', at)).toMatchObject({ code: 404, body: told('DELETE of what is gone') });
  });

  test('a name that exists, one that does not, and one that is none', async () => {
    const { ask, told, configMap } = await withConfigMap();
    expect(await ask('create', 'ConfigMap', { namespace: 'app', body: configMap('ssa') })).toMatchObject({
      code: 409,
      body: told('POST of a name that exists'),
    });
    expect(await ask('get', 'ConfigMap', { namespace: 'app', name: 'nope' })).toMatchObject({ code: 404, body: told('GET of a name that does not') });
    expect(await ask('create', 'ConfigMap', { namespace: 'app', body: configMap('Not_A_Name') })).toMatchObject({
      code: 422,
      body: told('POST of an invalid object'),
    });
  });

  test('a namespace that is not there, and one that is going', async () => {
    const { ask, told, sim } = await withConfigMap();
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };
    expect(await ask('create', 'ConfigMap', { namespace: 'nope', body })).toMatchObject({ code: 404, body: told('create in a namespace that does not exist') });
    sim.apply({ namespaces: ['going'] });
    await ask('delete', 'Namespace', { name: 'going' });
    expect(await ask('create', 'ConfigMap', { namespace: 'going', body })).toMatchObject({
      code: 403,
      body: told('create in a namespace that is terminating'),
    });
  });

  test('a custom object whose list is no list', async () => {
    const { ask, told } = await withConfigMap();
    const body = { apiVersion: 'velero.io/v1', kind: 'Backup', metadata: { name: 'bad' }, spec: { includedNamespaces: 7 } };
    expect(await ask('create', 'velero.io/v1 Backup', { namespace: 'velero', body })).toMatchObject({ code: 422, body: told('CRD object against its schema') });
  });

  test('a patch that changes nothing: 200, the same version, no event', async () => {
    const { ask, at, version, sim } = await withConfigMap();
    const before = sim.objects.version();
    const answer = await ask('patch', 'ConfigMap', { ...at, patch: 'merge', body: { data: { owner: 'salvor' } } });
    expect([answer.code, textAt(answer.body, 'metadata', 'resourceVersion'), sim.objects.version()]).toEqual([200, version, before]);
  });
});

describe('objects', () => {
  test('get uid, version, time and a generated name', async () => {
    const { ask, clock } = setting();
    await clock.pass(1000);
    const answer = await ask('create', 'ConfigMap', {
      namespace: 'default',
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'cfg-' } },
    });
    expect(answer).toMatchObject({
      code: 201,
      body: { metadata: { namespace: 'default', creationTimestamp: '2026-11-21T12:00:01Z', resourceVersion: expect.stringMatching(/^\d+$/) } },
    });
    expect(textAt(answer.body, 'metadata', 'name')).toMatch(/^cfg-[a-z0-9]{5}$/);
    expect(textAt(answer.body, 'metadata', 'uid')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('with finalizers stay in deletion until the last one is taken away', async () => {
    const { ask, sim } = setting({ namespaces: ['app'] });
    const at = { namespace: 'app', name: 'held' };
    await ask('create', 'ConfigMap', {
      namespace: 'app',
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'held', finalizers: ['test/hold'] } },
    });
    expect(await ask('delete', 'ConfigMap', at)).toMatchObject({
      code: 200,
      body: { kind: 'ConfigMap', metadata: { deletionTimestamp: '2026-11-21T12:00:00Z' } },
    });
    await ask('patch', 'ConfigMap', { ...at, patch: 'merge', body: { metadata: { finalizers: null } } });
    expect((await ask('get', 'ConfigMap', at)).code).toBe(404);
    expect(sim.writes()).toEqual(['create ConfigMap/app/held', 'delete ConfigMap/app/held', 'patch ConfigMap/app/held']);
  });

  test('have a generation that follows their spec, or everything where status has no door of its own', async () => {
    const { ask, sim } = setting({ pods: [{ name: 'app/web-0', node: 'w1' }] });
    const generation = async (kind: string, at: { readonly namespace: string; readonly name: string }): Promise<unknown> => (await ask('get', kind, at)).body;
    const set = { namespace: 'app', name: 'web' };
    await ask('patch', 'apps/v1 StatefulSet', { ...set, patch: 'merge', body: { metadata: { labels: { a: 'b' } } } });
    expect(await generation('apps/v1 StatefulSet', set)).toMatchObject({ metadata: { generation: 1 } });
    await ask('patch', 'apps/v1 StatefulSet', { ...set, patch: 'merge', body: { spec: { replicas: 2 } } });
    expect(await generation('apps/v1 StatefulSet', set)).toMatchObject({ metadata: { generation: 2 } });
    sim.apply({ schedules: [{ name: 'daily' }] });
    const daily = { namespace: 'velero', name: 'daily' };
    await ask('patch', 'velero.io/v1 Schedule', { ...daily, patch: 'merge', body: { status: { phase: 'Enabled', lastSkipped: 'x' } } });
    expect(await generation('velero.io/v1 Schedule', daily)).toMatchObject({ metadata: { generation: 2 }, status: { lastSkipped: 'x' } });
  });

  test('take their status only by its own path where they have one', async () => {
    const { ask } = setting();
    const at = { name: 'w1' };
    await ask('patch', 'Node', { ...at, patch: 'merge', body: { status: { capacity: { cpu: '1' } } } });
    expect((await ask('get', 'Node', at)).body).toMatchObject({ status: { capacity: { cpu: '8' } } });
    await ask('patch', 'Node', { ...at, subresource: 'status', patch: 'merge', body: { status: { capacity: { cpu: '1' } }, spec: { unschedulable: true } } });
    const { body } = await ask('get', 'Node', at);
    expect(body).toMatchObject({ status: { capacity: { cpu: '1' } } });
    expect(body).not.toMatchObject({ spec: { unschedulable: true } });
  });

  test('are not touched by a dry run, which is noted as a probe', async () => {
    const { ask, sim, configMap } = setting({ namespaces: ['app'] });
    const before = sim.objects.version();
    expect((await ask('create', 'ConfigMap', { namespace: 'app', body: configMap('dry'), options: { dryRun: true } })).code).toBe(201);
    expect((await ask('patch', 'Node', { name: 'w1', patch: 'merge', body: { spec: { unschedulable: true } }, options: { dryRun: true } })).body).toMatchObject(
      { spec: { unschedulable: true } },
    );
    expect([sim.objects.version(), sim.writes(), sim.probes()]).toEqual([before, [], ['create ConfigMap/app/dry (dry run)', 'patch Node/w1 (dry run)']]);
  });
});

describe('a namespace in deletion', () => {
  test('takes its content along', async () => {
    const { ask, clock, configMap } = setting({ namespaces: ['app'] });
    await ask('create', 'ConfigMap', { namespace: 'app', body: configMap('a') });
    await ask('delete', 'Namespace', { name: 'app' });
    expect((await ask('get', 'Namespace', { name: 'app' })).body).toMatchObject({ status: { phase: 'Terminating' } });
    await clock.pass(3000);
    expect((await ask('get', 'Namespace', { name: 'app' })).code).toBe(404);
    expect((await ask('list', 'ConfigMap', { namespace: 'app' })).body).toMatchObject({ items: [] });
  });
});

test('kube-system is always there, with a uid that stays', async () => {
  const { port, clock } = setting();
  const uid = await port.uid();
  await clock.pass(60_000);
  expect(uid).toMatch(/^[0-9a-f-]{36}$/);
  expect(await port.uid()).toBe(uid);
});
