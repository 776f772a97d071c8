import { describe, expect, test } from 'vitest';
import { stage } from './stage.ts';

const TWO = `
stages:
  - { id: here, steps: [{ id: one, action: test.write }] }
  - { id: there, cluster: west, steps: [{ id: two, action: test.write, with: { prefix: two } }, { id: back, action: test.write, cluster: prod, with: { prefix: back } }] }
  - { id: look, cluster: { from: params.where }, await: { action: test.ready, within: 1h } }
`;

const plain = (writes: readonly string[]): readonly string[] => writes.map((line) => line.replace(/-[0-9a-f]{8}$/, ''));

describe('a stage, a step and an await name their cluster', () => {
  test('and it is written to and read there', async () => {
    const { start, approve, clock, sim, set, state, run } = await stage({ playbook: TWO, clusters: ['prod', 'west'] });
    const id = await start('thing', { more: { where: 'west' } });
    await approve(id);
    await clock.pass(1000);
    expect((await run(id)).plan?.steps.map(({ step, cluster }) => [step, cluster])).toEqual([
      ['two', 'west'],
      ['back', 'prod'],
    ]);
    await approve(id);
    await clock.pass(1000);
    expect(plain(sim().writes())).toEqual(['create ConfigMap/app/made', 'create ConfigMap/app/back']);
    expect(plain(sim('west').writes())).toEqual(['create ConfigMap/app/two']);
    set('ready', { level: '1' });
    await clock.pass(30_000);
    expect(await state(id)).toBe('waiting');
    set('ready', { level: '1' }, { cluster: 'west' });
    await clock.pass(30_000);
    expect(await state(id)).toBe('done');
  });

  test('and a rollback goes back to each of them', async () => {
    const { start, approve, cancel, clock, sim, state } = await stage({ playbook: TWO, clusters: ['prod', 'west'] });
    const id = await start('thing', { more: { where: 'west' } });
    for (let at = 0; at < 2; at += 1) {
      await approve(id);
      await clock.pass(1000);
    }
    await cancel(id);
    expect(await state(id)).toBe('cancelled');
    expect(plain(sim('west').writes())).toEqual(['create ConfigMap/app/two', 'delete ConfigMap/app/two']);
    expect(plain(sim().writes()).slice(2)).toEqual(['delete ConfigMap/app/back', 'delete ConfigMap/app/made']);
  });

  test('and a diagnosis does, too', async () => {
    const { start, set, run } = await stage({
      playbook: 'diagnose: [{ id: look, action: test.look, cluster: west }]\nstages: [{ id: do, steps: [{ id: one, action: test.write }] }]',
      clusters: ['prod', 'west'],
    });
    set('finding', { zone: 'far' }, { cluster: 'west' });
    expect((await run(await start())).diagnosis['look']).toMatchObject({ zone: 'far' });
  });
});

describe('a cluster that is not configured yet', () => {
  test('holds the stage with the reason, and the run goes on when it appears', async () => {
    const { start, approve, clock, connect, hold, state, run, lines } = await stage({ playbook: TWO });
    const id = await start('thing', { more: { where: 'west' } });
    await approve(id);
    await clock.pass(1000);
    expect([await state(id), await hold(id)]).toEqual(['diagnosing', 'cluster: The cluster west is not configured']);
    await clock.pass(3_600_000);
    connect('west');
    // It looks by itself ever more rarely, at most every five minutes.
    await clock.pass(300_000);
    expect([await state(id), await hold(id)]).toEqual(['proposed', undefined]);
    expect((await run(id)).plan?.stage).toBe('there');
    expect((await lines(id)).filter((type) => type === 'run.held')).toHaveLength(1);
  });

  test('is looked for at once when somebody says that the configuration changed', async () => {
    const { start, approve, clock, connect, tell, state } = await stage({ playbook: TWO });
    const id = await start('thing', { more: { where: 'west' } });
    await approve(id);
    await clock.pass(1000);
    connect('west');
    await tell(id, { kind: 'look', why: 'the configuration was read again' });
    expect(await state(id)).toBe('proposed');
  });

  test('does not make the patience of an await endless', async () => {
    const { start, clock, state, pages } = await stage({ playbook: 'stages: [{ id: back, cluster: west, await: { action: test.ready, within: 1h } }]' });
    const id = await start();
    await clock.pass(2 * 3_600_000 + 60_000);
    expect(await state(id)).toBe('handed-over');
    expect(await pages()).toEqual([
      'Held for too long: The cluster west is not configured',
      'Still waiting: waiting for test.ready',
      'Waited in vain: waiting for test.ready',
    ]);
  });

  test('is told to people when it stays away for too long, and calmed when it comes', async () => {
    const { start, approve, clock, connect, pages, told } = await stage({ playbook: TWO });
    const id = await start('thing', { more: { where: 'west' } });
    await approve(id);
    await clock.pass(29 * 60_000);
    expect(await pages()).toEqual([]);
    await clock.pass(2 * 60_000);
    expect(await pages()).toEqual(['Held for too long: The cluster west is not configured']);
    connect('west');
    await clock.pass(300_000);
    expect((await told()).filter(({ kind }) => kind === 'calm')).toEqual([{ kind: 'calm', key: `${id}/stuck` }]);
  });

  test('whose name is not known yet holds, too', async () => {
    const { start, hold } = await stage({ playbook: 'stages: [{ id: do, cluster: { from: params.where }, steps: [{ id: one, action: test.write }] }]' });
    expect(await hold(await start())).toBe('cluster: The cluster to act on is not known yet');
  });
});

describe('a cluster that was rebuilt under the same name', () => {
  test('holds what was approved for the old one, and a person ends it', async () => {
    const { start, approve, cancel, clock, connect, hold, sim, state } = await stage({
      playbook: 'stages: [{ id: do, steps: [{ id: one, action: test.write }] }]',
    });
    const id = await start();
    expect(await state(id)).toBe('proposed');
    connect('prod');
    await approve(id);
    await clock.pass(1000);
    expect(await hold(id)).toMatch(/^cluster: The cluster prod is another one now/);
    expect(sim().writes()).toEqual([]);
    await clock.pass(3_600_000);
    expect(await hold(id)).toMatch(/^cluster: The cluster prod is another one now/);
    await cancel(id);
    expect(await state(id)).toBe('cancelled');
  });

  test('holds an await in the middle of a run, also where it was only read', async () => {
    const { start, clock, connect, set, hold, state } = await stage({
      playbook: 'stages: [{ id: back, cluster: west, await: { action: test.ready, within: 1h } }]',
      clusters: ['prod', 'west'],
    });
    const id = await start();
    await clock.pass(60_000);
    connect('west');
    set('ready', { level: '1' }, { cluster: 'west' });
    await clock.pass(60_000);
    expect(await state(id)).toBe('waiting');
    expect(await hold(id)).toMatch(/^cluster: The cluster west is another one now/);
  });
});

test('a cluster that is away is still diagnosed, for its handler knows best what that means', async () => {
  const { start, clock, sim, state, run } = await stage({
    playbook: 'diagnose: [{ id: look, action: test.look, cluster: west }]\nstages: [{ id: do, steps: [{ id: one, action: test.write }] }]',
    clusters: ['prod', 'west'],
  });
  sim('west').faults.add({ give: 'unavailable', kind: 'Namespace' });
  const id = await start();
  await clock.pass(1000);
  expect(await state(id)).toBe('proposed');
  expect(Object.keys((await run(id)).clusterUids)).toEqual(['prod']);
});
