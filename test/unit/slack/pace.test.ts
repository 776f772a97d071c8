import { expect, test } from 'vitest';
import { pace } from '../../../src/slack/pace.ts';
import { virtualClock } from '../../../src/world/clock.ts';

const post = { queue: 'C1', everyMs: 1000, burst: 0 };

test('who comes first goes first, each at the pace; who is told to wait comes back to a turn of their own', async () => {
  const clock = virtualClock();
  const { take } = pace(clock);
  const take1 = (who: string, urgent = false) => take({ ...post, who, urgent });
  expect([take1('a'), take1('b'), take1('c')]).toEqual([0, 1000, 2000]);
  await clock.pass(1000);
  expect([take1('c'), take1('b')]).toEqual([1000, 0]);
  await clock.pass(1000);
  expect(take1('c')).toBe(0);
});

test('what is urgent goes before all that wait, and they one later', async () => {
  const clock = virtualClock();
  const { take } = pace(clock);
  const take1 = (who: string, urgent = false) => take({ ...post, who, urgent });
  expect([take1('a'), take1('b'), take1('c'), take1('urgent', true)]).toEqual([0, 1000, 2000, 1000]);
  await clock.pass(1000);
  expect([take1('b'), take1('urgent', true)]).toEqual([1000, 0]);
  await clock.pass(1000);
  expect(take1('b')).toBe(0);
});

test('who does not come back holds nobody up for long; other queues know nothing of it', async () => {
  const clock = virtualClock();
  const { take } = pace(clock);
  take({ ...post, who: 'a', urgent: false });
  take({ ...post, who: 'gone', urgent: true });
  await clock.pass(1000);
  expect(take({ ...post, who: 'b', urgent: false })).toBe(1000);
  await clock.pass(3000);
  expect(take({ ...post, who: 'b', urgent: false })).toBe(0);
  expect(take({ queue: 'C2', everyMs: 1000, burst: 0, who: 'b', urgent: false })).toBe(0);
});

test('a burst is let through, and then the pace is kept', () => {
  const { take } = pace(virtualClock());
  const edit = (who: string) => take({ queue: 'edits', everyMs: 1000, burst: 2, who, urgent: false });
  expect([edit('a'), edit('b'), edit('c'), edit('d')]).toEqual([0, 0, 0, 1000]);
});
