import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededIds } from '../../src/world/ids.ts';
import { openAfter } from '../../test/crash/cuts/power.ts';
import { mayTrace, traceWriter } from '../../test/crash/cuts/trace.ts';
import { type Proof, type Row, timed } from './proof.ts';

type Asked = {
  readonly cuts: number;
  readonly seed: string /** What Node is told before the writer. */;
  readonly node?: readonly string[];
  readonly say?: (line: string) => void;
};

const EVERY = 50;

/** Switches the current off at random places of what a busy store asks of its disk, and opens what a disk may have then. */
export async function proveCuts({ cuts, seed, node = [], say = () => {} }: Asked): Promise<Row> {
  const again = `npm run prove -- --only "power cuts" --cuts ${cuts} --from-seed ${seed}`;
  const named = { proof: 'power cuts', lost: 0, twice: 0, wrong: 0, lines: [], again } as const;
  if (!mayTrace) return { ...named, counts: [], seconds: 0, skipped: 'needs strace, which is not installed here' };
  const folder = mkdtempSync(join(tmpdir(), 'salvor-power-'));
  try {
    return await timed(async () => {
      const steps = await traceWriter(folder, node);
      const opened = steps.findIndex((step) => step.do === 'say' && step.line === 'opened');
      const ids = seededIds(seed);
      let [lost, wrong, acknowledged, open] = [0, 0, 0, 0];
      const lines: string[] = [];
      for (let cut = 1; cut <= cuts; cut += 1) {
        // A store that nobody was told of may be made anew.
        const upTo = opened + 1 + Math.floor(ids.random() * (steps.length - opened));
        const found = await openAfter(steps, upTo, ids);
        acknowledged += found.acknowledged;
        open += found.open;
        lost += found.lost;
        wrong += found.wrong.length;
        if (found.lost + found.wrong.length > 0 && lines.length < 20)
          lines.push(`behind step ${upTo} of ${steps.length}: ${found.lost} lost; ${found.wrong.join('; ')}`);
        if (cut % EVERY === 0) say(`${cut} of ${cuts} cuts, ${lost} lost, ${wrong} wrong`);
      }
      const syncs = steps.filter((step) => step.do === 'sync').length;
      const counts = [
        ['cuts', cuts],
        ['acknowledged and looked for', acknowledged],
        ['writes in the air', open],
        ['syncs', syncs],
      ] as const;
      return { ...named, counts, lost, wrong, lines };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const cutsProof: Proof = {
  name: 'power cuts',
  claim: 'What the embedded store acknowledged survives a power cut at any moment, whatever the disk makes of writes that were not synced',
  run: ({ cuts, seed }, say) => proveCuts({ cuts, seed, say }),
};
