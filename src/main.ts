import { MessageChannel } from 'node:worker_threads';
import type { Context } from './cli/context.ts';
import { wantsColour } from './cli/print.ts';
import { salvor } from './cli/salvor.ts';
import { systemClock } from './port/clock.ts';
import { systemIds } from './port/ids.ts';

/** The `salvor` command: words and environment in, an exit code out. Signals and the end of the program are here and nowhere else. */

const words = process.argv.slice(2);
const { env: environment, stdin, stdout, stderr } = process;

let stopping: AbortController | undefined;

/** The first signal asks to stop; a second one ends at once. */
function stop(): AbortSignal {
  if (stopping !== undefined) return stopping.signal;
  const asked = new AbortController();
  stopping = asked;
  for (const [signal, code] of [
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const) {
    process.on(signal, () => {
      if (asked.signal.aborted) process.exit(code);
      asked.abort();
    });
  }
  return asked.signal;
}

// A reader that has seen enough (`salvor runs | head`) is no fault.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

const context: Context = {
  io: {
    stdout: (text) => void stdout.write(text),
    stderr: (text) => void stderr.write(text),
    colour: wantsColour({ noColor: words.includes('--no-color'), environment, isTerminal: stdout.isTTY }),
  },
  environment,
  clock: systemClock,
  ids: systemIds,
  stop,
  stdin,
};

// Timers of the clock hold nothing: without this, a command that only waits for its time would end early.
const alive = new MessageChannel().port1;
alive.ref();
process.exitCode = await salvor(words, context);
alive.close();
// What is written is out before a program ends by itself. This timer holds nothing, so it only fires where something else does.
systemClock.after(1000, () => process.exit());
