import { spawnSync } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { demo } from '../src/demo/demo.ts';
import { type DemoStage, serveSalvor } from '../src/demo/stage.ts';
import { systemClock } from '../src/port/clock.ts';
import { systemIds } from '../src/port/ids.ts';
import type { Io } from '../src/serve/serve.ts';
import { serveWorld } from '../src/world/http.ts';
import { simulatedWorld } from '../src/world/world.ts';
import { backupsOf, namespace, pod, schedule } from '../test/cluster/backup-failed/backups.ts';
import { phaseText } from '../test/cluster/backup-failed/digests.ts';
import { type Cluster, startCluster } from '../test/cluster/cluster.ts';

const BUILD = join(import.meta.dirname, '..', 'test', 'cluster', 'build.sh');

/**
 * The story of the demo on the real cluster of the tests: a real backup really fails, and is really made again. 2 where there is no such cluster
 * to be had, else what the demo answers.
 */
export async function realDemo(args: readonly string[]): Promise<number> {
  const io: Io = { stdout: (text) => void process.stdout.write(text), stderr: (text) => void process.stderr.write(text) };
  const { values } = parseArgs({
    args: [...args],
    options: { real: { type: 'boolean' }, yes: { type: 'boolean', default: false }, port: { type: 'string', default: '0' } },
  });
  if (spawnSync('bash', [BUILD], { stdio: ['ignore', 'ignore', 'inherit'] }).status !== 0) {
    io.stderr('No real cluster, so no real demo: the line above says what is missing. Without one: npm run demo\n');
    return 2;
  }
  io.stdout('Starting a real cluster, about 15 s: API server, etcd, controllers, S3 and Velero, on this machine only …\n');
  const cluster = await startCluster();
  try {
    return await demo(
      { yes: values.yes, port: Number(values.port), openStage: (port, from) => openRealStage(cluster, port, from) },
      { ...io, stdin: process.stdin },
    );
  } finally {
    await cluster.close();
  }
}

/** A good backup, then one whose storage died under it and came back. */
async function openRealStage(cluster: Cluster, port: number, io: Io): Promise<DemoStage> {
  const backups = backupsOf(cluster);
  await backups.apply([namespace('shop'), pod('shop', 'web'), pod('shop', 'db'), schedule('daily', { includedNamespaces: ['shop'], ttl: '720h0m0s' })]);
  await backups.make('daily-yesterday', 'daily');
  io.stdout('The backup "daily" starts, and its storage dies under it …\n');
  backups.storage('freeze');
  await backups.start('daily-tonight', 'daily');
  await backups.when('daily-tonight', ({ phase }) => phase === 'InProgress');
  await cluster.kill('versitygw');
  const failed = await backups.over('daily-tonight');
  await cluster.start('versitygw');
  await backups.location('default', 'Available');

  const before = new Set((await backups.all()).map(({ name }) => name));
  const folder = await mkdtemp(join(tmpdir(), 'salvor-demo-'));
  const world = simulatedWorld({ clock: systemClock, ids: systemIds, clusters: [{ name: 'people', scenario: {} }] });
  const served = await serveWorld(world);
  const salvor = await serveSalvor({ folder, kubeconfigFile: cluster.kubeconfig, port, people: { world, ...served } }, io);
  return {
    ...salvor,
    folder,
    async close() {
      await salvor.close();
      await served.close();
    },
    opening: [
      '\nSalvor, on a real cluster that lives as long as this demo.',
      `A cluster "prod" with Velero. Its storage died in the backup "daily" and is back; Velero says: ${phaseText(failed)}`,
      `Look yourself meanwhile: . ${cluster.dir}/env && kubectl -n velero get backups`,
    ],
    alertMs: systemClock.nowMs(),
    writes: async () => (await backups.all()).filter(({ name }) => !before.has(name)).map(({ name }) => `create Backup/velero/${name}`),
  };
}
