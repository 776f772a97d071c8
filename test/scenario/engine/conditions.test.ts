import { describe, expect, test } from 'vitest';
import { stage } from './stage.ts';

const story = (when: string): string => `
diagnose: [{ id: look, action: test.look }]
stages:
  - id: maybe
    when: { ${when} }
    steps: [{ id: write, action: test.write }]
`;

/** Where the run stands after its first look: `proposed` where the condition holds. */
async function after(when: string, finding: { readonly [name: string]: string } = {}): Promise<string> {
  const { start, set, state } = await stage({ playbook: story(when) });
  set('finding', finding);
  return state(await start());
}

describe('one comparison decides about a stage', () => {
  test.each([
    ['is: zone-a', 'diagnosis.look.zone', { zone: 'zone-a' }],
    ['not: zone-a', 'diagnosis.look.zone', { zone: 'zone-b' }],
    ['over: 3', 'diagnosis.look.level', { level: '4' }],
    ['under: 3', 'diagnosis.look.level', { level: '2' }],
    ['in: [zone-a, zone-b]', 'diagnosis.look.zone', { zone: 'zone-b' }],
    ['present: true', 'diagnosis.look.zone', { zone: 'any' }],
    ['present: false', 'diagnosis.look.zone', {}],
    ['is: true', 'diagnosis.look.answers', {}],
  ])('%s of %s lets it run', async (comparison, from, finding) => {
    expect(await after(`from: ${from}, ${comparison}`, finding as { readonly [name: string]: string })).toBe('proposed');
  });

  test.each([
    ['is: zone-a', 'diagnosis.look.zone', { zone: 'zone-b' }],
    ['not: zone-a', 'diagnosis.look.zone', { zone: 'zone-a' }],
    ['over: 3', 'diagnosis.look.level', { level: '3' }],
    ['under: 3', 'diagnosis.look.level', { level: '3' }],
    ['in: [zone-a, zone-b]', 'diagnosis.look.zone', { zone: 'zone-c' }],
    ['present: true', 'diagnosis.look.zone', {}],
    ['present: false', 'diagnosis.look.zone', { zone: 'any' }],
    ['is: true', 'diagnosis.look.answers', { answers: 'no' }],
  ])('%s of %s rules it out', async (comparison, from, finding) => {
    expect(await after(`from: ${from}, ${comparison}`, finding as { readonly [name: string]: string })).toBe('done');
  });

  test.each(['is: zone-a', 'not: zone-a', 'over: 0', 'under: 9', 'in: [zone-a]', 'present: true'])('%s of something absent is false', async (comparison) => {
    expect(await after(`from: diagnosis.look.zone, ${comparison}`)).toBe('done');
  });
});

describe('what follows where it does not hold', () => {
  const two = (otherwise: string): string => `
diagnose: [{ id: look, action: test.look }]
stages:
  - { id: first, steps: [{ id: write, action: test.write }, { id: kept, action: test.write, with: { prefix: kept }, undo: always }] }
  - { id: second, when: { from: diagnosis.look.level, over: 5, else: ${otherwise} }, steps: [{ id: more, action: test.write, with: { prefix: more } }] }
  - { id: third, steps: [{ id: last, action: test.write, with: { prefix: last } }] }
`;

  test('skip passes to the next stage and says so', async () => {
    const { start, approve, clock, state, run, line } = await stage({ playbook: two('skip') });
    const id = await start();
    await approve(id);
    await clock.pass(1000);
    expect(await state(id)).toBe('proposed');
    expect((await run(id)).plan?.stage).toBe('third');
    expect(await line(id, 'stage.skipped')).toEqual({ stage: 'second', reason: 'the condition on diagnosis.look.level does not hold' });
  });

  test('stop ends the run done, with what must always be undone undone', async () => {
    const { start, approve, clock, state, sim, pages } = await stage({ playbook: two('stop') });
    const id = await start();
    await approve(id);
    await clock.pass(1000);
    expect(await state(id)).toBe('done');
    expect(
      sim()
        .writes()
        .map((line) => line.replace(/-[0-9a-f]{8}$/, '')),
    ).toEqual(['create ConfigMap/app/made', 'create ConfigMap/app/kept', 'delete ConfigMap/app/kept']);
    expect(await pages()).toEqual([]);
  });

  test('hand-over ends it with a page', async () => {
    const { start, approve, clock, state, pages } = await stage({ playbook: two('hand-over') });
    const id = await start();
    await approve(id);
    await clock.pass(1000);
    expect(await state(id)).toBe('handed-over');
    expect(await pages()).toEqual(['Handed over before "second": the condition on diagnosis.look.level does not hold']);
  });
});
