import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { type Cluster, startCluster } from './cluster.ts';
import './shared.ts';

let cluster: Cluster | undefined;

/** Before the first file of the suite: programs are built where the cache lacks them, with progress on the terminal, and one cluster starts. */
export async function setup({ provide }: TestProject): Promise<void> {
  const { status } = spawnSync('bash', [join(import.meta.dirname, 'build.sh')], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error('the programs of the cluster could not be built; the lines above say why');
  cluster = await startCluster();
  provide('cluster', { dir: cluster.dir, env: cluster.env });
}

export async function teardown(): Promise<void> {
  await cluster?.close();
}
