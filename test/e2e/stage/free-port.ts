import { createServer } from 'node:net';
import type { Program } from './program.ts';
import { until } from './until.ts';

const MOST_TRIES = 5;

/** Ports that nobody has at the moment. Held together until all are known, so that they differ. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer();
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => {
    const at = server.address();
    if (at === null || typeof at === 'string') throw new Error('a listening server has no port');
    return at.port;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Starts a program that cannot say which port it took: on free ones, again where somebody else was quicker, until it answers. */
export async function startOnFreePorts(
  start: (ports: readonly number[]) => { readonly program: Program; readonly readyUrl: string },
  { ports: count = 1 } = {},
): Promise<{ readonly program: Program; readonly ports: readonly number[] }> {
  for (let tries = 1; ; tries += 1) {
    const ports = await freePorts(count);
    const { program, readyUrl } = start(ports);
    const isReady = await until(`${program.name} is ready`, async () => {
      if (!program.isRunning()) return 'ended' as const;
      return (await fetch(readyUrl)).ok && ('ready' as const);
    }).catch(() => 'silent' as const);
    if (isReady === 'ready') return { program, ports };
    await program.stop();
    const isTaken = program.log().includes('address already in use');
    if (!isTaken || tries === MOST_TRIES) throw new Error(`${program.name} did not start:\n${program.log()}`);
  }
}
