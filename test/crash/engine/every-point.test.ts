import { describe, expect, test } from 'vitest';
import { findBreak } from '../../../src/model/entry.ts';
import { END_STATES, OPEN_STATES } from '../../../src/model/run.ts';
import { COMMANDS, isToBeUndone, placeOf, pointsOf, type Told, tellUntil, wordsOf } from './ends.ts';
import { everyKind, type Story, unknownStory, voidStory } from './stories.ts';

const stories: readonly (() => Story)[] = [everyKind, voidStory, unknownStory];

/** What stands in a cluster at the end of a run, beside what the run says of itself. */
async function check({ on, id, before }: Told, name: keyof typeof COMMANDS, where: string): Promise<void> {
  const run = await on.run(id);
  const { mail, end, mode } = COMMANDS[name];
  const wasOver = before.state === 'closing' || END_STATES.some((one) => one === before.state);
  const counts = !wasOver && (mail.kind !== 'reject' || before.state === 'proposed');
  if (counts) {
    expect([run.state, run.closing?.mode], where).toEqual([end, mode]);
    expect(run.closing?.reason, where).toBe(
      { cancel: 'Cancelled by ana: enough', supersede: 'Superseded by cleo: I take over', reject: 'Rejected by ana: not today' }[mail.kind],
    );
    expect(await on.pages().then((pages) => pages.filter((reason) => !reason.startsWith('Whether "one" happened'))), where).toEqual([]);
  } else expect(END_STATES, where).toContain(run.state);
  // Who says no where nothing is asked is told so, while there is somebody to tell it: what has ended lets it lie.
  const isEnded = END_STATES.some((one) => one === before.state);
  const refusals = (await on.journal(id)).filter(({ type, data }) => type === 'approval.refused' && data['by'] === mail.by).map(({ data }) => data['code']);
  if (mail.kind === 'reject') expect(refusals, where).toEqual(!counts && !isEnded ? ['approval.not-waiting'] : []);

  // Every step that wrote is undone where it must be, the latest first, each with its own key; nothing else is.
  const ways = run.steps.filter(({ wrote, phase }) => wrote !== false && phase !== 'planned');
  for (const step of ways) {
    const undone = ['undone', 'not-undone'].includes(step.phase);
    expect([step.step, step.generation, undone], where).toEqual([step.step, step.generation, isToBeUndone(step, run.closing?.mode ?? '')]);
  }
  const journal = await on.journal(id);
  const undoings = journal.filter(({ type }) => type === 'undo.done' || type === 'undo.impossible').map(({ data }) => data['step']);
  expect(undoings, where).toEqual(
    ways
      .filter(({ phase }) => phase === 'undone' || phase === 'not-undone')
      .map(({ step }) => step)
      .toReversed(),
  );
  for (const cluster of on.engine().clusters.names()) {
    const writes = on.sim(cluster).writes();
    const made = writes.filter((line) => line.startsWith('create ')).map((line) => line.replace('create ', ''));
    const gone = writes.filter((line) => line.startsWith('delete ')).map((line) => line.replace('delete ', ''));
    expect([new Set(made).size, new Set(gone).size], where).toEqual([made.length, gone.length]);
    const expected = made.filter((object) => ways.some(({ planned, phase }) => phase === 'undone' && planned.undo.some((undo) => undo.object === object)));
    expect(gone, where).toEqual(expected.toReversed());
  }
  if (ways.some(({ step }) => step === 'lamp')) expect(on.get('lamp'), where).toBe('dim');

  // Nothing is held any more, by nobody, and the journal is whole.
  expect(run.hold, where).toBeUndefined();
  const unknown = run.openIntents.map((key) => key.replace(/^\S+ /, ''));
  const kept = ways.filter(({ phase }) => phase !== 'undone').flatMap(({ planned }) => planned.changes.map(({ verb, object }) => `${verb} ${object}`));
  expect(kept, where).toEqual(expect.arrayContaining(unknown));
  expect(
    journal.flatMap(({ type, data }) => (type === 'writes.unknown' ? [data['writes']] : [])),
    where,
  ).toEqual(unknown.length === 0 ? [] : [unknown]);
  for (const cluster of on.engine().clusters.names()) expect(await on.locks(cluster), where).toEqual([]);
  expect(await on.store().counts('prod', ['blast/targets', 'inside/prod/Cluster//prod']), where).toEqual([0, 0]);
  const heads = (await on.store().list({ partition: 'prod', kind: 'slot', limit: 10 })).records.map(({ value }) => value);
  expect(
    heads.some((head) => typeof head === 'object' && head !== null && 'openRun' in head),
    where,
  ).toBe(false);
  expect(findBreak(id, journal), where).toBeUndefined();
  const types = journal.map(({ type }) => type);
  expect([types.filter((type) => type === 'run.closing').length, types.filter((type) => type === 'run.ended').length], where).toEqual([1, 1]);
}

const places = new Set<string>();

describe.each(stories.map((make) => [make().name, make] as const))('a run that %s', (_, make) => {
  test.each(Object.keys(COMMANDS).filter((name): name is keyof typeof COMMANDS => Object.hasOwn(COMMANDS, name)))(
    'gives back what it must at %s, wherever it is told',
    async (name) => {
      const points = await pointsOf(make);
      expect(points.length).toBeGreaterThan(5);
      for (const point of points) {
        const told = await tellUntil(make(), COMMANDS[name].mail, [point]);
        if (told === undefined) throw new Error(`nobody dies ${wordsOf(point)}`);
        places.add(placeOf(told.before));
        await check(told, name, `${name} ${wordsOf(point)}, ${placeOf(told.before)}`);
      }
    },
    120_000,
  );

  test('gives it back also where the engine that undoes it dies, too', async () => {
    const points = await pointsOf(make);
    let twice = 0;
    for (const [at, point] of points.entries()) {
      const second = { what: at % 3 === 0 ? 'write' : 'commit', n: 1 + (at % 4), side: at % 2 === 0 ? 'before' : 'behind' } as const;
      const told = await tellUntil(make(), COMMANDS.cancel.mail, [point, second]);
      if (told === undefined) throw new Error(`nobody dies ${wordsOf(point)}`);
      if (told.deaths === 2) twice += 1;
      await check(told, 'cancel', `cancel ${wordsOf(point)}, ${placeOf(told.before)}; then dead ${wordsOf(second)}`);
    }
    expect(twice).toBeGreaterThan(0);
  }, 120_000);
});

test('the runs were told in every state there is, and in every kind of waiting', () => {
  for (const state of OPEN_STATES) expect([...places].some((place) => place.split(' ')[0] === state) || state === 'queued', state).toBe(true);
  expect([...places].filter((place) => place.startsWith('waiting ')).toSorted()).toEqual([
    'waiting ask',
    'waiting await',
    'waiting finding',
    'waiting settle',
    'waiting settle-step',
  ]);
});
