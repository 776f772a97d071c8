import { describe, expect, test } from 'vitest';
import { findBreak } from '../../../src/model/entry.ts';
import { SalvorError } from '../../../src/model/error.ts';
import type { FaultInput } from '../../../src/world/faults.ts';
import { stage } from './stage.ts';

const ONE = 'stages: [{ id: do, steps: [{ id: one, action: test.write }] }]';

async function through(fault: FaultInput, passMs: number) {
  const story = await stage({ playbook: ONE });
  const id = await story.start();
  story.sim().faults.add(fault);
  await story.approve(id);
  await story.clock.pass(passMs);
  const write = `create ConfigMap/app/made-${(await story.run(id)).steps[0]?.planned.stepKey.slice(0, 8)}`;
  return { ...story, id, write };
}

describe('an API server in trouble', () => {
  test.each<readonly [string, FaultInput, number]>([
    ['breaks with 500', { give: 'internal', verb: 'create', times: 3 }, 20_000],
    ['is unavailable', { give: 'unavailable', verb: 'create', times: 3 }, 20_000],
    ['times out before it does anything', { give: 'timeout', verb: 'create', times: 2 }, 20_000],
    ['resets the connection before it does anything', { give: 'reset', verb: 'create', times: 2 }, 20_000],
    ['resets the connection behind it', { give: 'reset-after', verb: 'create', times: 1 }, 20_000],
    ['does it and never answers', { give: 'lost-reply', verb: 'create', times: 1 }, 60_000],
    ['never answers and does nothing', { give: 'hang', verb: 'create', times: 1 }, 60_000],
    ['meets a conflict', { give: 'conflict', verb: 'create', times: 4 }, 20_000],
    ['asks for less', { give: 'too-many-requests', verb: 'create', times: 3 }, 20_000],
    ['refuses the token for a while', { give: 'unauthorized', times: 4 }, 30_000],
    ['is slow', { give: 'slow', delay: '4s', times: 5 }, 60_000],
  ])('that %s gets the write exactly once', async (_, fault, passMs) => {
    const { id, state, sim, write, journal, run, lines } = await through(fault, passMs);
    expect(await state(id)).toBe('done');
    expect(sim().count(write)).toBe(1);
    expect(findBreak(id, await journal(id))).toBeUndefined();
    expect((await run(id)).openIntents).toEqual([]);
    // However often it was tried: one intent, one outcome, one line of trouble at most.
    expect((await lines(id)).filter((type) => type === 'write.intent')).toHaveLength(1);
    expect((await lines(id)).filter((type) => type === 'write.outcome')).toHaveLength(1);
    expect((await lines(id)).filter((type) => type === 'run.trouble').length).toBeLessThanOrEqual(1);
  });

  test('is obeyed where it says when to come back', async () => {
    const { id, state, clock, sim } = await through({ give: 'too-many-requests', verb: 'create', times: 1, retryAfter: '20s' }, 19_000);
    expect(sim().writes()).toEqual([]);
    await clock.pass(2000);
    expect(await state(id)).toBe('done');
  });

  test('that has room for one request at a time is asked one thing after the other, and the run comes through', async () => {
    let busy = false;
    const oneAtATime = async <T>(ask: () => Promise<T>): Promise<T> => {
      if (busy) throw new SalvorError('kube.too-many-requests', 'prod: Too many requests, please try again later.', { retry: 'later', retryAfterMs: 1000 });
      busy = true;
      return ask().finally(() => {
        busy = false;
      });
    };
    const story = await stage({
      playbook: ONE,
      around: () => ({
        cluster: (cluster) => ({ ...cluster, access: { ...cluster.access, mayI: (right) => oneAtATime(() => cluster.access.mayI(right)) } }),
      }),
    });
    const id = await story.start();
    await story.clock.pass(10_000);
    await story.approve(id);
    await story.clock.pass(10_000);
    expect(await story.state(id)).toBe('done');
  });

  test('is asked ever more rarely, and people are told after half an hour', async () => {
    let asked = 0;
    const story = await stage({
      playbook: ONE,
      around: () => ({
        cluster: (cluster) => ({
          ...cluster,
          access: {
            ...cluster.access,
            create: (manifest) => {
              asked += 1;
              return cluster.access.create(manifest);
            },
          },
        }),
      }),
    });
    const id = await story.start();
    story.sim().faults.add({ give: 'unavailable', verb: 'create' });
    await story.approve(id);
    await story.clock.pass(20 * 60_000);
    expect(asked).toBeLessThan(30);
    expect(await story.pages()).toEqual([]);
    await story.clock.pass(20 * 60_000);
    expect(await story.pages()).toEqual([expect.stringMatching(/^Tried 3\d times: /)]);
    story.sim().faults.clear();
    await story.clock.pass(60_000);
    expect(await story.state(id)).toBe('done');
    expect((await story.told()).filter(({ kind }) => kind === 'calm')).toEqual([{ kind: 'calm', key: `${id}/stuck` }]);
  });

  test('that is away longer than the step may take makes nothing slow; only after hours the step is given up', async () => {
    const story = await stage({ playbook: 'stages: [{ id: do, onFailure: stop, steps: [{ id: one, action: test.write, within: 10m }] }]' });
    const id = await story.start();
    story.sim().faults.add({ give: 'unavailable', verb: 'create' });
    await story.approve(id);
    await story.clock.pass(3 * 3_600_000);
    expect(await story.state(id)).toBe('executing');
    await story.clock.pass(3_600_000);
    expect(await story.state(id)).toBe('failed');
    expect((await story.line(id, 'step.failed'))['reason']).toMatch(/^prod: /);
  });

  test('that forbids a write for good fails the step with what it said', async () => {
    const { id, state, lines, line } = await through({ give: 'forbidden', verb: 'create' }, 2000);
    expect(await state(id)).toBe('rolled-back');
    expect((await line(id, 'write.outcome'))['outcome']).toBe('refused');
    expect((await line(id, 'step.failed'))['reason']).toMatch(/may not create configmaps in app/);
    expect(await lines(id)).not.toContain('run.trouble');
  });

  test('between two troubles is well: each is told', async () => {
    const story = await stage({
      playbook: 'stages: [{ id: do, steps: [{ id: one, action: test.write }, { id: two, action: test.write, with: { prefix: two } }] }]',
    });
    const id = await story.start();
    story.sim().faults.add({ give: 'unavailable', verb: 'create', times: 2 });
    story.sim().faults.add({ give: 'unavailable', verb: 'create', times: 2, skip: 1 });
    await story.approve(id);
    await story.clock.pass(20_000);
    expect(await story.state(id)).toBe('done');
    expect((await story.lines(id)).filter((type) => type === 'run.trouble')).toHaveLength(2);
  });
});

test('a store that is away for a moment loses nothing, and nothing is written twice', async () => {
  let away = false;
  const story = await stage({
    playbook: ONE,
    around: () => ({
      store: (store) => ({
        ...store,
        commit: async (commit) => {
          if (away) throw new Error('the disk is gone');
          return store.commit(commit);
        },
      }),
    }),
  });
  const id = await story.start();
  away = true;
  await story.approve(id);
  await story.clock.pass(20_000);
  expect(story.sim().writes()).toEqual([]);
  away = false;
  await story.clock.pass(20_000);
  expect(await story.state(id)).toBe('done');
  expect(story.sim().writes()).toHaveLength(1);
});
