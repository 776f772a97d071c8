/**
 * From an alert to the diagnosis of a failed backup on the real cluster of the tests, with 500 backups and 5,000 pods in it; what Salvor takes in
 * memory there; and what it asks when nothing happens for a minute. Needs Go, to build the cluster's programs.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/port/clock.ts';
import { RunPage, RunView } from '../../src/port/view/run.ts';
import { alertBody } from '../../src/rehearse/alert-body.ts';
import { startCluster } from '../../test/cluster/cluster.ts';
import { fillCluster } from '../fill-cluster.ts';
import { takenByImports } from '../imports-alone.ts';
import type { Salvor } from '../salvor.ts';
import { pause } from '../scope.ts';
import { post } from '../sender.ts';
import { openSite } from '../site.ts';
import { inTurns, type Work } from '../work.ts';

const MOST_ROUNDS = 20;
const IDLE_S = 60;

export const diagnosis: Work = {
  name: 'diagnosis',
  about: 'Alert to diagnosis of a failed backup, on a real cluster with 500 backups and 5,000 pods.',
  lines: [
    { figure: 'writtenMs', what: 'alert to diagnosis, cause on the Backup', unit: 'ms', digits: 0, targets: [{ atMost: 2000 }] },
    { figure: 'fetchedMs', what: 'alert to diagnosis, cause in the storage', unit: 'ms', digits: 0, targets: [{ atMost: 2000 }] },
    { figure: 'beyondMb', what: 'memory, beyond the imports alone', unit: 'MB', digits: 0, targets: [{ atMost: 120 }] },
    { figure: 'requests', what: 'requests a minute beyond watches, when nothing happens', unit: '', digits: 0, targets: [{ atMost: 1 }] },
  ],
  boundS: 600,
  warmsUp: true,
  async open({ many, scope }) {
    const built = spawnSync('bash', [join(import.meta.dirname, '..', '..', 'test', 'cluster', 'build.sh')], { stdio: ['ignore', 'ignore', 'inherit'] });
    if (built.status !== 0) throw new Error('the programs of the cluster could not be built; the lines above say why');
    const cluster = await startCluster({ env: { CLUSTER_AUDIT: '1', CLUSTER_VELERO_FLAGS: '--concurrent-backups 20' } });
    scope.onClose(() => cluster.close());
    const names = (kind: string) => Array.from({ length: MOST_ROUNDS }, (_, round) => `${kind}-${round}`);
    await fillCluster(cluster, { written: names('written'), fetched: names('fetched'), backups: many(500, 50), pods: many(5000, 50) });
    const importsMb = await takenByImports(scope);
    const site = await openSite(scope, { of: 'embedded', api: { kubeconfig: cluster.kubeconfig } });
    const salvor = await site.start();
    await salvor.quiet();
    return inTurns([
      [
        'embedded',
        async (round) => {
          const writtenMs = await diagnosed(salvor, `written-${round % MOST_ROUNDS}`);
          const fetchedMs = await diagnosed(salvor, `fetched-${round % MOST_ROUNDS}`);
          const { rssMb } = await salvor.quiet();
          const before = requests(cluster.dir).length;
          await pause(many(IDLE_S, 5) * 1000);
          const asked = requests(cluster.dir).slice(before);
          return { writtenMs, fetchedMs, beyondMb: rssMb - importsMb, requests: asked.filter((line) => !line.startsWith('watch ')).length };
        },
      ],
    ]);
  },
};

/** By the journal of the run: from the moment before the alert is posted until the diagnosis is there. */
async function diagnosed(salvor: Salvor, schedule: string): Promise<number> {
  const sentMs = systemClock.nowMs();
  const labels = { alertname: 'VeleroBackupFailed', cluster: 'prod', schedule, severity: 'critical' };
  await post(salvor.webhook, alertBody({ labels, status: 'firing', startsAtMs: sentMs, nowMs: sentMs }));
  for (;;) {
    const { items } = await salvor.ask('/api/v1/runs', RunPage);
    const found = items.find(({ target }) => target === schedule);
    const run = found && (await salvor.ask(`/api/v1/runs/${encodeURIComponent(found.id)}`, RunView));
    const line = run?.journal.find(({ type }) => type === 'run.diagnosed');
    if (line !== undefined) return line.at - sentMs;
    await pause(50);
  }
}

/** What Salvor asked the API server so far, as `list backups`, by the server's own record. */
function requests(folder: string): readonly string[] {
  const lines = readFileSync(join(folder, 'log', 'audit.jsonl'), 'utf8').split('\n');
  return lines
    .filter((line) => line.includes('"userAgent":"salvor/'))
    .map((line) => `${/"verb":"(\w+)"/.exec(line)?.[1]} ${/"resource":"(\w+)"/.exec(line)?.[1] ?? 'of the API'}`);
}
