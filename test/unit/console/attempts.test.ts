import { expect, test } from 'vitest';
import { slowAttempts } from '../../../src/console/attempts.ts';
import { manualClock } from '../kube/manual-clock.ts';

test('an address has 20 wrong tokens a second, others wait for nobody, and nothing of it stays', async () => {
  const clock = manualClock();
  const attempts = slowAttempts(clock);
  const answers = Array.from({ length: 20 }, () => attempts.wrong('a'));
  expect([attempts.mayTry('a'), attempts.mayTry('b')]).toEqual([false, true]);
  let isAnswered = false;
  const all = Promise.all(answers).then(() => {
    isAnswered = true;
  });
  await clock.pass(999);
  expect(isAnswered).toBe(false);
  await clock.pass(1);
  await all;
  expect(attempts.mayTry('a')).toBe(true);
});
