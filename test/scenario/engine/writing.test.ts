import { describe, expect, test } from 'vitest';
import { stage } from './stage.ts';

const one = (action: string): string => `stages: [{ id: do, steps: [{ id: one, action: ${action} }] }]`;

describe('what was not approved cannot be written', () => {
  test('a stray write is refused before it reaches the cluster, proposed anew with the reason, and handed over when it stays so', async () => {
    const { start, approve, clock, sim, state, run, pages } = await stage({ playbook: one('test.stray') });
    const id = await start();
    await approve(id);
    await clock.pass(1000);
    expect([await state(id), (await run(id)).changed]).toEqual(['proposed', ['create ConfigMap/app/not-planned is not in the approved plan']]);
    for (let at = 0; at < 10 && (await state(id)) === 'proposed'; at += 1) {
      await approve(id);
      await clock.pass(1000);
    }
    expect(await state(id)).toBe('handed-over');
    expect(await pages()).toEqual(['The plan kept changing: create ConfigMap/app/not-planned is not in the approved plan']);
    expect(sim().writes()).toEqual([]);
  });

  test('a patch of a field that the plan does not name is refused as a whole', async () => {
    const { start, approve, clock, set, get, sim, run } = await stage({ playbook: one('test.sneaky') });
    set('switch', { state: 'off', owner: 'ana' });
    const id = await start();
    await approve(id);
    await clock.pass(1000);
    expect((await run(id)).changed).toEqual(['patch ConfigMap/app/switch may not write data.owner: the approved plan names only data.state']);
    expect([get('switch'), get('switch', 'owner'), sim().writes()]).toEqual(['off', 'ana', []]);
  });

  test('a plan has nothing to write with, also where its handler does not care for types', async () => {
    const { start, state, sim, pages } = await stage({ playbook: one('test.eager') });
    expect(await state(await start())).toBe('handed-over');
    expect(sim().writes()).toEqual([]);
    expect(await pages()).toEqual([expect.stringContaining('create is not a function')]);
  });
});

describe('every write', () => {
  test('is in the journal before it is made and after it, and marks what it creates', async () => {
    const { start, approve, clock, journal, run, sim } = await stage({ playbook: one('test.write') });
    const id = await start();
    await approve(id);
    await clock.pass(1000);
    const write = sim().writes()[0] ?? '';
    const lines = (await journal(id)).filter(({ type }) => type.startsWith('write.')).map(({ type, data }) => [type, data['write'], data['outcome']]);
    expect(lines).toEqual([
      ['write.intent', write, undefined],
      ['write.outcome', write, 'created'],
    ]);
    const made = sim().snapshot().get(write.replace('create ', ''));
    expect(made?.metadata.annotations).toMatchObject({ 'salvor.io/run': id, 'salvor.io/step-key': (await run(id)).steps[0]?.planned.stepKey });
    expect((await run(id)).openIntents).toEqual([]);
  });

  test('of a handler that makes several at once goes out one after the other, each with its intent', async () => {
    const { start, approve, clock, state, lines, sim } = await stage({ playbook: one('test.many') });
    const id = await start();
    await approve(id);
    await clock.pass(1000);
    expect(await state(id)).toBe('done');
    expect(sim().writes()).toEqual(['create ConfigMap/app/many-0', 'create ConfigMap/app/many-1', 'create ConfigMap/app/many-2']);
    const order = ['write.intent', 'write.outcome'];
    expect((await lines(id)).filter((type) => type.startsWith('write.'))).toEqual([...order, ...order, ...order]);
  });
});

describe('an object that is there already under the name of the step', () => {
  async function there(mark: (stepKey: string) => { readonly [name: string]: string }) {
    const story = await stage({ playbook: one('test.write') });
    const id = await story.start();
    const stepKey = (await story.run(id)).plan?.steps[0]?.stepKey ?? '';
    story.set(`made-${stepKey.slice(0, 8)}`, {}, { annotations: mark(stepKey) });
    await story.approve(id);
    await story.clock.pass(1000);
    return { ...story, id };
  }

  test('is adopted where it carries the key of this very step', async () => {
    const { id, state, line, sim } = await there((stepKey) => ({ 'salvor.io/step-key': stepKey, 'salvor.io/epoch': '1' }));
    expect(await state(id)).toBe('done');
    expect((await line(id, 'write.outcome'))['outcome']).toBe('adopted');
    expect(sim().writes()).toEqual([]);
  });

  test('is somebody else’s where it does not, and the step fails instead of taking it', async () => {
    const { id, state, line } = await there(() => ({}));
    expect(await state(id)).toBe('rolled-back');
    expect((await line(id, 'write.outcome'))['code']).toBe('kube.exists');
  });
});

describe('a handler that takes longer than its time', () => {
  test('is left behind, writes nothing behind its limit, and is called again', async () => {
    const { start, approve, clock, set, unset, state, sim, lines } = await stage({ playbook: one('test.slow') });
    set('slow', {});
    const id = await start();
    await approve(id);
    await clock.pass(20_000);
    expect(await state(id)).toBe('executing');
    expect(sim().writes()).toEqual([]);
    unset('slow');
    await clock.pass(20_000);
    expect(await state(id)).toBe('done');
    expect(sim().writes()).toEqual(['create ConfigMap/app/late']);
    expect((await lines(id)).filter((type) => type === 'run.trouble')).toHaveLength(1);
  });

  test('writes nothing, too, when the run was cancelled meanwhile', async () => {
    const { start, approve, cancel, clock, set, state, sim } = await stage({ playbook: one('test.slow') });
    set('slow', {});
    const id = await start();
    await approve(id);
    await clock.pass(3000);
    await cancel(id);
    await clock.pass(60_000);
    expect(await state(id)).toBe('cancelled');
    expect(sim().writes()).toEqual([]);
  });
});

test('an answer that does not fit the result schema fails the step with the reason', async () => {
  const { start, approve, clock, set, state, line } = await stage({ playbook: one('test.liar') });
  set('bad', { state: 'very big' });
  const id = await start();
  await approve(id);
  await clock.pass(1000);
  expect(await state(id)).toBe('rolled-back');
  expect((await line(id, 'step.failed'))['reason']).toMatch(/^the result of test.liar does not fit its schema: size: /);
});
