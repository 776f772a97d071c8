import type { Clock } from '../port/clock.ts';
import type { Log, LogFacts } from '../port/log.ts';

export const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof LEVELS)[number];

export type LogDeps = {
  readonly clock: Clock;
  /** The server tells to stdout; the command line, whose answers are on stdout, to stderr. */
  readonly to: 'stdout' | 'stderr' | ((line: string) => void);
  /** The lowest level that is written; default `info`. */
  readonly level?: Level;
  /** Takes secrets out of a text. */
  readonly redact?: (text: string) => string;
};

/** A fact is short; what is longer is cut, and says so. */
const LONGEST = 4000;

/** The log as JSON lines: `{ at, level, name, … }`, one line a call, whatever is in the facts. It never throws: nothing may fail because it was told. */
export function createLog({ clock, to, level = 'info', redact = (text) => text }: LogDeps): Log {
  const write = typeof to === 'function' ? to : writerTo(to === 'stdout' ? process.stdout : process.stderr);
  const lowest = LEVELS.indexOf(level);
  const told =
    (own: Level) =>
    (name: string, facts: LogFacts = {}) => {
      if (LEVELS.indexOf(own) < lowest) return;
      try {
        write(lineOf({ at: clock.nowMs(), level: own, name, facts, redact }));
      } catch {
        tryWrite(write, `{"level":"error","name":"log.failed"}\n`);
      }
    };
  return { debug: told('debug'), info: told('info'), warn: told('warn'), error: told('error') };
}

type Line = { readonly at: number; readonly level: Level; readonly name: string; readonly facts: LogFacts; readonly redact: (text: string) => string };

function lineOf({ at, level, name, facts, redact }: Line): string {
  const cleaned = new Map<string, unknown>();
  for (const [key, value] of Object.entries(facts)) {
    if (value === undefined || key === 'at' || key === 'level' || key === 'name') continue;
    cleaned.set(key, typeof value === 'string' ? cut(redact(value)) : value);
  }
  // JSON writes line breaks of its own texts as \n, so this is one line.
  return `${JSON.stringify({ at: new Date(at).toISOString(), level, name: cut(name), ...Object.fromEntries(cleaned) })}\n`;
}

function cut(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}… (${text.length} characters)`;
}

const listening = new WeakSet<NodeJS.WriteStream>();

function writerTo(stream: NodeJS.WriteStream): (line: string) => void {
  // A reader that went away (a closed pipe) is no reason to end.
  if (!listening.has(stream)) stream.on('error', () => {});
  listening.add(stream);
  return (line) => void stream.write(line);
}

function tryWrite(write: (line: string) => void, line: string): void {
  try {
    write(line);
  } catch {
    // There is nobody left to tell.
  }
}
