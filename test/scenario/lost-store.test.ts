import { expect, test } from 'vitest';
import { openScene } from './scene.ts';

const SHOP = {
  nodes: [{ name: 'w1' }],
  objects: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'prices', namespace: 'shop' }, data: { apple: '3' } }],
  schedules: [{ name: 'daily', cron: '0 2 * * *', template: { includedNamespaces: ['shop'] } }],
  backups: [{ name: 'daily-20261121020000', schedule: 'daily', ago: '10h' }],
};

test('where the store was lost, what a run of the same name restored before it is not taken for the work of the new one', async () => {
  const { start, pass, kill, state, run, approve, writes } = openScene({ world: SHOP });
  const beside = { into: 'shop-copy', from: 'shop' };
  await start('ana', 'restore-namespace', beside);
  await pass('1m');
  const before = await run();
  await approve('ben');
  await pass('10m');
  expect((await run()).state).toBe('done');
  expect(writes().filter((write) => write.startsWith('create Restore/'))).toHaveLength(1);

  kill();
  for (const lost of [state.records, state.mail, state.entries, state.counts]) lost.clear();
  kill();
  await start('ana', 'restore-namespace', beside);
  await pass('1m');
  const again = await run();
  expect(again.id).toBe(before.id);
  expect(again.state).toBe('proposed');
  expect(again.digest).not.toBe(before.digest);
});
