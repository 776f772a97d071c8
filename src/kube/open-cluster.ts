import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Clock } from '../port/clock.ts';
import type { Cluster, Reader, Writer } from '../port/kube.ts';
import type { Log } from '../port/log.ts';
import type { Metrics } from '../port/metrics.ts';
import type { Probes } from '../port/probe.ts';
import { type CredentialsSource, credentialsFrom } from './credentials.ts';
import { discoverKinds } from './discovery.ts';
import { type Hello, sayHello } from './hello.ts';
import { listObjects, selectors } from './list.ts';
import { collectionPath } from './path.ts';
import { kubeProber } from './prober.ts';
import { type AccessDeps, kubeReader } from './reader.ts';
import { openWire } from './request.ts';
import { sharing } from './share.ts';
import { type WatchSource, watchObjects } from './watch.ts';
import { kubeWriter } from './writer.ts';

export type ClusterOptions = {
  /** The name in the configuration. */
  readonly name: string;
  /** A path, `~/` included. Without it and `inCluster`: `KUBECONFIG`, else `~/.kube/config`. */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  /** The pod's own service account. */
  readonly inCluster?: boolean | undefined;
  readonly metrics?: Metrics | undefined;
  readonly probes?: Probes | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly userAgent: string;
  readonly deadlines?: Deadlines;
};

/** The port, and what only a real server can say of itself. */
export type KubeCluster = Cluster & { readonly hello: () => Promise<Hello> };

/** How long one request may take; a write twice as long. */
export type Deadlines = { readonly requestMs: number; readonly listMs: number };

const DEADLINES: Deadlines = { requestMs: 10_000, listMs: 30_000 };

/**
 * One cluster of the configuration. Nothing connects and no file is read here: a cluster that is away, or whose kubeconfig
 * is not there yet, is an error of each request. The client library (120 MB, half a second) is loaded by the first call.
 */
export async function openCluster(options: ClusterOptions): Promise<KubeCluster> {
  const { name, clock, log, deadlines = DEADLINES } = options;
  const client = await import('@kubernetes/client-node');
  const credentials = credentialsFrom(name, sourceOf(options), client);
  const wire = openWire({ cluster: name, credentials, userAgent: options.userAgent, deadlineMs: deadlines.requestMs, clock });
  const discovery = discoverKinds({ cluster: name, wire });
  const deps: AccessDeps = { cluster: name, wire, discovery, listDeadlineMs: deadlines.listMs, clock, log, metrics: options.metrics, probes: options.probes };
  const reader: Reader = kubeReader(deps);
  const writing = kubeWriter(deps, reader);
  const access: Writer = { ...reader, ...writing, ...kubeProber(deps, { ...reader, ...writing }) };
  const closing = new AbortController();

  const shared = sharing<string>(clock);
  const kubeSystem = { apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' };
  const uid = (): Promise<string> => shared('uid', async () => (await reader.get(kubeSystem)).metadata.uid ?? '');

  return {
    name,
    access,
    uid,
    aheadMs: () => wire.aheadMs(),
    hello: () => sayHello(wire),
    watch(query, on, signal) {
      const source: WatchSource = {
        list: (aborted) => listObjects(deps, query, aborted),
        async *lines({ resourceVersion, timeoutSeconds }, aborted) {
          const path = collectionPath(await discovery.demand(query), query.namespace);
          const from = { watch: 'true', allowWatchBookmarks: 'true', resourceVersion, timeoutSeconds: String(timeoutSeconds) };
          yield* wire.lines({ method: 'GET', path, query: { ...selectors(query), ...from }, signal: aborted });
        },
      };
      const either = AbortSignal.any([signal, closing.signal]);
      watchObjects({ cluster: name, query, source, on, clock, log, signal: either }).catch((error: unknown) =>
        log.error('kube.watch-ended', { cluster: name, kind: query.kind, error: String(error) }),
      );
    },
    async serves(apiVersion, kind) {
      return (await discovery.find(apiVersion, kind)) !== undefined;
    },
    async close() {
      closing.abort();
      wire.close();
    },
  };
}

function sourceOf({ kubeconfig, context, inCluster }: ClusterOptions): CredentialsSource {
  if (inCluster === true) return { inCluster: true };
  const path = kubeconfig ?? (process.env['KUBECONFIG']?.split(delimiter)[0] || '~/.kube/config');
  return { kubeconfig: path.startsWith('~/') ? join(homedir(), path.slice(2)) : path, context };
}
