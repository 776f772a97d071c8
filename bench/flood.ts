import { connect, type Socket } from 'node:net';

export type Flood = {
  /** On the clock of `performance.now()`. */
  readonly startedMs: number;
  readonly perSecond: number;
  readonly latenciesMs: readonly number[];
  /** How often each status was answered. */
  readonly statuses: ReadonlyMap<number, number>;
  /** The same as `latenciesMs`, of the answers that had another status than 200. */
  readonly refusedMs: readonly number[];
};

type Options = {
  readonly url: string;
  readonly connections: number;
  readonly count: number;
  readonly body: (turn: number) => string;
  /** More header lines, each with its line end. */
  readonly headers?: string;
  /** Where each is posted; absent: the path of the url. */
  readonly path?: (turn: number) => string;
};

const END_OF_HEAD = '\r\n\r\n';

/**
 * Posts over so many connections that stay open, the next on each as soon as the one before was answered. Writes HTTP itself and reads no more of an
 * answer than its status and length: sender and server share the processors, and what the sender takes the server has not.
 */
export async function flood({ url, connections, count, body, headers = '', path }: Options): Promise<Flood> {
  const { hostname, port, pathname } = new URL(url);
  const requests = Array.from({ length: count }, (_, turn) => {
    const text = body(turn);
    const to = path?.(turn) ?? pathname;
    const head = `POST ${to} HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-type: application/json\r\n${headers}content-length: ${Buffer.byteLength(text)}`;
    return Buffer.from(`${head}${END_OF_HEAD}${text}`);
  });
  const latenciesMs: number[] = [];
  const refusedMs: number[] = [];
  const statuses = new Map<number, number>();
  const sockets = await Promise.all(Array.from({ length: Math.min(connections, count) }, () => open(hostname, Number(port))));
  let next = 0;
  const startedMs = performance.now();
  const loop = async (socket: Socket): Promise<void> => {
    const answers = answersOf(socket);
    for (let request = requests[next++]; request !== undefined; request = requests[next++]) {
      const sentMs = performance.now();
      socket.write(request);
      const status = await answers();
      const tookMs = performance.now() - sentMs;
      latenciesMs.push(tookMs);
      if (status !== 200) refusedMs.push(tookMs);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  try {
    await Promise.all(sockets.map(loop));
  } finally {
    for (const socket of sockets) socket.destroy();
  }
  return { startedMs, perSecond: (count / (performance.now() - startedMs)) * 1000, latenciesMs, statuses, refusedMs };
}

function open(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true }, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** The status of the next answer on it, once the whole answer is there. */
function answersOf(socket: Socket): () => Promise<number> {
  let text = '';
  let waiting: { readonly resolve: (status: number) => void; readonly reject: (error: Error) => void } | undefined;
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    text += chunk;
    const end = text.indexOf(END_OF_HEAD);
    if (end < 0) return;
    const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, end + 2))?.[1];
    if (length === undefined) {
      waiting?.reject(new Error('an answer without its length'));
      return;
    }
    if (text.length < end + END_OF_HEAD.length + Number(length)) return;
    const status = Number(text.slice(9, 12));
    text = '';
    waiting?.resolve(status);
  });
  const gone = (): void => waiting?.reject(new Error('the server hung up'));
  socket.on('error', gone).on('close', gone);
  return () =>
    new Promise((resolve, reject) => {
      waiting = { resolve, reject };
    });
}
