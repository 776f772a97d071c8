/**
 * A backup and a restore of a namespace of 500 objects on the real Velero of the tests: by Salvor from the approval until it is known to be over, and by
 * the velero command line with `--wait` from its start to its end, in turns. Both wait for the same server; what differs is how soon each knows.
 * And how long Salvor takes from the command to the plan of such a restore, there and on the simulated cluster over HTTP. Needs Go, to build the cluster's programs.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';
import { RunView, Started } from '../../src/port/view/run.ts';
import { type Cluster, startCluster } from '../../test/cluster/cluster.ts';
import type { Salvor } from '../salvor.ts';
import { pause } from '../scope.ts';
import { openSite } from '../site.ts';
import { inTurns, type Work } from '../work.ts';
import { startWorld } from '../world.ts';

const VELERO = 'velero';
const SOURCE = 'large';
const SIMULATED = 'embedded, on the simulated cluster';
const ENDED = ['done', 'failed', 'handed-over', 'cancelled', 'rolled-back'];

type Params = { readonly [name: string]: string };
type Stage = { readonly cluster: Cluster; readonly salvor: Salvor };

export const restore: Work = {
  name: 'restore',
  about: 'A backup, and a restore beside, of a namespace of 500 objects, by Salvor from the approval on and by the velero command line, on the real Velero.',
  floors: [VELERO],
  lines: [
    { figure: 'planMs', what: 'command to plan of the restore', unit: 'ms', digits: 0, targets: [{ atMost: 3000 }] },
    { figure: 'backupMs', what: 'until the backup is known to be over', unit: 'ms', digits: 0, floor: VELERO, targets: [{ atMost: 1.2, times: true }] },
    { figure: 'restoreMs', what: 'until the restore is known to be over', unit: 'ms', digits: 0, floor: VELERO, targets: [{ atMost: 1.2, times: true }] },
  ],
  boundS: 300,
  warmsUp: true,
  async open({ many, scope }) {
    const built = spawnSync('bash', [join(import.meta.dirname, '..', '..', 'test', 'cluster', 'build.sh')], { stdio: ['ignore', 'ignore', 'inherit'] });
    if (built.status !== 0) throw new Error('the programs of the cluster could not be built; the lines above say why');
    const cluster = await startCluster();
    scope.onClose(() => cluster.close());
    await fill(cluster, many(500, 20));
    const site = await openSite(scope, { of: 'embedded', api: { kubeconfig: cluster.kubeconfig } });
    const stage: Stage = { cluster, salvor: await site.start() };
    const world = await startWorld(scope, { objects: configs(many(500, 20)), backups: [{ name: 'first', namespaces: [SOURCE], ago: '1h' }] });
    const simulated = await (await openSite(scope, { of: 'embedded', api: { kubeconfig: world.kubeconfig } })).start();
    return inTurns([
      ['embedded', (round) => bySalvor(stage, `s-${round + 1}`)],
      [VELERO, (round) => byVelero(stage, `k-${round + 1}`)],
      [
        SIMULATED,
        async (round) => ({ planMs: (await planned(simulated, 'restore-namespace', { into: `s-${round + 1}`, from: SOURCE, backup: 'first' })).planMs }),
      ],
    ]);
  },
};

function configs(many: number) {
  return Array.from({ length: many }, (_, n) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `c-${n}`, namespace: SOURCE },
    data: { n: String(n) },
  }));
}

/** A namespace of so many objects, its schedule, whose time does not come, and a backup of it. */
async function fill({ kubectl, velero }: Cluster, objects: number): Promise<void> {
  const items = [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: SOURCE } }, ...configs(objects)];
  await kubectl(['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const month = new Date(Date.now() - 40 * 86_400_000).getUTCMonth() + 1;
  await velero(['schedule', 'create', 'daily', '--schedule', `0 0 1 ${month} *`, '--include-namespaces', SOURCE]);
  await velero(['backup', 'create', 'first', '--include-namespaces', SOURCE, '--wait']);
}

async function bySalvor({ cluster, salvor }: Stage, into: string) {
  const backup = await run(salvor, 'backup-run', { schedule: 'daily' });
  const restored = await run(salvor, 'restore-namespace', { into, from: SOURCE, backup: 'first' });
  await cluster.kubectl(['delete', 'namespace', into, '--wait=false']);
  return { planMs: restored.planMs, backupMs: backup.doneMs, restoreMs: restored.doneMs };
}

async function byVelero({ cluster }: Stage, into: string) {
  const backupMs = await timed(() => cluster.velero(['backup', 'create', into, '--from-schedule', 'daily', '--wait']));
  const restoreMs = await timed(() =>
    cluster.velero(['restore', 'create', into, '--from-backup', 'first', '--namespace-mappings', `${SOURCE}:${into}`, '--wait']),
  );
  await cluster.kubectl(['delete', 'namespace', into, '--wait=false']);
  return { backupMs, restoreMs };
}

async function timed(call: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await call();
  return performance.now() - startedMs;
}

/** From the command to its plan, and from the approval until its last step is done, by the journal. */
async function run(salvor: Salvor, playbook: string, params: Params) {
  const { planMs, path, view } = await planned(salvor, playbook, params);
  const approvedMs = Date.now();
  await salvor.ask(`${path}/approve`, z.unknown(), { plan: view.digest ?? '' });
  const done = await until(salvor, path, ENDED);
  if (done.state !== 'done') throw new Error(`${playbook} is ${done.state}: ${done.end}`);
  const last = done.journal.findLast(({ type }) => type === 'step.done');
  return { planMs, doneMs: (last?.at ?? Number.NaN) - approvedMs };
}

async function planned(salvor: Salvor, playbook: string, params: Params) {
  const startedMs = performance.now();
  const { run: id } = await salvor.ask(`/api/v1/playbooks/${playbook}/runs`, Started, { params, reason: 'the benchmark' });
  const path = `/api/v1/runs/${encodeURIComponent(id)}`;
  const view = await until(salvor, path, ['proposed']);
  return { planMs: performance.now() - startedMs, path, view };
}

async function until(salvor: Salvor, path: string, states: readonly string[]): Promise<RunView> {
  for (;;) {
    const view = await salvor.ask(path, RunView);
    if (states.includes(view.state)) return view;
    if (ENDED.includes(view.state)) throw new Error(`the run is ${view.state}: ${view.finding?.reason ?? ''}`);
    await pause(50);
  }
}
