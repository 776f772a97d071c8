import { afterAll, beforeAll, expect, test } from 'vitest';
import { permissionText } from '../../../src/domain/permission.ts';
import { openStage } from '../../e2e/stage/stage.ts';
import { type Cluster, startCluster } from '../cluster.ts';
import { type Account, openAccount, printedRights } from './account.ts';
import { askedBy } from './audit.ts';
import { grantedBy } from './granted.ts';
import { backUp, failOnce, makeSchedule, newestRun, openSalvor, phaseOf, storageIs, untilRun } from './stage.ts';

const PLAYED = ['backup-failed', 'backup-failed-scan', 'backup-run'];

/** Rights that none of these stories uses. */
const UNUSED: ReadonlyMap<string, string> = new Map([
  ['watch podvolumebackups.velero.io', 'only a run that waits for the next scheduled backup, after one whose volume copies it read, watches them'],
]);

let cluster: Cluster;
let account: Account;
beforeAll(async () => {
  cluster = await startCluster({ env: { CLUSTER_AUDIT: '1' } });
  account = await openAccount(cluster);
  await cluster.kubectl(['create', 'namespace', 'shop']);
  await cluster.kubectl(['-n', 'shop', 'create', 'configmap', 'prices', '--from-literal=tea=3']);
});
afterAll(() => cluster?.close());

test('everything is done under exactly the printed rights, also while the token is replaced, and each of them is used', { timeout: 180_000 }, async () => {
  await cluster.kubectl(['apply', '-f', '-'], await printedRights({ playbook: PLAYED }));
  await makeSchedule(cluster, 'daily', ['shop']);
  await makeSchedule(cluster, 'gone', ['shop', 'nobody-has-this']);
  const { api, alert } = await openSalvor(openStage(), account);

  // A backup fails because the storage is away; the run waits, and watches.
  await failOnce(cluster, 'daily-tonight', 'daily');
  await storageIs(cluster, 'Unavailable');
  await alert({ alertname: 'VeleroBackupFailed', cluster: 'prod', schedule: 'daily', severity: 'critical' });
  const { id } = await newestRun(api, 'backup-failed');
  await untilRun(api, id, 'waiting');

  // Its token becomes worthless, and another lies in the file: nobody restarts anything.
  await account.renew();
  await cluster.start('versitygw');
  const proposed = await untilRun(api, id, 'proposed');
  await api.approve(proposed);
  const done = await untilRun(api, id, 'done');
  const [made] = await backupsOf('retry');
  expect(done.steps[0]?.result?.['name']).toBe(made);
  expect(await phaseOf(cluster, made ?? '')).toBe('Completed');

  // One by hand.
  const { run } = await api.start('backup-run', { schedule: 'daily' });
  await api.approve(await untilRun(api, run, 'proposed'));
  await untilRun(api, run, 'done');
  expect(await backupsOf('run')).toHaveLength(1);

  // An alert that does not say which schedule: it is found, and what Velero wrote about its failure is fetched.
  expect(await backUp(cluster, 'gone-tonight', 'gone')).toBe('PartiallyFailed');
  await alert({ alertname: 'VeleroBackupFailed', cluster: 'prod', severity: 'critical' });
  const found = await newestRun(api, 'backup-failed-scan');
  await untilRun(api, found.id, 'handed-over');

  const asked = askedBy(account.user, cluster);
  const uids = [...new Set(asked.map(({ uid }) => uid))];
  expect(uids).toHaveLength(2);
  const verbsSince = new Set(asked.flatMap(({ uid, code, permission }) => (uid === uids[1] && code < 400 ? permission.verb : [])));
  expect([...verbsSince].sort()).toEqual(['create', 'delete', 'get', 'list', 'watch']);
  expect(asked.filter(({ code }) => code === 403)).toEqual([]);
  const used = new Set(asked.map(({ permission: { verb, group, resource } }) => permissionText({ verb, group, resource })));
  const granted = grantedBy(await printedRights({ playbook: PLAYED, json: true }));
  expect([...used].filter((one) => !granted.has(one))).toEqual([]);
  expect([...granted].filter((one) => !used.has(one))).toEqual([...UNUSED.keys()]);
});

/** Names of what Salvor made: retries, or backups by hand. */
async function backupsOf(kind: 'retry' | 'run'): Promise<readonly string[]> {
  const names = await cluster.kubectl(['-n', 'velero', 'get', 'backups.velero.io', '-o', 'jsonpath={.items[*].metadata.name}']);
  return names.split(' ').filter((name) => name.startsWith(`daily-${kind}-`));
}
