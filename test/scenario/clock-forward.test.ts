import { expect, test } from 'vitest';
import { DAILY_FAILED, failedNight, openScene } from './scene.ts';

test('when the wall clock is set forward by hours, what is due by then is done within minutes', async () => {
  const scene = openScene({ world: failedNight('server-restarted') });
  await scene.alert(DAILY_FAILED);
  await scene.pass('30s');
  expect((await scene.run()).state).toBe('proposed');
  scene.clock.jump(2 * 3_600_000);
  await scene.pass('6m');
  // Its hour is over: people are called, and an approval would be for nothing.
  expect(scene.pages().length).toBeGreaterThan(0);
  expect(scene.writes()).toEqual([]);
});
