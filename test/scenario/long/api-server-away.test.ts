import { describe, expect, test } from 'vitest';
import { findBreak } from '../../../src/model/entry.ts';
import { standing } from '../../../src/port/view/run-words.ts';
import type { FaultInput } from '../../../src/world/faults.ts';
import { theKind } from '../../../src/world/kinds.ts';
import { stage } from '../engine/stage.ts';
import { openScene } from '../scene.ts';

const MINUTE_MS = 60_000;

/** Five things are deleted in waves of one, ten seconds apart, down to two; each wave has what it takes to be too slow after half an hour. */
async function betweenWaves(policy = {}) {
  const story = await stage({ playbook: 'stages: [{ id: do, steps: [{ id: one, action: test.clean, within: 30m }] }]', policy });
  for (const name of ['a', 'b', 'c', 'd', 'e']) story.set(name, {}, { labels: { old: 'yes' } });
  const id = await story.start();
  await story.approve(id, 'ana', 'thing');
  await story.approve(id, 'cleo', 'thing');
  expect(story.sim().writes()).toEqual(['delete ConfigMap/app/a']);
  return { ...story, id };
}

const ALL = ['delete ConfigMap/app/a', 'delete ConfigMap/app/b', 'delete ConfigMap/app/c'];

describe('an API server that is away for an hour between two waves of a step', () => {
  test.each<readonly [string, FaultInput]>([
    ['answers 503', { give: 'unavailable', lasts: '60m' }],
    ['closes every connection', { give: 'reset', lasts: '60m' }],
    ['never answers', { give: 'hang', lasts: '60m' }],
    ['answers reads and no writes', { give: 'unavailable', verb: 'write', lasts: '60m' }],
    ['asks for less', { give: 'too-many-requests', retryAfter: '1s', lasts: '60m' }],
  ])('and %s: the run is parked, asks ever more rarely, calls people once, and goes on where it was', async (_, fault) => {
    const { id, clock, sim, state, run, pages, told, lines, journal } = await betweenWaves();
    sim().faults.add(fault);
    await clock.pass(25 * MINUTE_MS);
    const away = await run(id);
    expect([away.state, away.hold, away.steps[0]?.phase, away.refusals > 10]).toEqual(['executing', undefined, 'started', true]);
    expect(away.trouble?.reason).toMatch(/./);
    expect(await pages()).toEqual([]);
    await clock.pass(34 * MINUTE_MS);
    expect(away.refusals).toBeLessThan(40);
    expect(sim().writes()).toEqual(ALL.slice(0, 1));
    expect(await pages()).toEqual([expect.stringMatching(/^Tried \d\d times: /)]);

    await clock.pass(4 * MINUTE_MS);
    expect(await state(id)).toBe('done');
    expect(sim().writes()).toEqual(ALL);
    expect(await run(id)).not.toHaveProperty('trouble');
    expect((await told()).filter(({ kind }) => kind === 'calm')).toEqual([{ kind: 'calm', key: `${id}/stuck` }]);
    expect((await lines(id)).filter((type) => type === 'run.trouble')).toHaveLength(1);
    expect(await lines(id)).not.toContain('step.failed');
    expect(findBreak(id, await journal(id))).toBeUndefined();
  });

  test('does not make a step slow that was not, and one that is stays slow', async () => {
    const { id, clock, sim, state, set, lines } = await betweenWaves();
    sim().faults.add({ give: 'unavailable', lasts: '60m' });
    await clock.pass(61 * MINUTE_MS);
    expect(await state(id)).toBe('done');

    const slow = await stage({ playbook: 'stages: [{ id: do, onFailure: stop, steps: [{ id: one, action: test.begin, within: 30m }] }]' });
    const other = await slow.start();
    await slow.approve(other);
    slow.sim().faults.add({ give: 'unavailable', lasts: '60m' });
    await slow.clock.pass(80 * MINUTE_MS);
    expect(await slow.state(other)).toBe('executing');
    await slow.clock.pass(12 * MINUTE_MS);
    expect([await slow.state(other), await slow.line(other, 'step.failed')]).toEqual(['failed', { step: 'one', reason: expect.stringMatching(/^too slow/) }]);
    set('unused', {});
    expect(await lines(id)).not.toContain('step.failed');
  });

  test('and an engine that dies meanwhile: the next one assumes nothing either', async () => {
    const { id, clock, sim, restart, state } = await betweenWaves();
    sim().faults.add({ give: 'unavailable', lasts: '60m' });
    for (let quarter = 0; quarter < 4; quarter += 1) {
      await clock.pass(14 * MINUTE_MS);
      restart();
    }
    expect(sim().writes()).toEqual(ALL.slice(0, 1));
    await clock.pass(8 * MINUTE_MS);
    expect(await state(id)).toBe('done');
    expect(sim().writes()).toEqual(ALL);
  });
});

test('priority and fairness: a wave that is refused again and again is not a step that failed, and is asked no sooner than the server said', async () => {
  const { id, clock, sim, state, lines, run } = await betweenWaves();
  const asked: number[] = [];
  sim().faults.add({ give: 'too-many-requests', verb: 'delete', retryAfter: '20s', times: 8 });
  let seen = 0;
  while ((await state(id)) === 'executing' && clock.nowMs() < 3e15) {
    await clock.pass(1000);
    const { refusals } = await run(id);
    if (refusals > seen) asked.push(clock.nowMs());
    seen = refusals;
    if (asked.length > 8) break;
  }
  expect(await state(id)).toBe('done');
  expect(asked).toHaveLength(8);
  for (const [at, ms] of asked.entries()) if (at > 0) expect(ms - (asked[at - 1] ?? 0)).toBeGreaterThanOrEqual(20_000 - 1000);
  expect(await lines(id)).not.toContain('step.failed');
  expect(sim().writes()).toEqual(ALL);
});

test('people read meanwhile what is tried again, are called when it lasts, and are let go when it is over', async () => {
  const waves = `
summary: Prune, wave by wave.
params: { thing: { type: text } }
target: { from: params.thing }
stages: [{ id: do, approval: { need: [{ team: platform, count: 1 }] }, steps: [{ id: one, action: test.clean }] }]
`;
  const scene = openScene({ world: { namespaces: ['app'] }, playbooks: { waves } });
  const { run, pass, change, pages, calling, card, timeline, approve, start } = scene;
  for (const name of ['a', 'b', 'c', 'd', 'e'])
    scene.world.cluster().objects.insert(theKind('v1', 'ConfigMap'), { metadata: { namespace: 'app', name, labels: { old: 'yes' } } });
  await start('ana', 'waves', { thing: 'shelf' });
  await pass('5s');
  await approve('ben', { confirmation: 'shelf' });
  await approve('cleo', { confirmation: 'shelf' });
  await pass('2s');
  change({ faults: [{ give: 'unavailable', lasts: '60m' }] });
  await pass('10m');
  expect(standing(await run())).toMatch(/^carries out its plan, and tries again: prod: /);
  expect(card()).toMatch(/Trying again: prod: /);
  expect(pages()).toEqual([]);
  await pass('30m');
  expect(pages()).toEqual([expect.stringMatching(/^12:3\d platform-primary$/)]);
  await pass('25m');
  expect(calling()).toEqual([]);
  expect(standing(await run())).toBe('is done: Every stage is verified');
  expect((await timeline()).filter((line) => line.startsWith('Trying again'))).toHaveLength(1);
});
