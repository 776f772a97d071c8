import { MessageChannel } from 'node:worker_threads';
import { CommanderError } from 'commander';
import type { Context } from './cli/context.ts';
import { printFault, wantsColour } from './cli/print.ts';
import { createProgram } from './cli/program.ts';
import { errorCode, errorText } from './model/error.ts';
import { systemClock } from './port/clock.ts';
import { systemIds } from './port/ids.ts';

/**
 * The `salvor` command: words and environment in, an exit code out. Signals and the end of the program are here and nowhere else.
 * Each command is loaded when it is called, so that one which only asks a server starts at once.
 */

const words = process.argv.slice(2);
const { env: environment, stdin, stdout, stderr } = process;

/** Answers with the code and ends as soon as nothing is left to write; at the latest a moment later. */
function end(code: number): void {
  process.exitCode = code;
  alive.close();
  // The timer holds nothing: it only fires where something else does.
  systemClock.after(1000, () => process.exit());
}

// Timers of the clock hold nothing: without this, a command that only waits for its time would end early.
const alive = new MessageChannel().port1;
alive.ref();

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

try {
  if (words[0] === '--version' || words[0] === '-V') {
    const { VERSION } = await import('./serve/version.ts');
    context.io.stdout(`${VERSION}\n`);
    end(0);
  } else await createProgram({ context, end }).parseAsync(words, { from: 'user' });
} catch (error) {
  if (error instanceof CommanderError) {
    // It has said what is wrong, or shown the help that was asked for.
    end(error.exitCode === 0 ? 0 : 2);
  } else {
    printFault(context.io, `salvor: ${errorText(error)}`);
    if (errorCode(error) === 'internal' && error instanceof Error && environment['SALVOR_DEBUG'] !== undefined) stderr.write(`${error.stack ?? ''}\n`);
    end(errorCode(error) === 'config.invalid' ? 2 : 1);
  }
}
