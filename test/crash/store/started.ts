import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The writer in a process of its own, and what it said so far. */
export type Started = {
  readonly child: ChildProcess;
  readonly lines: readonly string[];
  /** Resolves when a line passes the test; rejects when the process ends first. */
  readonly until: (test: (line: string) => boolean) => Promise<string>;
  readonly ended: Promise<void>;
};

export const WRITER = join(import.meta.dirname, 'writer.ts');

export function start(command: string, args: readonly string[]): Started {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines: string[] = [];
  const waiting = new Set<(line: string) => void>();
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => {
    lines.push(line);
    for (const tell of waiting) tell(line);
  });
  const ended = Promise.all([new Promise((resolve) => child.once('exit', resolve)), new Promise((resolve) => reader.once('close', resolve))]).then(
    () => undefined,
  );
  const until = (test: (line: string) => boolean): Promise<string> => {
    const early = lines.find(test);
    if (early !== undefined) return Promise.resolve(early);
    return new Promise((resolve, reject) => {
      const tell = (line: string): void => {
        if (!test(line)) return;
        waiting.delete(tell);
        resolve(line);
      };
      waiting.add(tell);
      void ended.then(() => reject(new Error(`the writer ended before: ${lines.slice(-5).join(' | ')}`)));
    });
  };
  return { child, lines, until, ended };
}

/** What the writer was told is stored: webhooks, and the last step of the run. */
export function acknowledged(lines: readonly string[]): { readonly ids: readonly string[]; readonly lastStep: number } {
  const words = lines.map((line) => line.split(' '));
  const ids = words.flatMap(([verb, what]) => (verb === 'accepted' && what !== undefined ? [what] : []));
  const steps = words.flatMap(([verb, what]) => (verb === 'appended' ? [Number(what)] : []));
  return { ids, lastStep: Math.max(0, ...steps) };
}
