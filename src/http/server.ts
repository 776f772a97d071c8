import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';

export type ServerLimits = {
  readonly keepAliveMs?: number;
  readonly headersMs?: number;
  readonly requestMs?: number;
  readonly connections?: number;
  readonly headerBytes?: number;
  /** Aborts when the server begins to stop. */
  readonly draining?: AbortSignal;
};

/**
 * An HTTP server with the limits that a storm of alerts and slow or hostile clients ask for. It keeps idle connections longer than Alertmanager
 * does (about 5 minutes): a server that closes first resets requests that are on their way.
 */
export function createServer(app: RequestListener, limits: ServerLimits = {}): Server {
  const { keepAliveMs = 330_000, headersMs = 10_000, requestMs = 30_000, connections = 12_000, headerBytes = 16 * 1024, draining } = limits;
  const server = createHttpServer(
    {
      keepAliveTimeout: keepAliveMs,
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      maxHeaderSize: headerBytes,
      // How often the two timeouts above are looked at.
      connectionsCheckingInterval: Math.max(100, Math.min(5000, Math.floor(requestMs / 6))),
      noDelay: true,
    },
    app,
  );
  server.maxConnections = connections;
  if (draining !== undefined) letGoOfUnused(server, draining);
  return server;
}

/** Browsers open connections ahead. Node takes one that never asked for anything for a busy one, and a stop would wait until it times out. */
function letGoOfUnused(server: Server, draining: AbortSignal): void {
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  draining.addEventListener(
    'abort',
    () => {
      for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
    },
    { once: true },
  );
}
