import { openCluster } from '../src/kube/open-cluster.ts';
import type { Manifest } from '../src/model/object.ts';
import { systemClock } from '../src/port/clock.ts';
import { silentLog } from '../src/port/log.ts';
import { backupsOf, schedule } from '../test/cluster/backup-failed/backups.ts';
import type { startCluster } from '../test/cluster/cluster.ts';
import { closedLoop } from './sender.ts';

type Cluster = Awaited<ReturnType<typeof startCluster>>;
type Filled = {
  /** Schedules whose backup failed with the cause on the Backup itself. */
  readonly written: readonly string[];
  /** Schedules whose backup failed with the cause in its results in the storage. */
  readonly fetched: readonly string[];
  readonly backups: number;
  readonly pods: number;
};

const HOUR_MS = 3_600_000;
const RESTARTED = 'found a backup with status "InProgress" during the server starting, mark it as "Failed"';

/** The cluster as it is after a year: backups of many nights, pods of many teams, and a failed backup for each alert to come. */
export async function fillCluster(cluster: Cluster, { written, fetched, backups: count, pods }: Filled): Promise<void> {
  const backups = backupsOf(cluster);
  const api = await openCluster({ name: 'bench', kubeconfig: cluster.kubeconfig, clock: systemClock, log: silentLog, userAgent: 'bench' });
  const create = (manifest: Manifest): Promise<unknown> => api.access.create(manifest);
  await backups.apply(written.map((name) => schedule(name, { includedNamespaces: ['default'] })));
  await backups.apply(fetched.map((name) => schedule(name, { includedNamespaces: ['gone'] })));
  for (const name of fetched) await backups.make(`${name}-tonight`, name);
  for (const name of written) await create(backup(`${name}-tonight`, name, { phase: 'Failed', failureReason: RESTARTED, ...times(HOUR_MS / 2) }));
  const nights = count - 2 * written.length;
  await closedLoop(16, nights, (turn) =>
    create(
      backup(`night-${turn}`, `team-${turn % 20}`, { phase: 'Completed', progress: { totalItems: 214, itemsBackedUp: 214 }, ...times((turn + 1) * HOUR_MS) }),
    ),
  );
  // Nobody schedules them: what matters is that they are there.
  await closedLoop(32, pods, (turn) => create(pendingPod(`web-${turn}`)));
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
