import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { type Proof, timed } from './proof.ts';

const PROGRAM = join(import.meta.dirname, '../../test/crash/every/killed.ts');

/** What one program says of one story. */
const Killed = z.object({ story: z.string(), commits: z.number(), kills: z.number(), different: z.array(z.string()) });

/** Kills Salvor before and behind the commits of every rehearsal of the shipped playbooks, in the simulated world, and compares how each story ends. */
export const rehearsalsProof: Proof = {
  name: 'every commit',
  claim:
    'Killed before and behind each commit of each rehearsal (of a long one: some 300 of them), a story ends as without the crash: each write once, the same timeline, an exact ledger',
  run: ({ part, seed }, say) =>
    timed(async () => {
      const programs = availableParallelism();
      const commits = new Map<string, number>();
      const lines: string[] = [];
      let kills = 0;
      const hear = (line: string): void => {
        const killed = Killed.parse(JSON.parse(line));
        commits.set(killed.story, killed.commits);
        kills += killed.kills;
        lines.push(...killed.different);
        say(`${kills} kills, ${lines.length} different: ${killed.story}`);
      };
      await Promise.all(Array.from({ length: programs }, (_, turn) => killSome([turn, programs, part, seed], hear)));
      const counts = [
        ['kills', kills],
        ['commits', [...commits.values()].reduce((sum, one) => sum + one, 0)],
        ['rehearsals', commits.size],
      ] as const;
      const again = `npm run prove -- --only "every commit" --part ${part} --from-seed ${seed}`;
      return { proof: 'every commit', counts, lost: 0, twice: 0, wrong: lines.length, lines: lines.slice(0, 20), again };
    }),
};

function killSome(args: readonly (string | number)[], hear: (line: string) => void): Promise<void> {
  const child = spawn(process.execPath, [PROGRAM, ...args.map(String)], { stdio: ['ignore', 'pipe', 'inherit'] });
  createInterface(child.stdout).on('line', hear);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`the stories ended with ${code}`))));
  });
}
