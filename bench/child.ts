import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';

/** A program of this folder in a process of its own, and what it says. */
export type Child = {
  readonly pid: number;
  /** The next message of this kind. */
  readonly hear: (is: string) => Promise<Message>;
  readonly say: (text: string) => void;
  readonly ended: Promise<number | null>;
  /** Lets go: our programs end when their parent is gone. */
  readonly letGo: () => void;
};
export type Message = { readonly [field: string]: unknown };

/** `log`: where its standard output goes; absent: nowhere. `node`: options for Node itself. */
export function startChild(
  program: string,
  args: readonly string[],
  { log, node = [] }: { readonly log?: string; readonly node?: readonly string[] } = {},
): Child {
  const out = log === undefined ? 'ignore' : openSync(log, 'a');
  const child: ChildProcess = spawn(process.execPath, [...node, join(import.meta.dirname, program), ...args], { stdio: ['ignore', out, 'inherit', 'ipc'] });
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
  return {
    pid: child.pid ?? 0,
    say: (text) => void child.send(text),
    ended,
    letGo: () => child.disconnect(),
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
