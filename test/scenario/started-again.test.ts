import { expect, test } from 'vitest';
import { DAILY_FAILED, openScene } from './scene.ts';

test('a run that waited when Salvor was started again hears of what changes in its cluster at once, and not at its next look', async () => {
  // The next scheduled backup is eight minutes away: until then there is nothing to look at.
  const scene = openScene({
    world: {
      namespaces: ['shop'],
      schedules: [{ name: 'daily', cron: '8 12 * * *', template: { includedNamespaces: ['shop'] } }],
      backups: [{ name: 'daily-20261120120800', schedule: 'daily', phase: 'Failed', reason: 'server-restarted', ago: '1432m' }],
    },
  });
  await scene.alert(DAILY_FAILED);
  await scene.pass('20s');
  expect((await scene.run()).state).toBe('waiting');
  scene.kill();
  await scene.pass('20s');
  // Somebody makes a backup by hand.
  scene.change({ backups: [{ name: 'by-hand', schedule: 'daily', phase: 'Completed', ago: '0s', namespaces: ['shop'], items: 214, volumes: 3 }] });
  await scene.pass('20s');
  expect((await scene.run()).state).toBe('recovered');
});
