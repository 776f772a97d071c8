/**
 * How long the real cluster of the tests takes to be up, with its programs built: all components healthy, nodes Ready, storage Available; and to be
 * gone again. `node bench/cluster-up.ts [rounds]`. Prints one table. The target is 15 s.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { systemClock } from '../src/port/clock.ts';
import { startCluster } from '../test/cluster/cluster.ts';
import { machineLine, printTable, roundsAsked, spread } from './table.ts';

const TARGET_S = 15;
const PARTS = ['kube', 'velero'] as const;
const rounds = roundsAsked();

const built = spawnSync('bash', [join(import.meta.dirname, '..', 'test', 'cluster', 'build.sh')], { stdio: ['ignore', 'ignore', 'inherit'] });
if (built.status !== 0) throw new Error('the programs of the cluster could not be built; the lines above say why');

async function secondsOf<T>(work: () => Promise<T>): Promise<readonly [T, number]> {
  const beganMs = systemClock.monotonicMs();
  const result = await work();
  return [result, (systemClock.monotonicMs() - beganMs) / 1000];
}

const machine = machineLine();
const rows: string[][] = [];
for (const parts of PARTS) {
  const [ups, downs]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    const [cluster, upS] = await secondsOf(() => startCluster({ parts }));
    const [, downS] = await secondsOf(() => cluster.close());
    ups.push(upS);
    downs.push(downS);
  }
  rows.push([parts === 'kube' ? 'Kubernetes' : 'with S3 and Velero', spread(ups, 1), spread(downs, 1), Math.max(...ups) <= TARGET_S ? 'yes' : 'no']);
}
console.log(`Cluster up: ${rounds} rounds, min..median..max\n${machine}`);
printTable(['cluster', 'up s', 'down s', `every round within ${TARGET_S} s`], rows);
