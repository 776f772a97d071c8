import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../../src/port/clock.ts';
import { silentLog } from '../../../src/port/log.ts';
import { openEmbedded } from '../../../src/store/embedded.ts';
import { closeAll, closeLater, scratchFolder, webhook } from '../../contract/store/drivers.ts';
import { start } from './started.ts';

const MIGRATOR = join(import.meta.dirname, 'migrator.ts');

afterEach(closeAll);

test('killed in the middle of a migration, the file is as it was, and opens with what it had', { timeout: 60_000 }, async () => {
  const path = scratchFolder();
  const before = await openEmbedded({ path, clock: systemClock, log: silentLog });
  const { id } = await before.accept(webhook());
  const stored = await before.get('inbox', id);
  await before.close();

  for (const afterMs of [0, 20, 60, 150, 400]) {
    const { child, until, lines, ended } = start(process.execPath, [MIGRATOR, join(path, 'salvor.db'), '100000000']);
    await until((line) => line === 'migrating');
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    child.kill('SIGKILL');
    await ended;
    expect(lines).toEqual(['migrating']);
    const store = await openEmbedded({ path, clock: systemClock, log: silentLog });
    expect(await store.get('inbox', id)).toEqual(stored);
    expect(await store.check()).toEqual({ ok: true, problems: [] });
    await store.close();
  }

  // Left alone it gets there, and then this version is the older one.
  const whole = start(process.execPath, [MIGRATOR, join(path, 'salvor.db'), '10']);
  await whole.ended;
  expect(whole.lines).toEqual(['migrating', 'migrated']);
  await expect(openEmbedded({ path, clock: systemClock, log: silentLog }).then(closeLater)).rejects.toThrow('The store was written by a newer Salvor');
});
