import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { isInstalled } from '../../redis/server.ts';
import { WRITER } from '../store/started.ts';

/** What the writer asked of the disk, and what it said meanwhile, in one order. */
export type Step =
  | { readonly do: 'write'; readonly file: string; readonly at: number; readonly bytes: Buffer }
  | { readonly do: 'cut'; readonly file: string; readonly length: number }
  | { readonly do: 'remove'; readonly file: string }
  /** All that was written to the file before `upTo` is on the disk for good. */
  | { readonly do: 'sync'; readonly file: string; readonly upTo: number }
  | { readonly do: 'say'; readonly line: string };

export const mayTrace = process.platform === 'linux' && isInstalled('strace');

const CALLS = 'trace=pwrite64,write,fsync,fdatasync,ftruncate,unlink';
/** Longer than any write of the store. */
const LONGEST = 2 ** 21;

/** Lets the writer of the crash tests work in a folder until it ends by itself, and listens to it and to the kernel. `node`: what Node is told before it. */
export async function traceWriter(folder: string, node: readonly string[] = []): Promise<readonly Step[]> {
  const file = join(folder, 'trace');
  const store = join(folder, 'store');
  const args = ['-f', '-y', '-xx', '-s', String(LONGEST), '-e', CALLS, '-o', file, process.execPath, ...node, WRITER, store, 'small-log'];
  const child = spawn('strace', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.resume();
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`the writer ended with ${String(code)}`);
  return readTrace(file, store);
}

const CALL = /^(\d+) +(\w+)\((\d+)<((?:\\x..)*)>(?:, (.*)|[) ].*)$/;
const UNLINK = /^\d+ +unlink\("((?:\\x..)*)"/;
const RESUMED = /^(\d+) +<\.\.\. (?:fsync|fdatasync) resumed>/;

async function readTrace(trace: string, folder: string): Promise<readonly Step[]> {
  const steps: Step[] = [];
  const syncing = new Map<string, Extract<Step, { do: 'sync' }>>();
  for await (const line of createInterface({ input: createReadStream(trace) })) {
    const resumed = RESUMED.exec(line)?.[1];
    const over = resumed === undefined ? undefined : syncing.get(resumed);
    if (over !== undefined) steps.push(over);
    const removed = UNLINK.exec(line)?.[1];
    if (removed !== undefined) steps.push({ do: 'remove', file: basename(unescaped(removed).toString()) });
    const [, pid = '', call = '', fd = '', path = '', rest = ''] = CALL.exec(line) ?? [];
    const name = unescaped(path).toString();
    const file = basename(name);
    const isOurs = name.startsWith(`${folder}/`);
    if (fd === '1' && call === 'write') for (const said of bytesIn(rest).toString().trim().split('\n')) steps.push({ do: 'say', line: said });
    else if (!isOurs) continue;
    else if (call === 'pwrite64') steps.push({ do: 'write', file, at: numberIn(/, (\d+)(?:\)| <unf)/.exec(rest)), bytes: bytesIn(rest) });
    else if (call === 'ftruncate') steps.push({ do: 'cut', file, length: numberIn(/^(\d+)/.exec(rest)) });
    else if (call.endsWith('sync')) {
      const sync = { do: 'sync', file, upTo: steps.length } as const;
      if (line.includes('<unfinished')) syncing.set(pid, sync);
      else steps.push(sync);
    }
  }
  return steps;
}

const bytesIn = (rest: string): Buffer => unescaped(/^"((?:\\x..)*)"/.exec(rest)?.[1] ?? '');

function unescaped(text: string): Buffer {
  return Buffer.from(text.replaceAll('\\x', ''), 'hex');
}

function numberIn(match: RegExpExecArray | null): number {
  return z.coerce.number().parse(match?.[1]);
}
