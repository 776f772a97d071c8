import { describe, expect, test } from 'vitest';
import type { Store } from '../../../src/port/store.ts';
import { stage } from './stage.ts';

const PLAYBOOK = `
diagnose: [{ id: look, action: test.look }]
stages: [{ id: do, steps: [{ id: one, action: test.write }] }]
`;

/** A run that waits for half a minute, on a store whose clock is another one; how often the store is asked for work meanwhile. */
async function waiting(aheadMs: number) {
  let claims = 0;
  const counting = (store: Store): Store => ({
    ...store,
    claim(request) {
      claims += 1;
      return store.claim(request);
    },
  });
  const on = await stage({
    playbook: PLAYBOOK,
    around: () => ({ store: counting, clock: (clock) => ({ ...clock, nowMs: () => clock.nowMs() - aheadMs }) }),
  });
  on.set('finding', { kind: 'wait' });
  const id = await on.start();
  await on.clock.pass(60_000);
  const asked = claims;
  on.set('finding', { kind: 'act' });
  await on.clock.pass(120_000);
  return { asked, state: await on.state(id) };
}

describe('a store whose clock is a minute', () => {
  test('ahead is not asked for work all the time, and work goes on', async () => {
    const { asked, state } = await waiting(60_000);
    expect(state).toBe('proposed');
    expect(asked).toBeLessThan(200);
  });

  test('behind is not asked for work all the time, and work goes on', async () => {
    const { asked, state } = await waiting(-60_000);
    expect(state).toBe('proposed');
    expect(asked).toBeLessThan(4000);
  });
});
