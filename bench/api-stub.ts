import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Scope } from './scope.ts';

/** As little of a Kubernetes API server as the bench's action asks for, so that it costs next to nothing beside what is measured. */
export type ApiStub = {
  readonly url: string;
  /** When each object was first asked for, by its name, on the clock of `performance.now()`. */
  readonly arrivedMs: ReadonlyMap<string, number>;
  /** Create requests for a name that was there already. */
  readonly repeats: () => number;
  readonly requests: () => number;
  /** Calls back once so many objects were created. */
  readonly created: (count: number) => Promise<void>;
  /** Nobody is told that a name was made until so much later. */
  readonly answerAfter: (ms: number) => void;
  readonly close: () => Promise<void>;
};

const CONFIG_MAPS = '/api/v1/namespaces/bench/configmaps';
const RESOURCES = JSON.stringify({
  kind: 'APIResourceList',
  resources: [
    { name: 'configmaps', kind: 'ConfigMap', namespaced: true },
    { name: 'namespaces', kind: 'Namespace', namespaced: false },
  ],
});
const REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const ALLOWED = JSON.stringify({ apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: {}, status: { allowed: true } });
const KUBE_SYSTEM = JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system', uid: 'bench-cluster', resourceVersion: '1' } });

export async function openApiStub(scope: Scope): Promise<ApiStub> {
  const objects = new Map<string, string>();
  const arrivedMs = new Map<string, number>();
  let [repeats, requests, delayMs] = [0, 0, 0];
  let waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  const create = (body: string, atMs: number, response: ServerResponse): void => {
    const manifest = JSON.parse(body);
    const { name } = manifest.metadata;
    if (objects.has(name)) {
      repeats += 1;
      return answer(response, 409, JSON.stringify({ kind: 'Status', status: 'Failure', reason: 'AlreadyExists', code: 409 }));
    }
    arrivedMs.set(name, atMs);
    const object = JSON.stringify({ ...manifest, metadata: { ...manifest.metadata, uid: `uid-${objects.size}`, resourceVersion: String(objects.size + 2) } });
    objects.set(name, object);
    if (delayMs === 0) answer(response, 201, object);
    else setTimeout(() => answer(response, 201, object), delayMs);
    for (const one of waiting) if (objects.size >= one.count) one.resolve();
    waiting = waiting.filter(({ count }) => objects.size < count);
  };

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const atMs = performance.now();
    requests += 1;
    const path = (request.url ?? '').split('?')[0] ?? '';
    if (request.method === 'POST' && path === CONFIG_MAPS) {
      let body = '';
      request.setEncoding('utf8');
      request.on('data', (chunk: string) => (body += chunk));
      request.on('end', () => create(body, atMs, response));
      return;
    }
    if (request.method === 'POST' && path === REVIEWS) {
      request.resume();
      request.on('end', () => answer(response, 201, ALLOWED));
      return;
    }
    const found =
      path === '/api/v1'
        ? RESOURCES
        : path === '/api/v1/namespaces/kube-system'
          ? KUBE_SYSTEM
          : path.startsWith(`${CONFIG_MAPS}/`)
            ? objects.get(path.slice(CONFIG_MAPS.length + 1))
            : undefined;
    if (found === undefined)
      answer(response, 404, JSON.stringify({ kind: 'Status', status: 'Failure', reason: 'NotFound', code: 404, details: { name: path } }));
    else answer(response, 200, found);
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  scope.onClose(close);
  return {
    url: `http://127.0.0.1:${port}`,
    arrivedMs,
    repeats: () => repeats,
    requests: () => requests,
    created: (count) => (objects.size >= count ? Promise.resolve() : new Promise((resolve) => waiting.push({ count, resolve }))),
    answerAfter(ms) {
      delayMs = ms;
    },
    close,
  };
}

function answer(response: ServerResponse, code: number, body: string): void {
  response.writeHead(code, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
