import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/port/clock.ts';
import { systemIds } from '../../src/port/ids.ts';
import { silentLog } from '../../src/port/log.ts';
import type { Store } from '../../src/port/store.ts';
import { openEmbedded } from '../../src/store/embedded.ts';
import { openRedis } from '../../src/store/redis.ts';
import type { Point } from '../../test/crash/every/death.ts';
import { tellOn } from '../../test/crash/every/on-drivers.ts';
import { isInstalled } from '../../test/redis/server.ts';
import { oneServer } from '../../test/redis/sites.ts';
import { type Proof, timed } from './proof.ts';

/** A driver, and stores of their own on it; each is opened again and again. */
type Driver = {
  readonly name: string;
  readonly store: (of: string) => () => Promise<Store> /** Stories that wait for a lease most of the time may do so together. */;
  readonly atOnce: number;
};

const EVERY = 25;
const base = { clock: systemClock, log: silentLog };

/** Every commit of a whole incident with an approval, on the drivers that are served, in real time. */
export const driversProof: Proof = {
  name: 'both drivers',
  claim: 'Killed before and behind each commit of an incident with an approval, on the embedded store and on Redis, it ends as without the crash',
  run: ({ part }, say) =>
    timed(async () => {
      const folder = mkdtempSync(join(tmpdir(), 'salvor-drivers-'));
      const redis = isInstalled('redis-server') ? await oneServer() : undefined;
      const drivers: readonly Driver[] = [
        { name: 'embedded', atOnce: 2, store: (of) => () => openEmbedded({ ...base, path: join(folder, of) }) },
        ...(redis === undefined
          ? []
          : [{ name: 'redis', atOnce: 8, store: (of: string) => () => openRedis({ ...base, ids: systemIds, place: redis.place, prefix: of }) }]),
      ];
      const lines: string[] = redis === undefined ? ['redis-server is not installed here: the embedded store alone'] : [];
      let [kills, commits, different] = [0, 0, 0];
      try {
        for (const { name, store, atOnce } of drivers) {
          const told = await tellOn(store('told'));
          commits += told.commits;
          const all: readonly Point[] = Array.from({ length: told.commits }, (_, at) => at + 1).flatMap((commit) => [
            { commit, side: 'before' },
            { commit, side: 'behind' },
          ]);
          // A smaller part is every so manyth, from the first to the last.
          const points = all.filter((_, at) => Math.floor((at + 1) * part) > Math.floor(at * part));
          const left = [...points];
          const worker = async (): Promise<void> => {
            for (let point = left.shift(); point !== undefined; point = left.shift()) {
              const crashed = await tellOn(store(`${point.side}-${point.commit}`), point).catch((error: unknown) => ({ end: String(error), died: true }));
              if (!crashed.died) continue;
              kills += 1;
              if (kills % EVERY === 0) say(`${name}: ${points.length - left.length} of ${points.length} kills, ${different} different`);
              if (JSON.stringify(crashed.end) === JSON.stringify(told.end)) continue;
              different += 1;
              lines.push(`${name}, ${point.side} commit ${point.commit}: ${JSON.stringify(crashed.end)}`);
            }
          };
          await Promise.all(Array.from({ length: atOnce }, worker));
          say(`${name}: ${points.length} kills, ${different} different`);
        }
      } finally {
        await redis?.end();
        rmSync(folder, { recursive: true, force: true });
      }
      const counts = [
        ['kills', kills],
        ['commits', commits],
        ['drivers', drivers.length],
      ] as const;
      return { proof: 'both drivers', counts, lost: 0, twice: 0, wrong: different, lines: lines.slice(0, 20), again: 'npm run prove -- --only "both drivers"' };
    }),
};
