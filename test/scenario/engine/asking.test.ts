import { expect, test } from 'vitest';
import { stage } from './stage.ts';

const HOUR_MS = 3_600_000;

const asking = (ask: string): string => `
stages:
  - { id: first, steps: [{ id: write, action: test.write }] }
  - { id: sure, ask: { text: Is the database promoted?, role: commander, show: [{ from: steps.write.name }, { from: checks.none.level }], within: 1h, ${ask} } }
  - { id: last, steps: [{ id: more, action: test.write, with: { prefix: more } }] }
`;

async function asked(ask: string) {
  const story = await stage({ playbook: asking(ask) });
  const id = await story.start();
  await story.approve(id);
  await story.clock.pass(1000);
  expect(await story.state(id)).toBe('waiting');
  return { ...story, id };
}

const YES = 'answer: { type: yes-no, goOn: [true] }';

test('a question is asked with what it shows, answered by the role, kept with name and time, and the run goes on', async () => {
  const { id, answer, clock, run, state, line } = await asked(YES);
  expect(await line(id, 'ask.asked')).toMatchObject({ role: 'commander', shown: { 'steps.write.name': expect.stringMatching(/^made-/) } });
  const nowMs = clock.nowMs();
  await answer(id, 'sure', 'yes', { by: 'cleo' });
  expect((await run(id)).answers['sure']).toEqual({ value: true, by: 'cleo', atMs: nowMs });
  expect(await state(id)).toBe('proposed');
});

test('answers of strangers, of other teams, to other questions and of the wrong type are refused with the reason, and the question stays', async () => {
  const { id, answer, state, journal } = await asked(YES);
  await answer(id, 'sure', true, { by: 'mallory' });
  await answer(id, 'sure', true, { by: 'ana' });
  await answer(id, 'other', true, { by: 'cleo' });
  await answer(id, 'sure', 'perhaps', { by: 'cleo' });
  expect(await state(id)).toBe('waiting');
  const refused = (await journal(id)).filter(({ type }) => type === 'ask.refused').map(({ data }) => [data['code'], data['reason']]);
  expect(refused).toEqual([
    ['approval.not-allowed', 'mallory is not in incident-command, which the role commander stands for'],
    ['approval.not-allowed', 'ana is not in incident-command, which the role commander stands for'],
    ['request.conflict', '"other" is not asked now; "sure" is'],
    ['request.invalid', 'Expected a yes-no, found "perhaps"'],
  ]);
});

test.each([
  ['number', '12', 12],
  ['text', 'free words', 'free words'],
  ['duration', '15m', '15m'],
  ['name', 'db-1.example', 'db-1.example'],
])('an answer of the type %s is read as one', async (type, given, value) => {
  const { id, answer, run } = await asked(`answer: { type: ${type} }`);
  await answer(id, 'sure', given, { by: 'cleo' });
  expect((await run(id)).answers['sure']?.value).toBe(value);
});

test('a choice is one of those that were given', async () => {
  const { id, answer, run, state } = await asked('answer: { type: choice, choose: [east, west] }');
  await answer(id, 'sure', 'north', { by: 'cleo' });
  expect(await state(id)).toBe('waiting');
  await answer(id, 'sure', 'west', { by: 'cleo' });
  expect((await run(id)).answers['sure']?.value).toBe('west');
});

test('a typed confirmation is the target, word for word', async () => {
  const { id, answer, state, line } = await asked(`${YES}, confirm: typed`);
  await answer(id, 'sure', true, { by: 'cleo' });
  expect(await line(id, 'ask.refused')).toMatchObject({ code: 'approval.confirmation-missing', reason: 'Type thing to confirm this answer' });
  await answer(id, 'sure', true, { by: 'cleo', confirmation: 'thing' });
  expect(await state(id)).toBe('proposed');
});

test.each([
  ['stop', 'failed', 1],
  ['rollback', 'rolled-back', 2],
  ['hand-over', 'handed-over', 1],
  ['escalate', 'handed-over', 1],
])('an answer that does not go on takes otherwise: %s ends it %s', async (otherwise, end, writes) => {
  const { id, answer, clock, state, sim } = await asked(`${YES}, otherwise: ${otherwise}`);
  await answer(id, 'sure', 'no', { by: 'cleo' });
  await clock.pass(1000);
  expect(await state(id)).toBe(end);
  expect(sim().writes()).toHaveLength(writes);
});

test('nobody answers: reminded, escalated, waited for one more time, handed over', async () => {
  const { id, clock, state, lines, pages } = await asked(`${YES}, remind: 20m`);
  await clock.pass(2 * HOUR_MS + 1000);
  expect(await state(id)).toBe('handed-over');
  expect(await lines(id, 'ask.asked')).toEqual(['ask.asked', 'ask.reminded', 'ask.reminded', 'wait.escalated', 'run.closing', 'run.ended']);
  expect(await pages()).toEqual(['Still waiting: Is the database promoted?', 'Waited in vain: Is the database promoted?']);
});

test('a role that no team fills lets nobody answer', async () => {
  const { id, answer, setPolicy, state, line } = await asked(YES);
  setPolicy({ roles: { approver: ['platform'] } });
  await answer(id, 'sure', true, { by: 'cleo' });
  expect(await state(id)).toBe('waiting');
  expect(await line(id, 'ask.refused')).toMatchObject({ reason: 'The role commander is not mapped to a team, so nobody may answer' });
});

test('a question can be the first thing of a run, and be its only one', async () => {
  const { start, answer, state } = await stage({
    playbook: 'stages: [{ id: sure, ask: { text: Go on?, role: approver, answer: { type: yes-no, goOn: [true] }, within: 1h } }]',
  });
  const id = await start();
  expect(await state(id)).toBe('waiting');
  await answer(id, 'sure', true);
  expect(await state(id)).toBe('done');
});
