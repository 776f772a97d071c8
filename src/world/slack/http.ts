import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { errorText } from '../../model/error.ts';
import type { Json } from '../../model/json.ts';
import { readBody } from '../http/body.ts';
import { breakOff, respond, respondJson } from '../http/respond.ts';
import { slackControl } from './control.ts';
import { servePage } from './page/serve.ts';
import type { SimulatedSlack } from './slack.ts';

export type Posted = {
  readonly request: IncomingMessage /** What follows the base address. */;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Buffer;
};

/**
 * The simulated Slack over HTTP, below its base address: the Web API at `/api/METHOD`, response addresses at `/respond/ID`, uploads at `/upload/ID`,
 * switches and people at `/control/…`, the page at `/`.
 */
export async function serveSlackRequest(slack: SimulatedSlack, response: ServerResponse, { request, path, query, body }: Posted): Promise<void> {
  const [, room = '', name = '', ...rest] = path.split('/');
  const contentType = (request.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
  if (request.method === 'POST' && (room === 'act' || room === 'control') && isForeign(request)) {
    return respondJson(response, { ok: false, error: 'not from another site' }, 403);
  }
  switch (room) {
    case 'api': {
      const asked = { method: name, contentType, authorization: request.headers.authorization, query, body: body.toString('utf8') };
      const answered = await slack.call(asked);
      if (answered.kind === 'reset') return breakOff(response);
      if (answered.kind === 'silence') return;
      return respond(response, { code: answered.code, body: answered.body, headers: answered.headers });
    }
    case 'respond': {
      const { code, body: said } = slack.respond(name, body.toString('utf8'));
      const answer: Json = typeof said === 'string' ? said : JSON.parse(JSON.stringify(said));
      return typeof answer === 'string' ? respond(response, { code, body: answer }) : respondJson(response, answer, code);
    }
    case 'upload': {
      const { code, text } = slack.upload(name, body);
      return respond(response, { code, body: text });
    }
    case 'control':
      return slackControl(slack, response, { method: request.method ?? 'GET', name: [name, ...rest].join('/'), query, body: body.toString('utf8') });
    default:
      if (await servePage(slack, response, { request, path, query, body: body.toString('utf8') })) return;
      return respondJson(response, { ok: false, error: 'not_found' }, 404);
  }
}

/** A page of somebody else's, in a browser of the one who looks at it: it must not press for this person. */
function isForeign({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  return site !== undefined && site !== 'same-origin' && site !== 'none';
}

export type ServedSlack = {
  readonly url: string;
  /** What `slack.apiUrl` in salvor.yaml is. */
  readonly apiUrl: string;
  /** Nobody listens any more: connections are refused. `back` listens again at the same port. */
  away(): Promise<void>;
  back(): Promise<void>;
  close(): Promise<void>;
};

/** A simulated Slack on a port of its own, on loopback. */
export async function serveSlack(slack: SimulatedSlack, { port = 0 }: { readonly port?: number } = {}): Promise<ServedSlack> {
  const open = new Set<Duplex>();
  const server = createServer((request, response) => {
    answerAt(slack, request, response).catch((error: unknown) =>
      response.headersSent ? breakOff(response) : respondJson(response, { ok: false, error: errorText(error) }, 500),
    );
  });
  server.on('upgrade', (request, socket, head) => slack.sockets.upgrade(request, socket, head));
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  await listen(server, port);
  const bound = server.address();
  const at = typeof bound === 'object' && bound !== null ? bound.port : port;
  const url = `http://127.0.0.1:${at}/slack`;
  slack.serveAt(url);
  const away = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of open) socket.destroy();
    });
  return { url, apiUrl: `${url}/api/`, away, back: () => listen(server, at), close: () => (server.listening ? away() : Promise.resolve()) };
}

async function answerAt(slack: SimulatedSlack, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(request);
  if (body === undefined) return respond(response, { code: 413, body: 'Request entity too large' });
  const url = new URL(request.url ?? '/', 'http://slack');
  return serveSlackRequest(slack, response, { request, path: url.pathname.replace(/^\/slack/, ''), query: url.searchParams, body });
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}
