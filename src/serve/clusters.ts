import { type ClusterConfig, readSecret } from '../config.ts';
import { type KubeCluster, openCluster } from '../kube/open-cluster.ts';
import { configuredProbes, type ProbeTarget } from '../kube/probes.ts';
import { prometheusMetrics } from '../kube/prometheus.ts';
import { digest } from '../model/digest.ts';
import type { Clock } from '../port/clock.ts';
import type { Clusters } from '../port/kube.ts';
import type { Log } from '../port/log.ts';

type Deps = { readonly clock: Clock; readonly log: Log; readonly userAgent: string };

/** The configured clusters, connected. A reload keeps those that did not change, opens new ones and closes those that are gone. */
export type ConnectedClusters = Clusters & { readonly use: (configured: readonly ClusterConfig[]) => Promise<void>; readonly close: () => Promise<void> };

type RealClusters = Omit<ConnectedClusters, 'get'> & { readonly get: (name: string) => KubeCluster | undefined };

export function connectClusters(deps: Deps): RealClusters {
  const open = new Map<string, { readonly print: string; readonly cluster: KubeCluster }>();

  return {
    names: () => [...open.keys()],
    get: (name) => open.get(name)?.cluster,
    async use(configured) {
      for (const cluster of configured) {
        const print = digest(JSON.stringify(cluster));
        const before = open.get(cluster.name);
        if (before?.print === print) continue;
        open.set(cluster.name, { print, cluster: await connect(cluster, deps) });
        await before?.cluster.close();
      }
      for (const [name, { cluster }] of open) {
        if (configured.some((one) => one.name === name)) continue;
        open.delete(name);
        await cluster.close();
      }
    },
    async close() {
      await Promise.all([...open.values()].map(({ cluster }) => cluster.close()));
      open.clear();
    },
  };
}

function connect({ name, kubeconfig, context, inCluster, prometheus, probes }: ClusterConfig, { clock, log, userAgent }: Deps): Promise<KubeCluster> {
  const token = prometheus?.token;
  const metrics = prometheus && prometheusMetrics({ ...prometheus, clock, log, token: token && (() => readSecret(token)) });
  const targets = probes.flatMap((probe): readonly ProbeTarget[] => {
    if (probe.http !== undefined) return [{ name: probe.name, http: probe.http }];
    return probe.dns === undefined ? [] : [{ name: probe.name, dns: probe.dns }];
  });
  return openCluster({ name, kubeconfig, context, inCluster, metrics, probes: configuredProbes(targets, { clock }), clock, log, userAgent });
}
