/**
 * From an alert to the diagnosis of a failed backup on the real cluster of the tests, with 500 backups and 5,000 pods in it; what Salvor takes in
 * memory there; and what it asks when nothing happens. `node bench/diagnosis.ts [rounds] [idle minutes]`.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { openCluster } from '../src/kube/open-cluster.ts';
import type { Manifest } from '../src/model/object.ts';
import { systemClock } from '../src/port/clock.ts';
import { silentLog } from '../src/port/log.ts';
import { RunPage, RunView } from '../src/port/view/run.ts';
import { alertBody } from '../src/rehearse/alert-body.ts';
import { backupsOf, schedule } from '../test/cluster/backup-failed/backups.ts';
import { startCluster } from '../test/cluster/cluster.ts';
import { startChild } from './child.ts';
import { pause, startSalvor } from './salvor.ts';
import { closedLoop, post } from './sender.ts';
import { machineLine, printTable, roundsAsked, spread } from './table.ts';

const BACKUPS = 500;
const PODS = 5000;
const TARGET = { diagnosisMs: 2000, memoryMb: 120, requests: 1 } as const;
const HOUR_MS = 3_600_000;
const RESTARTED = 'found a backup with status "InProgress" during the server starting, mark it as "Failed"';
const rounds = roundsAsked();
const idleMinutes = Number(process.argv[3] ?? 3);

const built = spawnSync('bash', [join(import.meta.dirname, '..', 'test', 'cluster', 'build.sh')], { stdio: ['ignore', 'ignore', 'inherit'] });
if (built.status !== 0) throw new Error('the programs of the cluster could not be built; the lines above say why');
const cluster = await startCluster({ env: { CLUSTER_AUDIT: '1', CLUSTER_VELERO_FLAGS: '--concurrent-backups 20' } });
try {
  await measure();
} finally {
  await cluster.close();
}

async function measure(): Promise<void> {
  // What Velero said on the Backup itself needs no file; what stands in its results has to be fetched from the storage.
  const written = Array.from({ length: rounds + 1 }, (_, round) => `written-${round}`);
  const fetched = Array.from({ length: rounds + 1 }, (_, round) => `fetched-${round}`);
  await fill(written, fetched);

  const imports = startChild('imports.ts', []);
  const importsMb = Number((await imports.hear('usage'))['rssBytes']) / 1e6;
  await imports.ended;
  const salvor = await startSalvor({ kubeconfig: cluster.kubeconfig });
  await salvor.quiet();

  const ask = async <T>(path: string, schema: z.ZodType<T>): Promise<T> =>
    schema.parse(await (await fetch(`${salvor.url}${path}`, { headers: { authorization: `Bearer ${salvor.token}` } })).json());
  /** By the journal of the run: from the moment before the alert is posted until the diagnosis is there. */
  const diagnosed = async (name: string): Promise<number> => {
    const sentMs = systemClock.nowMs();
    const labels = { alertname: 'VeleroBackupFailed', cluster: 'prod', schedule: name, severity: 'critical' };
    await post(salvor.webhook, alertBody({ labels, status: 'firing', startsAtMs: sentMs, nowMs: sentMs }));
    for (;;) {
      const { items } = await ask('/api/v1/runs', RunPage);
      const found = items.find(({ target }) => target === name);
      const run = found && (await ask(`/api/v1/runs/${encodeURIComponent(found.id)}`, RunView));
      const line = run?.journal.find(({ type }) => type === 'run.diagnosed');
      if (line !== undefined) return line.at - sentMs;
      await pause(50);
    }
  };
  // One of each warms everything up: the client library, the connection, what the server can do.
  const writtenMs = (await inTurn(written, diagnosed)).slice(1);
  const fetchedMs = (await inTurn(fetched, diagnosed)).slice(1);

  const { rssMb } = await salvor.quiet();
  const beforeIdle = requests().length;
  await pause(idleMinutes * 60_000);
  const idle = requests().slice(beforeIdle);
  const beyond = idle.filter((line) => !line.startsWith('watch ')).length / idleMinutes;
  await salvor.stop();

  const slowest = (all: readonly number[]): string => (Math.max(...all) <= TARGET.diagnosisMs ? 'yes' : 'no');
  console.log(`${BACKUPS} backups and ${PODS} pods on a real cluster; ${rounds} rounds, min..median..max\n${machineLine()}`);
  printTable(
    ['what', 'measured', 'target', 'met'],
    [
      ['alert to diagnosis, cause on the Backup', `${spread(writtenMs, 0)} ms`, `${TARGET.diagnosisMs} ms`, slowest(writtenMs)],
      ['alert to diagnosis, cause in the storage', `${spread(fetchedMs, 0)} ms`, `${TARGET.diagnosisMs} ms`, slowest(fetchedMs)],
      ['memory', `${rssMb.toFixed(0)} MB, imports alone ${importsMb.toFixed(0)}`, `imports + ${TARGET.memoryMb} MB`, met(rssMb - importsMb, TARGET.memoryMb)],
      [`requests a minute, idle for ${idleMinutes} min`, `${beyond.toFixed(1)} beyond watches`, `${TARGET.requests}`, met(beyond, TARGET.requests)],
    ],
  );
  if (idle.length > 0) console.log(`Idle, it asked: ${[...new Set(idle)].map((one) => `${one} ×${idle.filter((line) => line === one).length}`).join(', ')}`);
}

