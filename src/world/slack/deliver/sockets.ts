import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { parseJson } from '../../../model/json.ts';
import { method, refuse } from '../api/method.ts';
import type { Core } from '../core.ts';
import { TIER } from '../limits.ts';
import { PATIENCE_MS } from '../triggers.ts';
import type { Letter, Outcome, Way } from './outcome.ts';

const MOST_SOCKETS = 10;
const TICKET_MS = 30_000;
const Acknowledgement = z.object({ envelope_id: z.string(), payload: z.json().optional() });

type Link = { readonly socket: WebSocket; readonly number: number };
type Waiting = { readonly link: Link; readonly settle: (outcome: Outcome) => void; readonly sinceMs: number };

export type Sockets = Way & {
  /** How many are open. */
  readonly count: () => number;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** A `disconnect` frame to all; Slack closes them itself a little later, after a `warning` only when it says so. */
  readonly disconnect: (reason: 'warning' | 'refresh_requested' | 'link_disabled') => void;
  /** Cuts all, or the newest so many, as a network does. */
  readonly cut: (count?: number) => void;
  /** Cuts all each so many ms until the answer is called. */
  readonly flap: (everyMs: number) => () => void;
  readonly open: ReturnType<typeof openConnection>;
};

/** Socket Mode: tickets, up to ten sockets, and each letter to one of them. */
export function sockets(core: Core): Sockets {
  const { clock, newId, secret } = core;
  const server = new WebSocketServer({ noServer: true });
  const links: Link[] = [];
  const waiting = new Map<string, Waiting>();
  const tickets = new Map<string, number>();
  let turn = 0;
  let made = 0;

  const lose = (link: Link): void => {
    const at = links.indexOf(link);
    if (at >= 0) links.splice(at, 1);
    for (const [id, one] of waiting) {
      if (one.link !== link) continue;
      waiting.delete(id);
      one.settle({ acknowledged: false, afterMs: clock.monotonicMs() - one.sinceMs, why: 'connection lost' });
    }
    core.changed();
  };

  const welcome = (socket: WebSocket): void => {
    made += 1;
    const link: Link = { socket, number: made };
    links.push(link);
    socket.on('close', () => lose(link));
    socket.on('error', () => socket.terminate());
    socket.on('message', (data: Buffer) => {
      const read = Acknowledgement.safeParse(parseJson(data.toString('utf8')));
      const one = read.success ? waiting.get(read.data.envelope_id) : undefined;
      if (!read.success || one === undefined) return;
      waiting.delete(read.data.envelope_id);
      one.settle({ acknowledged: true, afterMs: clock.monotonicMs() - one.sinceMs, answer: read.data.payload });
    });
    const hello = {
      type: 'hello',
      num_connections: links.length,
      debug_info: { host: 'simulated', build_number: 1, approximate_connection_time: 18_060 },
      connection_info: { app_id: core.workspace.app.id },
    };
    socket.send(JSON.stringify(hello));
    core.changed();
  };

  const cut = (count = links.length): void => {
    for (const { socket } of links.slice(-count)) socket.terminate();
  };
  core.onDown(() => cut());

  return {
    count: () => links.length,
    open: openConnection(core, () => {
      const ticket = secret();
      tickets.set(ticket, clock.monotonicMs() + TICKET_MS);
      return ticket;
    }),
    upgrade(request, socket, head) {
      const ticket = new URL(request.url ?? '/', 'ws://slack').searchParams.get('ticket') ?? '';
      const untilMs = tickets.get(ticket);
      tickets.delete(ticket);
      if (core.faults.isDown()) return void socket.destroy();
      if (untilMs === undefined || clock.monotonicMs() > untilMs)
        return void socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      if (links.length >= MOST_SOCKETS) return void socket.end('HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      server.handleUpgrade(request, socket, head, welcome);
    },
    disconnect(reason) {
      const frame = JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'simulated' } });
      for (const { socket } of links) {
        socket.send(frame);
        if (reason !== 'warning') socket.close(1000);
      }
    },
    cut,
    flap(everyMs) {
      let cancel = (): void => {};
      const again = (): void => {
        cut();
        cancel = clock.after(everyMs, again);
      };
      again();
      return () => cancel();
    },
    send({ kind, payload, attempt }: Letter) {
      const sinceMs = clock.monotonicMs();
      const link = links[turn % Math.max(1, links.length)];
      turn += 1;
      if (link === undefined) return Promise.resolve({ acknowledged: false, afterMs: 0, why: 'nobody listens' });
      const id = newId('');
      const retry = attempt === undefined ? {} : { retry_attempt: attempt.number, retry_reason: attempt.reason };
      return new Promise((resolve) => {
        const cancel = clock.after(PATIENCE_MS, () => {
          waiting.delete(id);
          resolve({ acknowledged: false, afterMs: PATIENCE_MS, why: 'no answer within 3 s' });
        });
        const settle = (outcome: Outcome): void => {
          cancel();
          resolve(outcome);
        };
        waiting.set(id, { link, settle, sinceMs });
        link.socket.send(JSON.stringify({ envelope_id: id, type: kind, payload, accepts_response_payload: kind !== 'events_api', ...retry }));
      });
    },
  };
}

/** `apps.connections.open`: an address with a ticket that is good once, for half a minute. */
function openConnection(core: Core, ticket: () => string) {
  return method({
    token: 'app',
    scopes: ['connections:write'],
    rate: TIER.connect,
    args: z.looseObject({}),
    run: () =>
      core.workspace.app.requestUrl === undefined
        ? { url: `${core.baseUrl().replace(/^http/, 'ws')}/link?ticket=${ticket()}&app_id=${core.workspace.app.id}` }
        : refuse('socket_mode_not_enabled'),
  });
}
