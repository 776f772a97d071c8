import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { sleep, systemClock } from '../../src/port/clock.ts';

/** Whether a program is there at all. */
export function isInstalled(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
}

/** One server as a process of its own, with a folder of its own, on loopback. */
export type Server = {
  readonly port: number;
  readonly pid: number;
  /** Stops it as a fault would: no word to anybody, nothing written. */
  readonly kill: () => Promise<void>;
  /** Starts it again on the same port and folder. */
  readonly start: () => Promise<void>;
  readonly pause: () => void;
  readonly resume: () => void;
  /** Ends it and removes its folder. */
  readonly end: () => Promise<void>;
  readonly folder: string;
};

/** Safe for a store: what is answered is in the append-only file, and nothing is evicted. */
export const SAFE = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', '', '--maxmemory-policy', 'noeviction'];

export type StartOptions = {
  /** Writes a file of settings into its folder. */
  readonly settings?: (folder: string) => string;
  readonly program?: string;
  /** Speaks TLS on its port, and nothing else. */
  readonly tls?: boolean;
};

/** Starts one and waits until it answers. */
export async function startServer(args: readonly string[] = SAFE, { settings, program = 'redis-server', tls = false }: StartOptions = {}): Promise<Server> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'salvor-redis-'));
  const line = [
    ...(settings === undefined ? [] : [settings(folder)]),
    ...(tls ? ['--port', '0', '--tls-port', String(port)] : ['--port', String(port)]),
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--daemonize',
    'no',
    ...args,
  ];
  let child = await launch(program, line, port);
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill(signal);
    await exited;
  };
  return {
    port,
    get pid() {
      return child.pid ?? 0;
    },
    folder,
    kill: () => stop('SIGKILL'),
    start: async () => {
      child = await launch(program, line, port);
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    async end() {
      await stop('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function launch(program: string, args: readonly string[], port: number): Promise<ChildProcess> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  const failed = new Promise<never>((_, reject) => {
    child.once('error', (error) => reject(new Error(`${program} cannot be started (${error.message}): run scripts/install-redis.sh`)));
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code} while it started: ${said.join('').slice(-2000)}`)));
  });
  failed.catch(() => {});
  await Promise.race([failed, answers(port)]);
  return child;
}

async function answers(port: number): Promise<void> {
  await eventually(async () => {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return true;
    } finally {
      socket.destroy();
    }
  }, `a server on port ${port}`);
}

/** Looks until it is so; a look that throws is a no. */
export async function eventually(look: () => Promise<boolean>, what: string, withinMs = 30_000): Promise<void> {
  const endMs = systemClock.monotonicMs() + withinMs;
  while (!(await look().catch(() => false))) {
    if (systemClock.monotonicMs() > endMs) throw new Error(`${what} did not come within ${withinMs / 1000} s`);
    await sleep(systemClock, 20);
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Asks one server something, over a connection of its own. */
export async function askServer(port: number, command: string, ...args: readonly (string | number)[]): Promise<unknown> {
  const client = new Redis(port, '127.0.0.1', { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null });
  client.on('error', () => {});
  try {
    await client.connect();
    return await client.call(command, ...args);
  } finally {
    client.disconnect();
  }
}
