import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import type { Scope } from './scope.ts';

/** A program of this folder in a process of its own, and what it says. */
export type Child = {
  readonly pid: number;
  /** The next message of this kind. */
  readonly hear: (is: string) => Promise<Message>;
  readonly say: (text: string) => void;
  readonly ended: Promise<number | null>;
  /** As a crash would end it. */
  readonly kill: () => Promise<void>;
  /** Lets go: our programs end when their parent is gone. */
  readonly letGo: () => void;
};
export type Message = { readonly [field: string]: unknown };

type ChildOptions = {
  readonly args?: readonly string[];
  /** Where its standard output goes; absent: nowhere. */
  readonly log?: string;
  /** Options for Node itself. */
  readonly node?: readonly string[];
};

/** `program`: a file of `bench/programs`. It is killed when the scope closes, where it runs still. */
export function startChild(scope: Scope, program: string, { args = [], log, node = [] }: ChildOptions = {}): Child {
  const out = log === undefined ? 'ignore' : openSync(log, 'a');
  const file = join(import.meta.dirname, 'programs', program);
  // As the launcher starts a server.
  const env = { MALLOC_ARENA_MAX: '1', ...process.env };
  const child: ChildProcess = spawn(process.execPath, [...node, file, ...args], { stdio: ['ignore', out, 'inherit', 'ipc'], env });
  const listeners = new Map<string, ((message: Message) => void)[]>();
  const early = new Map<string, Message>();
  child.on('message', (message) => {
    if (typeof message !== 'object' || message === null || !('is' in message)) return;
    const is = String(message.is);
    const waiting = listeners.get(is);
    if (waiting === undefined) early.set(is, { ...message });
    else for (const listener of waiting) listener({ ...message });
    listeners.delete(is);
  });
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const kill = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
  };
  scope.onClose(kill);
  return {
    pid: child.pid ?? 0,
    // Whoever is gone hears nothing.
    say: (text) => void (child.connected && child.send(text, () => undefined)),
    ended,
    kill,
    letGo: () => void (child.connected && child.disconnect()),
    hear(is) {
      const said = early.get(is);
      early.delete(is);
      if (said !== undefined) return Promise.resolve(said);
      return new Promise((resolve, reject) => {
        listeners.set(is, [...(listeners.get(is) ?? []), resolve]);
        void ended.then((code) => reject(new Error(`${program} ended with ${code}`)));
      });
    },
  };
}
