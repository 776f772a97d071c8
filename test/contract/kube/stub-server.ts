import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { type ClusterOptions, openCluster } from '../../../src/kube/open-cluster.ts';
import { systemClock } from '../../../src/port/clock.ts';
import type { Cluster } from '../../../src/port/kube.ts';
import { silentLog } from '../../../src/port/log.ts';

/** One request as it arrived. */
export type Seen = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
};

/** What a test answers; nothing: the server stays silent. */
export type Answer = { readonly status?: number; readonly headers?: { readonly [name: string]: string }; readonly body?: unknown };
export type Respond = (seen: Seen, response: ServerResponse) => Answer | undefined | Promise<Answer | undefined>;

const Recorded = z.record(z.string(), z.object({ status: z.number(), headers: z.record(z.string(), z.string()), body: z.string() }));
const recorded = Recorded.parse(JSON.parse(readFileSync(new URL('../../fixtures/kube/answers.json', import.meta.url), 'utf8')));

/** An answer of a real API server, byte by byte. */
export function replay(name: string): Answer {
  const answer = recorded[name];
  if (answer === undefined) throw new Error(`no recorded answer ${name}`);
  return answer;
}

const CORE = [
  { name: 'pods', kind: 'Pod', namespaced: true },
  { name: 'pods/log', kind: 'Pod', namespaced: true },
  { name: 'pods/eviction', kind: 'Eviction', namespaced: true },
  { name: 'nodes', kind: 'Node', namespaced: false },
  { name: 'namespaces', kind: 'Namespace', namespaced: false },
  { name: 'configmaps', kind: 'ConfigMap', namespaced: true },
];
const VELERO = [
  { name: 'backups', kind: 'Backup', namespaced: true },
  { name: 'downloadrequests', kind: 'DownloadRequest', namespaced: true },
  { name: 'serverstatusrequests', kind: 'ServerStatusRequest', namespaced: true },
];

/** The kinds of a small cluster; undefined for every other path. */
export function discoveryAnswer(path: string): Answer | undefined {
  if (path === '/readyz') return { body: 'ok' };
  if (path === '/api/v1') return { body: { kind: 'APIResourceList', groupVersion: 'v1', resources: CORE } };
  if (path === '/apis/velero.io/v1') return { body: { kind: 'APIResourceList', groupVersion: 'velero.io/v1', resources: VELERO } };
  return undefined;
}

export type Stub = {
  readonly cluster: Cluster;
  readonly url: string;
  readonly folder: string;
  /** Every request but discovery and the question whether the server is ready. */
  readonly seen: Seen[];
  readonly connections: () => number;
  [Symbol.asyncDispose](): Promise<void>;
};

/** A server of canned answers, and the real adapter connected to it by a kubeconfig file. */
export async function stubCluster(respond: Respond, options: Partial<ClusterOptions> = {}): Promise<Stub> {
  const seen: Seen[] = [];
  const { server, url, connections } = await serve(async (request, response) => {
    const discovery = discoveryAnswer(request.path);
    if (discovery === undefined) seen.push(request);
    const answer = (await respond(request, response)) ?? discovery;
    if (answer !== undefined) reply(response, answer);
  });
  const folder = await mkdtemp(join(tmpdir(), 'salvor-kube-'));
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(join(folder, 'token'), 'first-token\n');
  await writeFile(kubeconfig, kubeconfigText(url));
  const cluster = await openCluster({ name: 'prod', kubeconfig, clock: systemClock, log: silentLog, userAgent: 'salvor/test', ...options });
  return {
    cluster,
    url,
    folder,
    seen,
    connections,
    async [Symbol.asyncDispose]() {
      await cluster.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true });
    },
  };
}

/** A kubeconfig whose token lies in a file beside it, as projected service account tokens do. */
export function kubeconfigText(url: string): string {
  return `apiVersion: v1
kind: Config
current-context: main
clusters: [{ name: c, cluster: { server: '${url}', insecure-skip-tls-verify: true } }]
users: [{ name: u, user: { tokenFile: token } }]
contexts: [{ name: main, context: { cluster: c, user: u } }]
`;
}

/** A plain HTTP server on a free port of the loopback. */
export async function serve(
  handle: (seen: Seen, response: ServerResponse) => void | Promise<void>,
): Promise<{ readonly server: Server; readonly url: string; readonly connections: () => number }> {
  let connections = 0;
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString('utf8');
      const url = new URL(request.url ?? '/', 'http://stub');
      await handle(
        {
          method: request.method ?? '',
          path: url.pathname,
          query: url.searchParams,
          headers: request.headers,
          body: text === '' ? undefined : JSON.parse(text),
        },
        response,
      );
    })();
  });
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { server, url: `http://127.0.0.1:${address.port}`, connections: () => connections };
}

function reply(response: ServerResponse, { status = 200, headers, body = '' }: Answer): void {
  const text = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  response.writeHead(status, headers ?? { 'content-type': 'application/json' });
  response.end(text);
}

/** The URL of a port where nobody listens. */
export async function deadUrl(): Promise<string> {
  const { server, url } = await serve(() => undefined);
  await new Promise((resolve) => server.close(resolve));
  return url;
}

/** Waits until something is so, for at most five seconds. */
export async function until(is: () => boolean): Promise<void> {
  const lastMs = performance.now() + 5_000;
  while (!is()) {
    if (performance.now() > lastMs) throw new Error('it did not come about in time');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A pod as the API gives it. */
export function pod(name: string, more: object = {}): { readonly [field: string]: unknown } {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'shop', uid: `uid-${name}`, resourceVersion: '7', ...more } };
}
