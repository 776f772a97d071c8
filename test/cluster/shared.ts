import { inject } from 'vitest';
import { type Cluster, clusterIn } from './cluster.ts';

/** Where the cluster of the whole suite is; what `set-up.ts` hands to every test file. */
export type SharedCluster = { readonly dir: string; readonly env: Readonly<Record<string, string>> };

declare module 'vitest' {
  interface ProvidedContext {
    /** Only under vitest.cluster.config.ts; elsewhere there is no cluster. */
    cluster: SharedCluster | undefined;
  }
}

/** The one cluster that the suite started. Others look at it at the same time: write in namespaces of your own, and break nothing. */
export function sharedCluster(): Cluster {
  const shared = inject('cluster');
  if (shared === undefined) throw new Error('there is no cluster here: this file runs under `npm run test:cluster`');
  const refuse = async (): Promise<never> => {
    throw new Error('others use this cluster, too: start one of your own with startCluster()');
  };
  return { ...clusterIn(shared.dir, shared.env), kill: refuse, start: refuse, node: refuse };
}
