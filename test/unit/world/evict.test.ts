import { describe, expect, test } from 'vitest';
import { textAt } from '../../../src/world/object.ts';
import type { Scenario } from '../../../src/world/scenario.ts';
import { observed, setting } from './setting.ts';

const six = Array.from({ length: 6 }, (_, index) => ({ name: `app/web-${index}`, node: 'w1' }));

function withBudget(minAvailable: number | string, more: Scenario = {}) {
  const set = setting({ pods: six, budgets: [{ name: 'app/web', match: { app: 'web' }, minAvailable }], ...more });
  const evict = (name: string, deleteOptions: { readonly [field: string]: unknown } = {}, options = {}) =>
    set.ask('create', 'Pod', {
      namespace: 'app',
      name,
      subresource: 'eviction',
      body: JSON.parse(JSON.stringify({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name }, deleteOptions })),
      options,
    });
  const budget = async () => (await set.ask('get', 'policy/v1 PodDisruptionBudget', { namespace: 'app', name: 'web' })).body;
  return { ...set, evict, budget };
}

describe('an eviction', () => {
  test('is refused word by word as by the real server while the budget has no room, also as a dry run', async () => {
    const { evict, sim } = withBudget(6);
    const told = observed('eviction', 'POST .../pods/web');
    const answer = await evict('web-0');
    expect(answer).toMatchObject({ code: 429, body: told.body });
    expect(answer.headers).toBeUndefined();
    expect(await evict('web-0', { dryRun: ['All'] })).toMatchObject({ code: 429, body: told.body });
    expect(await evict('web-0', {}, { dryRun: true })).toMatchObject({ code: 429, body: told.body });
    expect(sim.writes()).toEqual([]);
  });

  test('passes while there is room, uses the room up, and a dry run does not', async () => {
    const { evict, budget, sim, clock } = withBudget(4);
    expect(await budget()).toMatchObject({ status: { currentHealthy: 6, desiredHealthy: 4, disruptionsAllowed: 2, expectedPods: 6 } });
    expect(await evict('web-0', { dryRun: ['All'] })).toMatchObject({ code: 201, body: observed('eviction', 'budget 4 of 6').body });
    expect(await budget()).toMatchObject({ status: { disruptionsAllowed: 2 } });
    expect(await evict('web-0')).toMatchObject({ code: 201, body: observed('eviction', 'real eviction').body });
    expect((await evict('web-1')).code).toBe(201);
    expect((await evict('web-2')).code).toBe(429);
    expect(sim.writes()).toEqual(['evict Pod/app/web-0', 'evict Pod/app/web-1']);
    expect(sim.probes()).toEqual(['evict Pod/app/web-0 (dry run)']);
    await clock.pass(10_000);
    expect(await budget()).toMatchObject({ status: { currentHealthy: 6, disruptionsAllowed: 2 } });
  });

  test('with two budgets is a 500 without a reason', async () => {
    const { evict } = withBudget(1, {
      budgets: [
        { name: 'app/web', match: { app: 'web' }, minAvailable: 1 },
        { name: 'app/too', match: { app: 'web' }, maxUnavailable: 1 },
      ],
    });
    expect(await evict('web-0')).toMatchObject({ code: 500, body: observed('eviction', 'two budgets').body });
  });

  test('waits for a budget that its controller has not seen, with ten seconds to wait', async () => {
    const { evict } = withBudget(1, { budgets: [{ name: 'app/fresh2', match: { app: 'web' }, minAvailable: 1, observed: false }] });
    expect(await evict('web-0')).toMatchObject({
      code: 429,
      headers: { 'Retry-After': '10' },
      body: observed('eviction-budget-not-observed', 'a new budget').body,
    });
  });

  test.each<readonly [string, number, Scenario, number]>([
    ['is refused where one pod too few serves', 6, {}, 429],
    ['passes where enough serve without it', 5, {}, 201],
    [
      'passes where the budget always lets such pods go',
      6,
      { budgets: [{ name: 'app/web', match: { app: 'web' }, minAvailable: 6, unhealthy: 'AlwaysAllow' }] },
      201,
    ],
  ])('of a pod that does not serve %s', async (_name, least, more, code) => {
    const { evict } = withBudget(least, { pods: [...six.slice(1), { name: 'app/web-0', node: 'w1', ready: false }], ...more });
    const answer = await evict('web-0', { dryRun: ['All'] });
    expect(answer.code).toBe(code);
    if (code === 429) expect(answer.body).toEqual(observed('eviction-unhealthy', 'unhealthyPodEvictionPolicy unset').body);
  });

  test('for another uid is a conflict that names the Pod, but the budget is asked first', async () => {
    const stranger = { preconditions: { uid: '00000000-0000-0000-0000-000000000000' } };
    const roomy = withBudget(1);
    const told = observed('eviction', 'stale precondition');
    const uid = textAt((await roomy.ask('get', 'Pod', { namespace: 'app', name: 'web-0' })).body, 'metadata', 'uid');
    const wanted = JSON.parse(JSON.stringify(told.body).replaceAll('f053e229-eb87-445d-8456-6ca902cc7fcc', uid).replaceAll('web-7cc67d6897-5lnl9', 'web-0'));
    expect(await roomy.evict('web-0', stranger)).toMatchObject({ code: 409, body: wanted });
    expect((await withBudget(6).evict('web-0', stranger)).code).toBe(429);
  });

  test('of a pod that is gone is a 404, and a body that names another pod a 400', async () => {
    const { evict, ask } = withBudget(1);
    expect((await evict('nope')).code).toBe(404);
    const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'other' } };
    expect(await ask('create', 'Pod', { namespace: 'app', name: 'web-0', subresource: 'eviction', body })).toMatchObject({
      code: 400,
      body: { message: 'name in URL does not match name in Eviction object' },
    });
  });
});
