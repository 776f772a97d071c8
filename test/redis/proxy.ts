import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A way to a server that loses answers: requests arrive, and now and then the connection is cut in place of the answer. */
export type Proxy = {
  readonly port: number;
  readonly cuts: () => number;
  /** From now on the answer to every n-th request that carries a script is lost; 0: none. */
  readonly cutEvery: (n: number) => void;
  readonly close: () => Promise<void>;
};

export async function lossyProxy(target: number): Promise<Proxy> {
  let every = 0;
  let asked = 0;
  let cuts = 0;
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    let isDoomed = false;
    const end = (): void => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', end);
      socket.on('close', () => {
        sockets.delete(socket);
        end();
      });
    }
    near.on('data', (chunk) => {
      if (/evalsha|eval\r/i.test(chunk.toString('latin1'))) asked += 1;
      // The request goes on in any case: what is lost is what Redis says to it.
      if (every > 0 && asked >= every && !isDoomed) {
        asked = 0;
        isDoomed = true;
      }
      far.write(chunk);
    });
    far.on('data', (chunk) => {
      if (!isDoomed) return void near.write(chunk);
      cuts += 1;
      end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    cuts: () => cuts,
    cutEvery: (n) => {
      every = n;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
