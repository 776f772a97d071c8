import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { errorText } from '../model/error.ts';
import type { SimulatedCluster } from './cluster.ts';
import { readBody } from './http/body.ts';
import { control } from './http/control.ts';
import { kubernetes } from './http/kubernetes.ts';
import { fromProtobuf } from './http/protobuf.ts';
import { breakOff, respond } from './http/respond.ts';
import type { Incoming } from './http/route.ts';
import { servePagerDuty } from './pagerduty/http.ts';
import { serveSlackRequest } from './slack/http.ts';
import { failure, internalError, noSuchPath } from './status.ts';
import type { SimulatedWorld } from './world.ts';

export type ServeOptions = {
  /** 0: any free one. */
  readonly port?: number;
  readonly address?: string;
  /** The only bearer token that is let in; absent: any. */
  readonly token?: string;
};

export type ServedWorld = {
  /** Of the first cluster: what a kubeconfig names. */
  readonly url: string;
  /** Of a cluster by name, also of one that appears later. */
  urlOf(cluster: string): string;
  /** Base address of PagerDuty's Events and REST API. */
  readonly pagerdutyUrl: string;
  /** Slack's page; its Web API is at `/api/` below it. */
  readonly slackUrl: string;
  close(): Promise<void>;
};

/** What kubectl sends where it knows the type of what it makes. */
const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/**
 * The simulated world over HTTP, on loopback: the Kubernetes API of the first cluster at `/`, of each at `/clusters/NAME`,
 * the object storage at `/storage/NAME`, PagerDuty at `/pagerduty`, Slack at `/slack`, and the world's own switches at `/world`.
 */
export async function serveWorld(world: SimulatedWorld, { port = 0, address = '127.0.0.1', token }: ServeOptions = {}): Promise<ServedWorld> {
  const server = createServer((request, response) => {
    serve(world, { request, response, token }).catch((error: unknown) => {
      if (response.headersSent) breakOff(response);
      else respond(response, internalError(`Internal error occurred: ${errorText(error)}`));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, resolve);
  });
  const bound = server.address();
  const url = `http://${address}:${typeof bound === 'object' && bound !== null ? bound.port : port}`;
  const urlOf = (cluster: string): string => `${url}/clusters/${cluster}`;
  const storages = new WeakSet<SimulatedCluster>();
  const place = (): void => {
    for (const name of world.names()) {
      const sim = world.cluster(name);
      if (storages.has(sim)) continue;
      storages.add(sim);
      sim.storage.serveAt(`${url}/storage/${name}`);
    }
  };
  place();
  // A cluster that appeared since is served from its first request on.
  server.prependListener('request', place);
  const slackUrl = `${url}/slack`;
  world.slack.serveAt(slackUrl);
  server.on('upgrade', (request, socket, head) => link(world, { request, socket, head }));
  return {
    url,
    urlOf,
    pagerdutyUrl: `${url}/pagerduty`,
    slackUrl,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
        world.slack.sockets.cut();
      }),
  };
}

/** Of all that is served only Slack's Socket Mode is spoken on upgraded connections. */
function link(
  { slack }: SimulatedWorld,
  { request, socket, head }: { readonly request: IncomingMessage; readonly socket: Duplex; readonly head: Buffer },
): void {
  if (request.url?.startsWith('/slack/link')) slack.sockets.upgrade(request, socket, head);
  else socket.destroy();
}

type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse; readonly token: string | undefined };

async function serve(world: SimulatedWorld, { request, response, token }: Exchange): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://world');
  const sent = await readBody(request);
  if (sent === undefined)
    return respond(response, failure({ code: 413, reason: 'RequestEntityTooLarge', message: 'Request entity too large: limit is 3145728' }));
  const contentType = (request.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
  const packed = contentType === PROTOBUF ? fromProtobuf(sent) : undefined;
  const incoming: Incoming = {
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    contentType: packed === undefined ? contentType : 'application/json',
    userAgent: request.headers['user-agent'] ?? 'unknown',
    body: packed === undefined ? sent.toString('utf8') : JSON.stringify(packed),
  };
  const [, room = '', name = '', ...rest] = url.pathname.split('/');
  if (room === 'slack') {
    return serveSlackRequest(world.slack, response, { request, path: url.pathname.slice('/slack'.length), query: url.searchParams, body: sent });
  }
  if (room === 'world') return control(world, response, incoming);
  if (room === 'pagerduty') {
    const { pagerduty, clock, pager } = world;
    return servePagerDuty({ pagerduty, clock, state: pager.state() }, { request, response }, { ...incoming, path: url.pathname.slice('/pagerduty'.length) });
  }
  const isNamed = room === 'clusters' || room === 'storage';
  if (isNamed && !world.names().includes(name)) return respond(response, noSuchPath());
  const sim = world.cluster(isNamed ? name : undefined);
  if (room === 'storage') return storage(sim, response, { ...incoming, path: request.url ?? '/' });
  const path = isNamed ? `/${rest.join('/')}` : url.pathname;
  return kubernetes(sim, { request, response, incoming: { ...incoming, path } }, { token });
}

/** GET of a presigned URL. A storage that is down breaks the connection. */
function storage(sim: SimulatedCluster, response: ServerResponse, { method, path }: Incoming): void {
  if (method !== 'GET') return respond(response, { code: 403, body: '' });
  const fetched = sim.storage.fetch(`http://storage${path}`);
  if (fetched.kind === 'refused') return breakOff(response);
  if (fetched.kind === 'silence') return;
  response.writeHead(fetched.code, { 'Content-Type': fetched.type, 'Content-Length': fetched.body.byteLength });
  response.end(fetched.body);
}
