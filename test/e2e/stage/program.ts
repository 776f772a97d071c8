import { type ChildProcess, spawn } from 'node:child_process';

export type Ended = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** A program of its own, beside the test: known by its pid, stopped by its pid. */
export type Program = {
  readonly name: string;
  readonly pid: number;
  /** Everything it has said so far, on both outputs. */
  readonly log: () => string;
  readonly isRunning: () => boolean;
  readonly ended: Promise<Ended>;
  readonly signal: (signal: NodeJS.Signals) => void;
  /** SIGTERM, and SIGKILL where that is not enough. */
  readonly stop: () => Promise<Ended>;
};

const PATIENCE_MS = 26_000;

// A test run that is broken off leaves nothing behind.
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export function startProgram(name: string, command: string, args: readonly string[]): Program {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  running.add(child);
  for (const output of [child.stdout, child.stderr]) output.setEncoding('utf8').on('data', (text: string) => void said.push(text));
  const ended = new Promise<Ended>((resolve) => {
    const end = (outcome: Ended): void => {
      running.delete(child);
      resolve(outcome);
    };
    child.once('error', (error) => {
      said.push(`${name} did not start: ${error.message}\n`);
      end({ code: 127, signal: null });
    });
    child.once('close', (code, signal) => end({ code, signal }));
  });
  const signal = (which: NodeJS.Signals): void => {
    if (running.has(child)) child.kill(which);
  };
  return {
    name,
    pid: child.pid ?? 0,
    log: () => said.join(''),
    isRunning: () => running.has(child),
    ended,
    signal,
    async stop() {
      signal('SIGTERM');
      const timer = setTimeout(() => signal('SIGKILL'), PATIENCE_MS);
      const outcome = await ended;
      clearTimeout(timer);
      return outcome;
    },
  };
}
