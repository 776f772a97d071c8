import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCluster } from '../../../src/kube/open-cluster.ts';
import { errorCode } from '../../../src/model/error.ts';
import { systemClock } from '../../../src/port/clock.ts';
import type { Cluster as KubeCluster } from '../../../src/port/kube.ts';
import { silentLog } from '../../../src/port/log.ts';
import { openStage } from '../../e2e/stage/stage.ts';
import { until } from '../../e2e/stage/until.ts';
import { type Cluster, startCluster } from '../cluster.ts';
import { type Account, openAccount, printedRights } from './account.ts';
import { grantedBy, permissionIn, rolesIn } from './granted.ts';
import { failOnce, makeSchedule, openSalvor, storageIs, untilRun } from './stage.ts';
import { QUESTION, type Row, tableOf, tryWithout } from './trial.ts';

const EVERYBODY = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', name: 'system:basic-user' };
const REVIEWS = 'create selfsubjectaccessreviews.authorization.k8s.io';

let cluster: Cluster;
let account: Account;
/** As the administrator, and as Salvor itself but by another name, so that what is asked here is not taken for Salvor's. */
let admin: KubeCluster;
let self: KubeCluster;
beforeAll(async () => {
  cluster = await startCluster({ env: { CLUSTER_AUDIT: '1' } });
  account = await openAccount(cluster);
  const common = { name: 'prod', clock: systemClock, log: silentLog, userAgent: 'test' };
  admin = await openCluster({ ...common, kubeconfig: cluster.kubeconfig });
  self = await openCluster({ ...common, kubeconfig: account.kubeconfigFile });
  await cluster.kubectl(['create', 'namespace', 'shop']);
  await makeSchedule(cluster, 'daily', ['shop']);
  await failOnce(cluster, 'daily-tonight', 'daily');
  await cluster.start('versitygw');
  await storageIs(cluster, 'Available');
});
afterAll(async () => {
  await Promise.all([admin?.close(), self?.close()]);
  await cluster?.close();
});

// Nineteen runs, each with a question to Velero that takes a second or two.
test('without any one right nothing is begun, the right is named, and was predicted', { timeout: 240_000 }, async () => {
  const printed = await printedRights({ playbook: ['backup-failed'], json: true });
  await cluster.kubectl(['apply', '-f', '-'], printed);
  const stage = openStage();
  const { api } = await openSalvor(stage, account, { only: ['backup-failed'] });
  const config = join(stage.folder, 'salvor.yaml');
  const before = await held();
  const rows: Row[] = [];
  let missing: string | undefined;
  for (const right of grantedBy(printed)) {
    const back = missing;
    await give(printed, right);
    // Almost every cluster lets everybody ask what they may do; this one does not, from here on.
    if (right === REVIEWS) await admin.access.delete(EVERYBODY, { uid: (await admin.access.get(EVERYBODY)).metadata.uid ?? '' });
    await untilKnown(right);
    if (back !== undefined && right !== REVIEWS) await until(`${back} is given again`, () => isAllowed(back));
    missing = right;
    rows.push(await tryWithout(right, { api, user: account.user, cluster, config }));
    expect(await held()).toEqual(before);
  }
  console.info(tableOf(rows));
  expect(rows).toEqual(rows.map(({ right }) => expectedWithout(right)));
});

test('a right that is taken away while people decide stops the plan before its first write', async () => {
  const right = 'create backups.velero.io';
  const printed = await printedRights({ playbook: ['backup-failed'], json: true });
  await cluster.kubectl(['apply', '-f', '-'], printed);
  await until('everything is allowed', () => isAllowed(right));
  const { api } = await openSalvor(openStage(), account);
  const { run } = await api.start('backup-failed', { schedule: 'daily' });
  const proposed = await untilRun(api, run, 'proposed');
  const before = await held();
  await give(printed, right);
  await untilKnown(right);
  await api.approve(proposed);
  const { end, journal } = await untilRun(api, run, 'handed-over');
  expect(end).toBe(expectedWithout(right).says);
  expect(journal.map(({ type }) => type)).not.toContain('write.intent');
  expect(await held()).toEqual(before);
});

/** The roles as they were printed, but for one right. */
async function give(printed: string, but: string): Promise<void> {
  for (const { name, rules } of rolesIn(printed, but)) {
    const ref = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name };
    await admin.access.patch(ref, { rules }, { uid: (await admin.access.get(ref)).metadata.uid ?? '' });
  }
}

/** Until the server refuses it, and Salvor, which believes a yes for a second, has none from before. */
async function untilKnown(missing: string): Promise<void> {
  await until(`the server knows what is missing: ${missing}`, async () => !(await isAllowed(missing)));
  const sinceMs = performance.now();
  await until('no yes from before counts', () => performance.now() - sinceMs > 1000);
}

/** Where not even this may be asked, the answer is no. */
function isAllowed(right: string): Promise<boolean> {
  return self.access.mayI(permissionIn('velero', right)).catch((error: unknown) => {
    if (errorCode(error) === 'kube.forbidden') return false;
    throw error;
  });
}

/** Backups and requests in Velero's namespace, each at its version: the same before and after means that nobody wrote. */
async function held(): Promise<readonly string[]> {
  const kinds = ['Backup', 'DownloadRequest', 'ServerStatusRequest'].map((kind) =>
    admin.access.list({ apiVersion: 'velero.io/v1', kind, namespace: 'velero' }),
  );
  return (await Promise.all(kinds)).flat().map(({ kind, metadata: { name, resourceVersion } }) => `${kind}/${name}@${resourceVersion}`);
}

/** Needed by the step alone, and asked for before the plan is proposed; everything else that is not only watched is asked for before the diagnosis looks. */
const OF_THE_STEP = new Set(['get backups.velero.io', 'create backups.velero.io', 'get namespaces']);

function expectedWithout(right: string): Row {
  const own = right === REVIEWS || right === 'get namespaces';
  const name = right === 'get namespaces' ? `${right} kube-system` : own ? right : `${right} in velero`;
  const watched = right.startsWith('watch ') || right === 'list schedules.velero.io';
  const who = own || watched ? 'Salvor itself' : OF_THE_STEP.has(right) ? 'backup.create' : 'backup.diagnose';
  const says = `prod does not let us ${name}, which ${who} needs; salvor rbac | kubectl apply -f - gives the right`;
  return {
    right,
    state: watched ? 'proposed' : 'handed-over',
    says: watched ? `${says}; until then changes are seen at the next look` : says,
    wrote: watched || OF_THE_STEP.has(right) ? QUESTION : [],
    predicted: [name],
  };
}
