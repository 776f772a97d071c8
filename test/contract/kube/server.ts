import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { textAt } from '../../../src/world/object.ts';
import { type Identity, type Raw, rawClient } from './raw.ts';
import { ownServer, realServer } from './server-real.ts';
import '../../cluster/shared.ts';
import { type WorldOptions, worldServer } from './server-world.ts';

/** What a caller may do, as a rule of a Role in the test's namespace. */
export type Right = { readonly apiGroups: readonly string[]; readonly resources: readonly string[]; readonly verbs: readonly string[] };

/** One of the two servers that the contract is about. */
export type Backend = AsyncDisposable & {
  readonly isReal: boolean;
  readonly url: string;
  readonly admin: Identity;
  /** A kubeconfig of an administrator, for programs. */
  readonly kubeconfig: string;
  /** Waits while time passes in the cluster: in the world waiting is free. */
  wait<T>(answer: Promise<T>): Promise<T>;
  /** Somebody who may do only this, in this namespace; in the world everybody may do only this from now on. */
  limited(raw: Raw, namespace: string, rights: readonly Right[]): Promise<{ readonly user: string; readonly identity: Identity }>;
  /** From now on the server refuses that user's requests when there are too many at once. */
  throttle(raw: Raw, namespace: string): Promise<void>;
  /** The server forgets its history, as after a compaction and a restart. Only of a server of one's own. */
  forget(): Promise<void>;
};

export type Server = Raw &
  Pick<Backend, 'isReal' | 'url' | 'kubeconfig' | 'wait' | 'forget'> &
  AsyncDisposable & {
    /** This test's own. */
    readonly namespace: string;
    /** `/api/v1/namespaces/NAMESPACE`, or that of a group and version such as `apps/v1`. */
    path(groupVersion?: string): string;
    /** Looks again and again until something is so, for at most a minute of the cluster's time. */
    until<T>(look: () => Promise<T | undefined>): Promise<T>;
    /** The same server for somebody who may do only this in the test's namespace, and that user's name. */
    as(rights: readonly Right[]): Promise<Raw & { readonly user: string }>;
    /** From now on the server refuses requests of `as` when there are too many at once. */
    throttle(): Promise<void>;
    /** The same server with this token. */
    withToken(token: string): Raw;
  };

export type ServerOptions = WorldOptions & {
  /** A server that no other test uses: it may be made to forget. */
  readonly own?: boolean;
};

/**
 * The server that this run of the contract is about: the simulated cluster over HTTP, or, where the suite has started a cluster, the real API server.
 * Each has the nodes node-0, node-1 and node-2.
 */
export async function openServer({ own = false, ...options }: ServerOptions = {}): Promise<Server> {
  const cluster = inject('cluster');
  const backend = cluster === undefined ? await worldServer(options) : own ? await ownServer() : await realServer(cluster.env['KUBECONFIG'] ?? '');
  const raw = rawClient(backend.url, backend.admin);
  const namespace = `contract-${randomBytes(4).toString('hex')}`;
  const { isReal, url, wait } = backend;
  const made = await raw.request('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } } });
  if (made.status !== 201) throw new Error(`no namespace for the test: ${made.status} ${textAt(made.body, 'message')}`);
  // A real cluster puts a ConfigMap and a ServiceAccount into each namespace; without the latter no pod is let in.
  const isFurnished = async (): Promise<boolean> =>
    (await raw.request('GET', `/api/v1/namespaces/${namespace}/configmaps/kube-root-ca.crt`)).status === 200 &&
    (await raw.request('GET', `/api/v1/namespaces/${namespace}/serviceaccounts/default`)).status === 200;
  const until: Server['until'] = async (look) => {
    for (let n = 0; n < 600; n += 1) {
      const seen = await look();
      if (seen !== undefined) return seen;
      await wait(new Promise((resolve) => setTimeout(resolve, isReal ? 50 : 10)));
    }
    throw new Error('it did not come about in time');
  };
  if (isReal) await until(async () => (await isFurnished()) || undefined);
  const watchPatiently: Raw['watch'] = async (path, sent) => {
    const watch = await raw.watch(path, sent);
    return { ...watch, next: () => wait(watch.next()) };
  };
  return {
    isReal,
    url,
    kubeconfig: backend.kubeconfig,
    wait,
    namespace,
    request: raw.request,
    watch: watchPatiently,
    forget: () => backend.forget(),
    path: (groupVersion = 'v1') => `/${groupVersion.includes('/') ? 'apis' : 'api'}/${groupVersion}/namespaces/${namespace}`,
    until,
    async as(rights) {
      const { user, identity } = await backend.limited(raw, namespace, rights);
      return { ...rawClient(url, identity), user };
    },
    throttle: () => backend.throttle(raw, namespace),
    withToken: (token) => rawClient(url, { ...(backend.admin.ca === undefined ? {} : { ca: backend.admin.ca }), token }),
    async [Symbol.asyncDispose]() {
      await raw.request('DELETE', `/api/v1/namespaces/${namespace}`).catch(() => undefined);
      await backend[Symbol.asyncDispose]();
    },
  };
}
