import { describe, expect, test } from 'vitest';
import { stage } from './stage.ts';

const plain = (writes: readonly string[]): readonly string[] => writes.map((line) => line.replace(/-[0-9a-f]{8}$/, ''));

async function verifying(rest: string, helps = 'no') {
  const story = await stage({
    playbook: `
stages:
  - id: do
    ${rest}
    steps: [{ id: one, action: test.write }, { id: kept, action: test.write, with: { prefix: kept }, undo: always }]
`,
  });
  story.set('helps', { state: helps });
  const id = await story.start();
  await story.approve(id);
  await story.clock.pass(1000);
  return { ...story, id };
}

describe('what was done is not believed, it is read', () => {
  test('a verification that may still become true is looked at again until it is', async () => {
    const { id, clock, set, state, lines } = await verifying('onFailure: rollback', 'not-yet');
    expect(await state(id)).toBe('verifying');
    await clock.pass(60_000);
    set('helps', { state: 'yes' });
    await clock.pass(10_000);
    expect(await state(id)).toBe('done');
    expect(await lines(id, 'run.verifying')).toContain('run.verified');
    expect((await lines(id)).filter((type) => type === 'run.unverified')).toHaveLength(1);
  });

  test('and not for ever', async () => {
    const { id, clock, state } = await verifying('onFailure: rollback', 'not-yet');
    await clock.pass(6 * 60_000);
    expect(await state(id)).toBe('rolled-back');
  });

  test('a check of the stage has its own time', async () => {
    const { id, clock, state, pages } = await verifying('verify: [{ action: test.ready, within: 30m }]', 'yes');
    expect(await state(id)).toBe('verifying');
    await clock.pass(29 * 60_000);
    expect(await state(id)).toBe('verifying');
    await clock.pass(2 * 60_000);
    expect(await state(id)).toBe('rolled-back');
    expect(await pages()).toEqual(['ready is not there yet']);
  });
});

describe('a verification that fails', () => {
  test.each([
    ['rollback', 'rolled-back', ['delete ConfigMap/app/kept', 'delete ConfigMap/app/made']],
    ['stop', 'failed', ['delete ConfigMap/app/kept']],
  ])('with onFailure: %s ends %s, pages, and undoes what it must', async (onFailure, end, undone) => {
    const { id, clock, state, sim, pages } = await verifying(`onFailure: ${onFailure}`);
    await clock.pass(1000);
    expect(await state(id)).toBe(end);
    expect(plain(sim().writes()).slice(2)).toEqual(undone);
    expect(await pages()).toEqual(['it did not help']);
  });

  test('with onFailure: propose looks again and proposes the step anew that did not help, and only that', async () => {
    const { id, clock, approve, set, state, run } = await verifying('onFailure: propose');
    expect(await state(id)).toBe('proposed');
    expect((await run(id)).plan?.steps.map(({ step }) => step)).toEqual(['one']);
    expect((await run(id)).changed).toEqual(['the last attempt failed: it did not help']);
    set('helps', { state: 'yes' });
    await approve(id);
    await clock.pass(1000);
    expect(await state(id)).toBe('done');
  });

  test('of a check of the stage leaves nothing to propose, and a person takes over', async () => {
    const { id, clock, set, state } = await verifying('onFailure: propose\n    verify: [{ action: test.ready }]', 'yes');
    set('ready', { never: 'yes' });
    await clock.pass(10_000);
    expect(await state(id)).toBe('failed');
  });

  test('because the API server is away is no answer: it is looked at again', async () => {
    const story = await stage({ playbook: 'stages: [{ id: do, steps: [{ id: one, action: test.write }], verify: [{ action: test.ready }] }]' });
    story.set('ready', { level: '1' });
    const id = await story.start();
    story.sim().faults.add({ give: 'unavailable', kind: 'ConfigMap', name: 'ready', lasts: '20m' });
    await story.approve(id);
    await story.clock.pass(19 * 60_000);
    expect(await story.state(id)).toBe('verifying');
    await story.clock.pass(2 * 60_000);
    expect(await story.state(id)).toBe('done');
  });
});
