import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';

const Told = z.object({
  seed: z.number(),
  violation: z.object({ invariant: z.string(), words: z.string(), atMs: z.number() }).optional(),
  hash: z.string(),
  tasks: z.number(),
  commits: z.number(),
  writes: z.number(),
  ends: z.array(z.string()),
  faults: z.record(z.string(), z.number()),
  /** What its program has used until now. */
  cpuSeconds: z.number(),
});
export type Told = z.infer<typeof Told>;

/** Histories that were played, added up. */
export type Sum = {
  histories: number;
  tasks: number;
  commits: number;
  writes: number;
  readonly faults: Map<string, number>;
  readonly violations: Told[];
  cpuSeconds: number;
};

type Many = {
  readonly from: number;
  readonly count: number;
  readonly bug?: string;
  /** Told each history as it ends. */
  readonly told?: (sum: Sum) => void;
  /** True: the first violation is enough. */
  readonly onlyFirst?: boolean;
};

/** So many seeds are one program: a long life would keep what it has loaded, and a crash would cost them all. */
const AT_ONCE = 50;

/** Plays many histories in programs of their own, one on each processor. */
export async function playMany({ from, count, bug, told, onlyFirst = false }: Many): Promise<Sum> {
  const sum: Sum = { histories: 0, tasks: 0, commits: 0, writes: 0, faults: new Map(), violations: [], cpuSeconds: 0 };
  let next = from;
  const enough = (): boolean => onlyFirst && sum.violations.length > 0;
  const worker = async (): Promise<void> => {
    while (next < from + count && !enough()) {
      const first = next;
      const many = Math.min(AT_ONCE, from + count - first);
      next += many;
      await playSome([String(first), String(many), ...(bug === undefined ? [] : [bug])], (history) => {
        add(sum, history);
        told?.(sum);
        return enough();
      });
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, availableParallelism()) }, worker));
  return sum;
}

function playSome(args: readonly string[], hear: (history: Told) => boolean): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'histories.ts'), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let stopped = false;
  createInterface(child.stdout).on('line', (line) => {
    if (stopped || !hear(Told.parse(JSON.parse(line)))) return;
    stopped = true;
    child.kill();
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => (code === 0 || stopped ? resolve() : reject(new Error(`the histories ${args.join(' ')} ended with ${code}`))));
  });
}

function add(sum: Sum, history: Told): void {
  sum.histories += 1;
  sum.tasks += history.tasks;
  sum.commits += history.commits;
  sum.writes += history.writes;
  for (const [fault, times] of Object.entries(history.faults)) sum.faults.set(fault, (sum.faults.get(fault) ?? 0) + times);
  if (history.violation !== undefined) sum.violations.push(history);
}
