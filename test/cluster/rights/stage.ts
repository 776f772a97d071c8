import { isTerminal } from '../../../src/domain/velero/phase.ts';
import type { RunView } from '../../../src/port/view/run.ts';
import { anHourAgo } from '../../e2e/stage/cluster.ts';
import { openSite, type Salvor, type SalvorApi, type SiteOptions } from '../../e2e/stage/salvor.ts';
import type { Stage } from '../../e2e/stage/stage.ts';
import { until } from '../../e2e/stage/until.ts';
import type { Cluster } from '../cluster.ts';
import type { Account } from './account.ts';

/** The slowest of these stories waits for a backup of Velero, which looks at its queue once a minute. */
export const PATIENTLY = { withinMs: 90_000, everyMs: 100 } as const;

/** A schedule whose time came an hour ago: none of its backups is due while a test runs. */
export async function makeSchedule(cluster: Cluster, name: string, namespaces: readonly string[]): Promise<void> {
  const spec = { schedule: anHourAgo(), template: { includedNamespaces: namespaces } };
  const schedule = { apiVersion: 'velero.io/v1', kind: 'Schedule', metadata: { name, namespace: 'velero' }, spec };
  await cluster.kubectl(['apply', '-f', '-'], JSON.stringify(schedule));
}

/** A backup from a schedule, and its end. */
export async function backUp(cluster: Cluster, name: string, schedule: string): Promise<string> {
  await cluster.velero(['backup', 'create', name, '--from-schedule', schedule]);
  return until(`the backup ${name} is over`, async () => isOver(await phaseOf(cluster, name)), PATIENTLY);
}

export const phaseOf = (cluster: Cluster, name: string): Promise<string> =>
  cluster.kubectl(['-n', 'velero', 'get', 'backups.velero.io', name, '-o', 'jsonpath={.status.phase}']);
const isOver = (phase: string): string | undefined => (isTerminal(phase) ? phase : undefined);

/** Until Velero says so of its only storage. */
export async function storageIs(cluster: Cluster, phase: 'Available' | 'Unavailable'): Promise<void> {
  await cluster.kubectl(['-n', 'velero', 'wait', '--for', `jsonpath={.status.phase}=${phase}`, 'bsl/default', '--timeout=60s']);
}

/** The storage was away for one backup of the schedule, and is back: a second try can work. */
export async function failOnce(cluster: Cluster, name: string, schedule: string): Promise<void> {
  await cluster.kill('versitygw');
  const phase = await backUp(cluster, name, schedule);
  if (phase !== 'Failed') throw new Error(`the backup ${name} ended ${phase}`);
}

/** Salvor as it is served, who is nobody but this account. */
export async function openSalvor(
  stage: Stage,
  account: Account,
  options: SiteOptions = {},
): Promise<Salvor & { readonly alert: (labels: Labels) => Promise<void> }> {
  const site = await openSite(stage, account, options);
  const salvor = await site.start();
  const [token = ''] = site.secrets;
  return { ...salvor, alert: (labels) => post(salvor.url, { token, labels }) };
}

type Labels = { readonly [name: string]: string };

async function post(url: string, { token, labels }: { readonly token: string; readonly labels: Labels }): Promise<void> {
  const alert = {
    status: 'firing',
    labels,
    annotations: {},
    startsAt: new Date().toISOString(),
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: '',
    fingerprint: '0',
  };
  const body = {
    version: '4',
    groupKey: '{}',
    status: 'firing',
    receiver: 'salvor',
    groupLabels: {},
    commonLabels: labels,
    commonAnnotations: {},
    externalURL: '',
    alerts: [alert],
  };
  const response = await fetch(`${url}/api/v1/alertmanager`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
  });
  if (response.status !== 200) throw new Error(`the webhook answered ${response.status}: ${await response.text()}`);
}

const OPEN: readonly RunView['state'][] = ['queued', 'diagnosing', 'waiting', 'proposed', 'executing', 'verifying', 'closing'];

/** The run, once it is so; one that ends otherwise is told at once. */
export async function untilRun(api: SalvorApi, id: string, state: RunView['state']): Promise<RunView> {
  const found = await until(
    `the run is ${state}`,
    async () => {
      const run = await api.run(id);
      return run.state === state || !OPEN.includes(run.state) ? run : undefined;
    },
    PATIENTLY,
  );
  if (found.state !== state) throw new Error(`the run ended ${found.state}: ${found.end ?? 'without a reason'}`);
  return found;
}

/** The newest run of a playbook. */
export const newestRun = (api: SalvorApi, playbook: string): Promise<RunView> =>
  until(`there is a run of ${playbook}`, async () => (await api.runs()).find((run) => run.playbook === playbook), PATIENTLY);
