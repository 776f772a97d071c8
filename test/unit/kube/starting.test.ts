import { expect, test } from 'vitest';
import { startingDoubt } from '../../../src/kube/starting.ts';
import { SalvorError } from '../../../src/model/error.ts';
import { manualClock } from './manual-clock.ts';

const refused = new SalvorError('kube.forbidden', 'prod: pods is forbidden: User "salvor" cannot list resource "pods"');

test('a refusal of a server that is never ready is doubted for a minute, then believed', async () => {
  const clock = manualClock();
  const doubt = startingDoubt('prod', clock);
  expect(doubt.about(refused)).toMatchObject({
    code: 'kube.unavailable',
    retry: 'later',
    message: expect.stringMatching(/^prod: is not ready yet.*cannot list/),
  });
  await clock.pass(60_000);
  expect(doubt.about(refused).code).toBe('kube.unavailable');
  await clock.pass(1);
  expect(doubt.about(refused)).toBe(refused);
});

test('a server that went away meanwhile is doubted anew', async () => {
  const clock = manualClock();
  const doubt = startingDoubt('prod', clock);
  doubt.about(refused);
  await clock.pass(120_000);
  doubt.end();
  expect(doubt.about(refused).code).toBe('kube.unavailable');
});
