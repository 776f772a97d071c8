/**
 * How long the real cluster of the tests takes to be up, with its programs built: all components healthy, nodes Ready, storage Available; and to be
 * gone again. Needs Go, to build its programs.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { startCluster } from '../../test/cluster/cluster.ts';
import { inTurns, type Work } from '../work.ts';

const PARTS = { Kubernetes: 'kube', 'with S3 and Velero': 'velero' } as const;

export const clusterUp: Work = {
  name: 'cluster-up',
  about: 'The real cluster of the tests, from nothing to ready, and gone again.',
  lines: [
    { figure: 'upS', what: 'until it is ready', unit: 's', digits: 1, targets: [{ atMost: 15 }] },
    { figure: 'downS', what: 'until it is gone', unit: 's', digits: 1 },
  ],
  boundS: 300,
  async open() {
    const built = spawnSync('bash', [join(import.meta.dirname, '..', '..', 'test', 'cluster', 'build.sh')], { stdio: ['ignore', 'ignore', 'inherit'] });
    if (built.status !== 0) throw new Error('the programs of the cluster could not be built; the lines above say why');
    return inTurns(
      Object.entries(PARTS).map(([name, parts]) => [
        name,
        async () => {
          const startedMs = performance.now();
          const cluster = await startCluster({ parts });
          const upMs = performance.now();
          await cluster.close();
          return { upS: (upMs - startedMs) / 1000, downS: (performance.now() - upMs) / 1000 };
        },
      ]),
    );
  },
};
