/**
 * Eight hours of mixed load in as long as they take: 30 alerts a minute, 8 of them with an automatic run, 2 with one that ana approves, 20 that no
 * playbook answers, each resolved five minutes later; history is kept for an hour. The whole application on the embedded store in one process, with a
 * clock that passes when nothing is left to do. No sockets are in it, and the simulated cluster shares its memory. Growth is the eighth hour beside
 * the fourth. Once, not in rounds.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from '../child.ts';
import { type Line, PROMISES, type Work } from '../work.ts';

const HOURS = [1, 2, 3, 4, 5, 6, 7, 8];
const MB = 1e6;
/** As `src/cli/heap.ts` keeps the server's; and what is alive can be told from what is not collected yet. */
const HEAP = ['--heap-growing-percent=30', '--max-semi-space-size=4', '--semi-space-growth-factor=1', '--expose-gc'];

export const day: Work = {
  name: 'day',
  about: 'Eight hours of mixed load by a fast clock, history kept for an hour, in one process on the embedded store.',
  lines: [
    ...PROMISES,
    { figure: 'heapGrowth', what: 'live memory after 8 hours, beside 4 hours', unit: '×', targets: [{ atMost: 1.1 }] },
    { figure: 'rssGrowth', what: 'resident memory after 8 hours, beside 4 hours', unit: '×', targets: [{ atMost: 1.1 }] },
    { figure: 'storeGrowth', what: 'the store after 8 hours, beside 4 hours', unit: '×', targets: [{ atMost: 1.1 }] },
    ...HOURS.flatMap((hour): readonly Line[] => [
      { figure: `rss ${hour}`, what: `resident memory, hour ${hour}`, unit: 'MB', digits: 0 },
      { figure: `store ${hour}`, what: `the store, hour ${hour}`, unit: 'MB', digits: 1 },
    ]),
  ],
  boundS: 300,
  once: true,
  async open({ many, scope, tell }) {
    const hours = many(8, 2);
    return async () => {
      const folder = mkdtempSync(join(tmpdir(), 'salvor-bench-day-'));
      scope.onClose(() => rmSync(folder, { recursive: true, force: true }));
      const child = startChild(scope, 'day.ts', { args: [folder, String(hours)], node: HEAP });
      const figures: Record<string, number> = {};
      const heap: number[] = [];
      for (const hour of HOURS.slice(0, hours)) {
        const { rss, heapUsed, storeBytes } = await child.hear(`hour ${hour}`);
        tell(`hour ${hour}`);
        heap.push(Number(heapUsed));
        figures[`rss ${hour}`] = Number(rss) / MB;
        figures[`store ${hour}`] = Number(storeBytes) / MB;
      }
      const { lost, twice } = await child.hear('over');
      await child.ended;
      const half = Math.ceil(hours / 2);
      const grown = (what: string): number => (figures[`${what} ${hours}`] ?? Number.NaN) / (figures[`${what} ${half}`] ?? Number.NaN);
      return {
        embedded: {
          ...figures,
          lost: Number(lost),
          twice: Number(twice),
          rssGrowth: grown('rss'),
          storeGrowth: grown('store'),
          heapGrowth: (heap[hours - 1] ?? Number.NaN) / (heap[half - 1] ?? Number.NaN),
        },
      };
    };
  },
};
