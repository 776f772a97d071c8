import { createServer, type IncomingHttpHeaders, request, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';

/** A proxy between the browser and the server, as a company has one: it passes on everything, and can be cut. */
export type Gateway = {
  readonly url: string;
  /** Each request for the stream, with what it said of its last line. */
  readonly streams: () => readonly (string | undefined)[];
  /** Breaks every stream that is open. */
  readonly cut: () => void;
  /** From now on streams are refused, or taken again. */
  readonly refuse: (isRefusing: boolean) => void;
};

/** `host`: what it tells the server that it was asked for; absent: what the browser said. */
export async function openGateway(to: string, host?: string): Promise<Gateway> {
  const streams: (string | undefined)[] = [];
  const open = new Set<ServerResponse>();
  let isRefusing = false;
  const server = createServer((req, res) => {
    const isStream = req.url?.startsWith('/api/v1/stream') === true;
    if (isStream) {
      streams.push(lastIdOf(req.headers));
      if (isRefusing) return void res.writeHead(503).end();
      open.add(res);
      res.on('close', () => open.delete(res));
    }
    const passed = request(
      new URL(req.url ?? '/', to),
      { method: req.method, headers: { ...req.headers, ...(host === undefined ? {} : { host }) } },
      (answer) => {
        res.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(res);
      },
    );
    passed.on('error', () => res.destroy());
    res.on('close', () => passed.destroy());
    req.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => void server.close(() => resolve()));
  });
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    streams: () => streams,
    cut: () => {
      for (const res of open) res.destroy();
    },
    refuse(is) {
      isRefusing = is;
    },
  };
}

function lastIdOf(headers: IncomingHttpHeaders): string | undefined {
  return [headers['last-event-id']].flat()[0];
}
