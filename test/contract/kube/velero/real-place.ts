import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startCluster } from '../../../cluster/cluster.ts';
import { rawClient } from '../raw.ts';
import { readKubeconfig } from '../server-real.ts';
import type { Place } from './site.ts';

/**
 * The real programs, in a cluster of the test's own: Velero does one backup at a time and counts them all.
 * The bucket is a folder.
 */
export async function realPlace(): Promise<Place> {
  const cluster = await startCluster();
  const { url, identity } = readKubeconfig(cluster.kubeconfig);
  const bucket = join(cluster.dir, 's3', 'velero');
  return {
    isReal: true,
    raw: rawClient(url, identity),
    nowMs: () => Date.now(),
    moment: () => new Promise((resolve) => setTimeout(resolve, 100)),
    metrics: async () => await (await fetch(cluster.env['VELERO_METRICS'] ?? '')).text(),
    storage: {
      stop: () => cluster.kill('versitygw'),
      start: () => cluster.start('versitygw'),
      async keys() {
        const found = await readdir(bucket, { recursive: true, withFileTypes: true });
        return found
          .filter((one) => one.isFile())
          .map((one) => join(one.parentPath, one.name).slice(bucket.length + 1))
          .sort();
      },
      remove: async (key) => await rm(join(bucket, key), { recursive: true }),
    },
    velero: { kill: () => cluster.kill('velero'), start: () => cluster.start('velero') },
    tell: () => undefined,
    [Symbol.asyncDispose]: () => cluster.close(),
  };
}
