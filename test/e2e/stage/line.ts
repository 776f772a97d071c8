import { connect, createServer, type Socket } from 'node:net';

/**
 * A wire between two programs, which keeps its own address while the program behind it comes and goes with addresses of its own. It can be held:
 * what is sent arrives when it is let go. With nobody behind it, it hangs up.
 */
export type Line = {
  readonly port: number;
  /** Who answers from now on; undefined: nobody. */
  readonly to: (port: number | undefined) => void;
  readonly hold: () => void;
  readonly letGo: () => void;
  /** Connections with something to say that wait. */
  readonly waiting: () => number;
  /** The first bytes of the next answer that passes; whoever awaits it knows before the asker does. */
  readonly nextAnswer: (told: (beginning: string) => void) => void;
  readonly close: () => Promise<void>;
};

export async function openLine(): Promise<Line> {
  let behind: number | undefined;
  let isHeld = false;
  const held = new Map<Socket, Buffer[]>();
  const open = new Set<Socket>();
  let tell: ((beginning: string) => void) | undefined;

  const server = createServer((asker) => {
    if (behind === undefined) {
      asker.resetAndDestroy();
      return;
    }
    const answerer = connect(behind, '127.0.0.1');
    const hangUp = (): void => {
      held.delete(answerer);
      for (const socket of [asker, answerer]) {
        open.delete(socket);
        socket.destroy();
      }
    };
    for (const socket of [asker, answerer]) {
      open.add(socket);
      socket.on('error', hangUp).on('close', hangUp);
    }
    asker.on('data', (chunk: Buffer) => {
      if (isHeld) held.set(answerer, [...(held.get(answerer) ?? []), chunk]);
      else answerer.write(chunk);
    });
    answerer.on('data', (chunk: Buffer) => {
      const told = tell;
      tell = undefined;
      told?.(chunk.toString('latin1'));
      asker.write(chunk);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const at = server.address();
  if (at === null || typeof at === 'string') throw new Error('the line has no port');
  return {
    port: at.port,
    to(port) {
      behind = port;
      if (port === undefined) for (const socket of open) socket.destroy();
    },
    hold() {
      isHeld = true;
    },
    letGo() {
      isHeld = false;
      for (const [answerer, chunks] of held) for (const chunk of chunks) answerer.write(chunk);
      held.clear();
    },
    waiting: () => held.size,
    nextAnswer(told) {
      tell = told;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}
