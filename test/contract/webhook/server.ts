import { request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { admission } from '../../../src/http/admission.ts';
import { makeAuthenticate, type SenderBinding } from '../../../src/http/sender.ts';
import { createServer, type ServerLimits } from '../../../src/http/server.ts';
import { type WebhookDeps, type WebhookSeen, webhook } from '../../../src/http/webhook.ts';
import type { Webhook } from '../../../src/model/alert.ts';
import { systemClock } from '../../../src/port/clock.ts';
import { silentLog } from '../../../src/port/log.ts';

export const PATH = '/api/v1/alertmanager';

export type Options = Partial<Pick<WebhookDeps, 'accept' | 'admission' | 'bodyBytes' | 'deadlineMs' | 'draining' | 'clock'>> & {
  readonly bindings?: readonly SenderBinding[];
  readonly limits?: ServerLimits;
};

export type Door = {
  readonly port: number;
  readonly server: Server;
  readonly accepted: readonly Webhook[];
  readonly seen: readonly WebhookSeen[];
  bindings: readonly SenderBinding[];
  readonly post: (body: string | Buffer, options?: Sending) => Promise<Answer>;
  readonly close: () => Promise<void>;
};

export type Sending = {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: { readonly [name: string]: string | string[] } /** Without a Content-Length. */;
  readonly chunked?: boolean;
};
export type Answer = { readonly status: number; readonly headers: IncomingMessage['headers']; readonly text: string; readonly json: unknown };

/** The real endpoint on a port of this machine, with everything behind it in the test's hand. */
export async function openDoor(options: Options = {}): Promise<Door> {
  const accepted: Webhook[] = [];
  const seen: WebhookSeen[] = [];
  const accept = options.accept ?? (async () => {});
  const app = express();
  app.disable('x-powered-by');
  const endpoint = webhook({
    accept: async (one) => {
      await accept(one);
      accepted.push(one);
    },
    authenticate: makeAuthenticate(() => door.bindings),
    admission: options.admission ?? admission({ clock: systemClock, log: silentLog }),
    draining: options.draining ?? (() => false),
    clock: options.clock ?? systemClock,
    log: silentLog,
    seen: (one) => seen.push(one),
    ...(options.bodyBytes === undefined ? {} : { bodyBytes: options.bodyBytes }),
    ...(options.deadlineMs === undefined ? {} : { deadlineMs: options.deadlineMs }),
  });
  app.all(PATH, endpoint);
  const server = createServer(app, options.limits);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const { port } = isAddress(address) ? address : { port: 0 };
  const door: Door = {
    port,
    server,
    accepted,
    seen,
    bindings: options.bindings ?? [{ cluster: 'prod', tokens: [] }],
    post: (body, sending = {}) => send(port, body, sending),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return door;
}

function isAddress(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}

function send(port: number, body: string | Buffer, { method = 'POST', path = PATH, headers = {}, chunked = false }: Sending): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(Buffer.byteLength(body)) };
    const request = httpRequest({ port, host: '127.0.0.1', method, path, headers: { 'content-type': 'application/json', ...length, ...headers } });
    let answered = false;
    request.on('response', (response) => {
      answered = true;
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: parse(text) });
      });
      response.on('error', reject);
    });
    // The server may hang up while a refused body is still being sent; its answer is what counts.
    request.on('error', (error) => (answered ? undefined : reject(error)));
    request.end(body);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
