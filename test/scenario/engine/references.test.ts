import { expect, test } from 'vitest';
import { stage } from './stage.ts';

test('a step sees the alert, the parameters, the run, and results, checks and answers of earlier stages', async () => {
  const { start, approve, answer, clock, set, state, run } = await stage({
    playbook: `
diagnose: [{ id: look, action: test.look, with: { hint: { from: alert.labels.severity } } }]
stages:
  - { id: first, steps: [{ id: one, action: test.write, with: { note: { from: diagnosis.look.hint }, level: { from: params.level } } }] }
  - { id: back, await: { action: test.ready, within: 1h } }
  - { id: sure, ask: { text: Which one?, role: approver, answer: { type: text }, within: 1h } }
  - id: second
    when: { from: steps.one.level, is: 3 }
    steps:
      - { id: of-result, action: test.write, with: { note: { from: steps.one.name }, prefix: a } }
      - { id: of-check, action: test.write, with: { level: { from: checks.back.level }, prefix: b } }
      - { id: of-answer, action: test.write, with: { note: { from: answers.sure.value }, prefix: c } }
      - { id: of-person, action: test.write, with: { note: { from: answers.sure.by }, prefix: d } }
      - { id: of-run, action: test.write, with: { note: { from: run.cluster }, prefix: e } }
      - { id: of-named, action: test.write, with: { level: { from: checks.named.level }, prefix: f } }
`,
  });
  const id = await start('thing', { more: { level: 3 }, alert: [['severity', 'critical']] });
  expect((await run(id)).plan?.steps[0]?.params).toEqual({ note: 'critical', level: 3 });
  await approve(id);
  await clock.pass(1000);
  expect(await state(id)).toBe('waiting');
  set('ready', { level: '42' });
  await clock.pass(20_000);
  await answer(id, 'sure', 'the blue one');
  expect(await state(id)).toBe('proposed');
  const made = (await run(id)).steps.find(({ step }) => step === 'one')?.result?.['name'];
  expect((await run(id)).plan?.steps.map(({ step, params }) => [step, params['note'] ?? params['level']])).toEqual([
    ['of-result', made],
    ['of-check', 42],
    ['of-answer', 'the blue one'],
    ['of-person', 'ana'],
    ['of-run', 'prod'],
    // A named verification that did not take place is absent, and so is the optional parameter.
    ['of-named', undefined],
  ]);
});

test('facts of a named verification are seen by later stages', async () => {
  const { start, approve, clock, set, run } = await stage({
    playbook: `
stages:
  - id: first
    steps: [{ id: one, action: test.write }]
    verify: [{ id: proof, action: test.ready, with: { name: proof } }]
  - { id: second, steps: [{ id: two, action: test.write, with: { level: { from: checks.proof.level }, prefix: two } }] }
`,
  });
  set('proof', { level: '5' });
  const id = await start();
  await approve(id);
  await clock.pass(1000);
  expect((await run(id)).plan?.steps[0]?.params).toEqual({ level: 5, prefix: 'two' });
});

test('an absent reference where a parameter is needed hands the run over, and says what is missing', async () => {
  const { start, state, pages } = await stage({
    playbook: `
diagnose: [{ id: look, action: test.look }]
stages: [{ id: do, steps: [{ id: one, action: test.set, with: { name: { from: diagnosis.look.zone }, to: on } }] }]
`,
  });
  const id = await start();
  expect(await state(id)).toBe('handed-over');
  expect((await pages())[0]).toMatch(/^"do" cannot be planned: the parameters of test.set do not fit: name: /);
});

test('text of an alert that looks like a reference or a template stays text', async () => {
  const { start, run } = await stage({
    playbook: `
diagnose: [{ id: look, action: test.look, with: { hint: { from: alert.labels.note } } }]
stages: [{ id: do, steps: [{ id: one, action: test.write, with: { note: { from: diagnosis.look.hint } } }] }]
`,
  });
  const id = await start('thing', { alert: [['note', '{{ params.thing }} { from: params.thing }']] });
  expect((await run(id)).plan?.steps[0]?.params['note']).toBe('{{ params.thing }} { from: params.thing }');
});
