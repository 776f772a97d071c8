import { expect, test } from 'vitest';
import { SalvorError } from '../../../src/model/error.ts';
import type { Store } from '../../../src/port/store.ts';
import { stage } from './stage.ts';

const WRITES_ONE = 'stages: [{ id: do, steps: [{ id: one, action: test.write }] }]';
const WAITS = `
stages:
  - { id: do, steps: [{ id: one, action: test.write }] }
  - { id: wait, await: { action: test.ready, within: 1h } }
`;

/** A store that does not answer the first time that a lock would be given back. */
function refusingOnce() {
  let refused = 0;
  const around = (store: Store): Store => ({
    ...store,
    async commit(commit) {
      if (refused === 0 && commit.changes.some((change) => change.do === 'delete' && change.id.startsWith('lock/'))) {
        refused += 1;
        throw new SalvorError('store.unavailable', 'The store does not answer', { retry: 'later' });
      }
      return store.commit(commit);
    },
  });
  return { around, refused: () => refused };
}

test('an end is stored together with all that it gives back, or not at all', async () => {
  const { around, refused } = refusingOnce();
  const on = await stage({ playbook: WRITES_ONE, around: () => ({ store: around }) });
  const id = await on.start();
  await on.approve(id);
  await on.clock.pass(1000);
  expect(refused()).toBe(1);
  expect({ state: await on.state(id), locks: await on.locks() }).toEqual({ state: 'executing', locks: ['lock/prod/Target//thing'] });

  await on.clock.pass(9000);
  expect({ state: await on.state(id), locks: await on.locks() }).toEqual({ state: 'done', locks: [] });
  expect(on.sim().writes()).toHaveLength(1);
  expect(await on.lines(id, 'run.closing')).toEqual(['run.closing', 'run.ended']);
  // Its name is free again, too.
  expect(await on.start()).toMatch(/-2$/);
});

test('mail that comes behind the end of a run gives nothing back a second time', async () => {
  const on = await stage({ playbook: WAITS });
  const first = await on.start('lamp');
  await on.approve(first);
  const second = await on.start('shelf');
  await on.approve(second);
  await on.clock.pass(1000);
  await on.cancel(first);
  await on.clock.pass(1000);
  expect(await on.state(first)).toBe('cancelled');
  expect(await on.store().counts('prod', ['blast/targets'])).toEqual([1]);

  await on.tell(first, { kind: 'look', why: 'it is late' });
  await on.clock.pass(1000);
  expect(await on.store().counts('prod', ['blast/targets'])).toEqual([1]);
});
