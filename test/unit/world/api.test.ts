import { describe, expect, test } from 'vitest';
import { textAt } from '../../../src/world/object.ts';
import { setting } from './setting.ts';

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