/** The cluster as it is after a year: backups of many nights, pods of many teams, and a failed backup for each alert to come. */
async function fill(written: readonly string[], fetched: readonly string[]): Promise<void> {
  const backups = backupsOf(cluster);
  const api = await openCluster({ name: 'bench', kubeconfig: cluster.kubeconfig, clock: systemClock, log: silentLog, userAgent: 'bench' });
  const create = (manifest: Manifest): Promise<unknown> => api.access.create(manifest);
  await backups.apply(written.map((name) => schedule(name, { includedNamespaces: ['default'] })));
  await backups.apply(fetched.map((name) => schedule(name, { includedNamespaces: ['gone'] })));
  for (const name of fetched) await backups.make(`${name}-tonight`, name);
  for (const name of written) await create(backup(`${name}-tonight`, name, { phase: 'Failed', failureReason: RESTARTED, ...times(HOUR_MS / 2) }));
  const nights = BACKUPS - 2 * written.length;
  await closedLoop(16, nights, (turn) =>
    create(
      backup(`night-${turn}`, `team-${turn % 20}`, { phase: 'Completed', progress: { totalItems: 214, itemsBackedUp: 214 }, ...times((turn + 1) * HOUR_MS) }),
    ),
  );
  // Nobody schedules them: what matters is that they are there.
  await closedLoop(32, PODS, (turn) => create(pendingPod(`web-${turn}`)));
  await api.close();
}

function times(agoMs: number): { readonly startTimestamp: string; readonly completionTimestamp: string } {
  const at = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
  return { startTimestamp: at(systemClock.nowMs() - agoMs), completionTimestamp: at(systemClock.nowMs() - agoMs + 60_000) };
}

function backup(name: string, ofSchedule: string, status: object): Manifest {
  const metadata = { name, namespace: 'velero', labels: { 'velero.io/schedule-name': ofSchedule } };
  return { apiVersion: 'velero.io/v1', kind: 'Backup', metadata, spec: { includedNamespaces: ['default'], storageLocation: 'default', ttl: '8760h' }, status };
}

function pendingPod(name: string): Manifest {
  const container = { name: 'app', image: 'registry.example.test/team/app:1.2.3', resources: { requests: { cpu: '100m', memory: '128Mi' } } };
  const env = Array.from({ length: 20 }, (_, n) => ({ name: `SETTING_${n}`, value: `the value of setting ${n}` }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: { app: 'web', team: 'shop' } },
    spec: { schedulerName: 'nobody', containers: [{ ...container, env }] },
  };
}

async function inTurn(names: readonly string[], call: (name: string) => Promise<number>): Promise<readonly number[]> {
  const answers: number[] = [];
  for (const name of names) answers.push(await call(name));
  return answers;
}

/** What Salvor asked the API server so far, as `list backups`, by the server's own record. */
function requests(): readonly string[] {
  const lines = readFileSync(join(cluster.dir, 'log', 'audit.jsonl'), 'utf8').split('\n');
  return lines
    .filter((line) => line.includes('"userAgent":"salvor/'))
    .map((line) => `${/"verb":"(\w+)"/.exec(line)?.[1]} ${/"resource":"(\w+)"/.exec(line)?.[1] ?? 'of the API'}`);
}

function met(value: number, target: number): string {
  return value <= target ? 'yes' : 'no';
}
