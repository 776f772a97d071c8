import { expect, test } from 'vitest';
import { type Action, z } from '../../../src/action/contract.ts';
import { theKind } from '../../../src/world/kinds.ts';
import { testActions } from '../engine/actions.ts';
import { openLongSite, type Version } from './site.ts';

const plain = (writes: readonly string[]): readonly string[] => writes.map((line) => line.replace(/-[0-9a-f]{8}$/, ''));

/** Two things are made, the far side is waited for, and one more is made of what it says. */
const playbook = (last: string): string => `
summary: Make things, wait two days, make one more.
params: { thing: { type: text } }
target: { from: params.thing }
stages:
  - { id: first, steps: [{ id: one, action: test.write }, { id: kept, action: test.write, with: { prefix: kept }, undo: always }] }
  - { id: back, await: { action: test.ready, within: 48h, every: 5m } }
  - { id: last, approval: { within: 2h }, steps: [{ id: two, action: test.write, with: { prefix: ${last}, level: { from: checks.back.level } } }] }
`;

/** The same with a person in place of the far side. */
const question = `
summary: Make a thing, ask, make one more.
params: { thing: { type: text } }
target: { from: params.thing }
stages:
  - { id: first, steps: [{ id: one, action: test.write }] }
  - { id: sure, ask: { text: Is it dry?, role: approver, answer: { type: yes-no, goOn: [true] }, within: 48h } }
`;

function theAction(id: string): Action {
  const action = testActions.get(id);
  if (action === undefined) throw new Error(`no action ${id}`);
  return action;
}

/** `test.write` of another version, whose result has one more field. */
function writeWith(zone: z.ZodType): Action {
  const write = theAction('test.write');
  if (write.kind !== 'remediation') throw new Error('it writes');
  return { ...write, result: write.result.extend({ zone }) };
}

const ready = theAction('test.ready');
const first: Version = { actions: [theAction('test.write'), ready], playbooks: { story: playbook('last'), question } };
/** Another text, and a result that has grown as results may. */
const grown: Version = { actions: [writeWith(z.string().optional()), ready], playbooks: { story: playbook('other'), question } };
/** A result that has grown as results must not: what is stored lacks the field. */
const broken: Version = { actions: [writeWith(z.string()), ready], playbooks: { story: playbook('other'), question } };

test('a run waits two days over four restarts and two upgrades, is held while it does not fit, and ends as the text says that it began with', async () => {
  await using site = await openLongSite();
  await site.start(first);
  const id = await site.begin('ana', 'story', { thing: 'shelf' });
  await site.pass(0.01);
  await site.approve('ana', id);
  await site.pass(0.1);
  expect((await site.run(id)).waiting).toMatchObject({ what: 'await', reason: 'ready is not there yet' });
  const { locks } = await site.run(id);

  // The first day: stopped for an upgrade that changes the text and lets the result grow.
  await site.pass(0.2);
  await site.stop();
  await site.pass(12);
  await site.start(grown);
  await site.pass(0.2);
  expect(await site.salvor('ana', 'runs')).toMatch(/ waiting .* waits for the world: ready is not there yet\n$/);
  await site.kill();
  await site.pass(13);

  // The second day: a version that the stored result does not fit.
  await site.start(broken);
  const why = 'What the run has stored no longer fits this version: the result of test.write does not fit its schema: zone: ';
  expect((await site.run(id)).hold).toMatchObject({ gate: 'upgrade', reason: expect.stringContaining(why) });
  expect(await site.salvor('ana', 'runs')).toContain(`, held by upgrade: ${why}`);
  expect(await site.salvor('ana', 'show', id)).toContain(`held      by upgrade: ${why}`);
  await site.pass(0.6);
  expect(site.world.pager.pages().map(({ summary }) => summary)).toContainEqual(expect.stringContaining('Held for too long: What the run has stored'));
  // What it waits for comes, and nothing is done with it.
  site.world.cluster().objects.insert(theKind('v1', 'ConfigMap'), { metadata: { namespace: 'app', name: 'ready' }, data: { level: '7' } });
  await site.pass(0.2);
  expect(await site.run(id)).toMatchObject({ state: 'waiting', hold: { gate: 'upgrade' } });
  await site.stop();
  await site.pass(19);

  // It fits again, and goes on without anybody.
  await site.start(grown);
  await site.pass(0.1);
  expect(await site.run(id)).toMatchObject({ state: 'proposed' });
  expect((await site.run(id)).hold).toBeUndefined();
  await site.kill();
  await site.pass(0.5);
  await site.start(grown);
  await site.approve('ben', id);
  await site.pass(0.1);

  const ended = await site.run(id);
  expect(ended).toMatchObject({ state: 'done', locks });
  expect(plain(site.world.writes())).toEqual([
    'create ConfigMap/app/made',
    'create ConfigMap/app/kept',
    'create ConfigMap/app/last',
    'delete ConfigMap/app/kept',
  ]);
  expect(ended.steps.map(({ step, phase }) => [step, phase])).toEqual([
    ['one', 'done'],
    ['kept', 'undone'],
    ['two', 'done'],
  ]);
  // The journal is whole: numbered without a gap, chained, each thing told once.
  expect(ended.journal.map(({ n }) => n)).toEqual(ended.journal.map((_, at) => at + 1));
  const types = ended.journal.map(({ type }) => type);
  for (const once of ['run.held', 'run.fits', 'await.started', 'await.done', 'run.ended'])
    expect([once, types.filter((type) => type === once)]).toEqual([once, [once]]);
  expect(await site.audit()).toMatchObject({ problems: [] });
  expect(await site.salvor('ana', 'locks')).toBe('No locks\n');
  const { incident } = ended;
  const timeline = (await site.as('ana', (commands, ana) => commands.incident(ana, incident))).timeline;
  expect(timeline.map(({ n }) => n)).toEqual(timeline.map((_, at) => at + 1));
  expect(timeline.at(-1)?.text).toBe('Nothing fires any more; the run ended well');
}, 120_000);

test('a question that waits for a person says at once after a start that its run no longer fits, and after the next that it does', async () => {
  await using site = await openLongSite();
  await site.start(first);
  const id = await site.begin('ana', 'question', { thing: 'shelf' });
  await site.pass(0.01);
  await site.approve('ana', id);
  await site.pass(0.1);
  const asked = await site.run(id);
  expect(asked.waiting).toMatchObject({ what: 'ask' });
  await site.stop();
  await site.start(broken);
  expect(await site.salvor('ana', 'runs')).toContain('held by upgrade: What the run has stored no longer fits this version');
  await site.stop();
  await site.start(grown);
  const again = await site.run(id);
  expect([again.hold, again.waiting]).toEqual([undefined, asked.waiting]);
  await site.answer('ben', id, 'sure', true);
  expect((await site.run(id)).state).toBe('done');
}, 60_000);
