import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/port/clock.ts';
import { silentLog } from '../../../src/port/log.ts';
import { INBOX, LEDGER } from '../../../src/port/store.ts';
import { openEmbedded } from '../../../src/store/embedded.ts';
import { closeAll, closeLater, scratchFolder } from '../../contract/store/drivers.ts';
import { acknowledged, type Started, start, WRITER } from './started.ts';

let running: Started | undefined;

afterEach(async () => {
  running?.child.kill('SIGKILL');
  await running?.ended;
  running = undefined;
  await closeAll();
});

/** A mount in a namespace of its own ends with the process; not every machine lets us. */
const mayMount = spawnSync('unshare', ['-m', 'sh', '-c', 'mount -t tmpfs -o size=1m none /mnt']).status === 0;
const mayLimit = process.platform === 'linux';

describe('a small disk', () => {
  test.skipIf(!mayMount)('refuses alerts when it is full, still deletes, takes alerts again with space, and loses nothing', { timeout: 60_000 }, async () => {
    const disk = scratchFolder();
    const script = 'mount -t tmpfs -o size=12m none "$0" && head -c 3000000 /dev/zero > "$0/ballast" && exec "$@"';
    const one = start('unshare', ['-m', 'sh', '-c', script, disk, process.execPath, WRITER, join(disk, 'store'), 'small-disk', join(disk, 'ballast')]);
    running = one;
    await one.until((line) => line === 'full');
    expect(await one.until((line) => line.startsWith('check'))).toBe('check true');
    const stored = acknowledged(one.lines).ids.length;
    expect(stored).toBeGreaterThan(100);
    expect(one.lines.filter((line) => line.startsWith('handled')).length).toBeGreaterThanOrEqual(Math.floor(stored / 2));
    one.child.stdin?.write('space\n');
    await one.ended;
    expect(acknowledged(one.lines).ids.length).toBe(stored + 1);
    expect(one.lines.at(-1)).toBe('check true');
    expect(one.lines.filter((line) => line.startsWith('failed'))).toEqual([]);
  });

  test.skipIf(!mayLimit)(
    'that fails a write ends the store, which tells its program; what was acknowledged is there at the next start',
    { timeout: 30_000 },
    async () => {
      const path = scratchFolder();
      // A limit on the file size makes a write fail like a broken disk: not "full", and not to be tried again.
      const one = start('bash', ['-c', `trap '' XFSZ; ulimit -f 3000; exec "$0" "$@"`, process.execPath, WRITER, path]);
      running = one;
      await one.until((line) => line === 'failed store.damaged');
      await one.ended;
      const { ids, lastStep } = acknowledged(one.lines);
      expect(ids.length).toBeGreaterThan(50);

      const store = closeLater(await openEmbedded({ path, clock: systemClock, log: silentLog }));
      expect(await store.check()).toEqual({ ok: true, problems: [] });
      const missing = await Promise.all(ids.map(async (id) => (await store.get(INBOX, id)) === undefined));
      expect(missing.filter(Boolean)).toEqual([]);
      expect((await store.get('prod', 'prod/run'))?.seq).toBeGreaterThanOrEqual(lastStep);
      const { records } = await store.list({ kind: 'inbox', limit: 100_000 });
      expect(await store.counts(INBOX, [LEDGER.accepted])).toEqual([3 * records.length]);
    },
  );
});
