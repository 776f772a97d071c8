import { expect, test } from 'vitest';
import { DAILY_FAILED, failedNight, openScene } from './scene.ts';

test('when a wall clock that ran an hour ahead is set right, what was put off meanwhile does not wait for that hour', async () => {
  const scene = openScene({ world: failedNight('server-restarted') });
  scene.clock.jump(3_600_000);
  scene.world.chat.behave('down');
  scene.world.pager.behave('down');
  await scene.alert(DAILY_FAILED);
  await scene.pass('30s');
  expect(scene.world.chat.messages()).toEqual([]);
  scene.clock.jump(-3_600_000);
  scene.world.chat.behave('up');
  scene.world.pager.behave('up');
  await scene.pass('1m');
  expect(scene.world.chat.messages().map(({ kind }) => kind)).toEqual(expect.arrayContaining(['card', 'approval']));
  await scene.approve('ana');
  await scene.pass('1m');
  expect(scene.writes().length).toBeGreaterThan(0);
});
