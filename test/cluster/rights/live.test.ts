import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Clock, systemClock } from '../../../src/port/clock.ts';
import { type Cluster, startCluster } from '../cluster.ts';
import { type Account, openAccount, printedRights } from './account.ts';
import { storageIs } from './stage.ts';
import { checkLive } from './trial.ts';

const TEN_MINUTES_MS = 600_000;

let cluster: Cluster;
let account: Account;
let folder: string;
beforeAll(async () => {
  cluster = await startCluster();
  account = await openAccount(cluster);
  folder = mkdtempSync(join(cluster.dir, 'live-'));
  await cluster.kubectl(['apply', '-f', '-'], await printedRights());
});
afterAll(() => cluster?.close());

/** What `check --live` says of the cluster at the end of this kubeconfig: its exit code, then code and message of each problem. */
async function said(
  kubeconfig: string,
  { more = '', clock = systemClock }: { readonly more?: string; readonly clock?: Clock } = {},
): Promise<readonly string[]> {
  const config = join(folder, 'salvor.yaml');
  writeFileSync(
    config,
    `clusters: [{ name: prod, kubeconfig: ${JSON.stringify(kubeconfig)} }]\nroles: { approver: [a], commander: [a], owner: [a] }\npeople: [{ name: ana, teams: [a] }]\n${more}`,
  );
  const { exit, problems } = await checkLive(config, clock);
  return [String(exit), ...problems.map(({ code = '', message }) => `${code}: ${message}`)];
}

/** Salvor's own kubeconfig with something about it changed. */
function changed(from: string, to: string): string {
  const text = readFileSync(account.kubeconfigFile, 'utf8').replace('tokenFile: token', `tokenFile: ${join(account.kubeconfigFile, '..', 'token')}`);
  if (!text.includes(from)) throw new Error(`the kubeconfig has no "${from}"`);
  const path = join(folder, 'kubeconfig');
  writeFileSync(path, text.replace(from, to));
  return path;
}

test('a cluster where everything is as it should be has nothing said of it', async () => {
  expect(await said(account.kubeconfigFile)).toEqual(['0']);
});

describe('it tells apart, with what to do,', () => {
  test('a server that does not answer', async () => {
    expect(await said(changed(cluster.env['KUBE_SERVER'] ?? '', 'https://127.0.0.1:9'))).toEqual([
      '3',
      'live.unreachable: prod: refuses connections; does the API server run at the address in the kubeconfig? kubectl get --raw /livez asks the same',
    ]);
  });

  test('a server of another authority', async () => {
    const other = join(folder, 'other.crt');
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=other', '-keyout', `${other}.key`, '-out', other],
      { stdio: 'ignore' },
    );
    const ours = readFileSync(join(cluster.dir, 'pki', 'ca.crt')).toString('base64');
    expect(await said(changed(ours, readFileSync(other).toString('base64')))).toEqual([
      '3',
      expect.stringMatching(
        /^live\.certificate: prod: does not pass the TLS check \([A-Z_]+\); the kubeconfig trusts another authority: renew its certificate-authority-data$/,
      ),
    ]);
  });

  test('a server of another name', async () => {
    expect(await said(changed('certificate-authority-data:', 'tls-server-name: elsewhere.example, certificate-authority-data:'))).toEqual([
      '3',
      'live.certificate: prod: does not pass the TLS check (ERR_TLS_CERT_ALTNAME_INVALID); the certificate is for another name: correct server, or set tls-server-name, in the kubeconfig',
    ]);
  });

  test('a token that is not accepted', async () => {
    const path = join(folder, 'old-token');
    writeFileSync(path, 'e30.e30.e30\n');
    expect(await said(changed(`tokenFile: ${join(account.kubeconfigFile, '..', 'token')}`, `tokenFile: ${path}`))).toEqual([
      '3',
      expect.stringMatching(
        /^live\.credentials: prod: does not accept our token or client certificate \(401\).*; make a new token or certificate and put it where the kubeconfig says/,
      ),
    ]);
  });

  test('a kubeconfig that is not there', async () => {
    expect(await said(join(folder, 'nowhere'))).toEqual([
      '3',
      expect.stringMatching(/^live\.credentials: prod: cannot sign in: ENOENT.*; look at its kubeconfig/),
    ]);
  });

  test('a clock that is ten minutes off', async () => {
    const ahead: Clock = { ...systemClock, nowMs: () => systemClock.nowMs() + TEN_MINUTES_MS };
    expect(await said(account.kubeconfigFile, { clock: ahead })).toEqual([
      '1',
      expect.stringMatching(
        /^live\.clock: the clock of prod is (10m|9m 5\ds) behind ours: ages and schedules are misjudged; set both by NTP \(timedatectl, chronyc tracking\)$/,
      ),
    ]);
  });

  test('a namespace in which Velero does not live', async () => {
    expect(await said(cluster.kubeconfig, { more: 'playbooks: { veleroNamespace: elsewhere }\n' })).toEqual([
      '1',
      'live.velero-namespace: prod has no storage location of Velero in the namespace elsewhere; there is one in velero: write playbooks: { veleroNamespace: velero } in salvor.yaml, then salvor rbac again',
    ]);
  });

  test('a storage that is away', async () => {
    await cluster.kill('versitygw');
    await storageIs(cluster, 'Unavailable');
    expect(await said(account.kubeconfigFile)).toEqual([
      '1',
      expect.stringMatching(
        /^live\.storage: the storage location default in velero is Unavailable: .*connection refused.*; velero backup-location get default -n velero$/,
      ),
    ]);
    await cluster.start('versitygw');
    await storageIs(cluster, 'Available');
  });

  test('a Velero that does not answer', async () => {
    await cluster.kill('velero');
    expect(await said(account.kubeconfigFile)).toEqual([
      '1',
      'live.velero-silent: Velero in velero of prod does not answer; kubectl -n velero logs deploy/velero tells why',
    ]);
    await cluster.start('velero');
  });

  // The last one: the kind does not come back.
  test('a kind of Velero that is not served', async () => {
    await cluster.kubectl(['delete', 'crd', 'podvolumebackups.velero.io']);
    await expect
      .poll(() => said(account.kubeconfigFile), { timeout: 20_000 })
      .toEqual(['1', expect.stringMatching(/^live\.velero-missing: prod does not serve PodVolumeBackup of velero\.io\/v1: .*; velero install --crds-only/)]);
  });
});

test('a cluster that is away hides no other', async () => {
  const away = changed(cluster.env['KUBE_SERVER'] ?? '', 'https://127.0.0.1:9');
  const config = join(folder, 'salvor.yaml');
  writeFileSync(
    config,
    `clusters: [{ name: away, kubeconfig: ${away}, default: true }, { name: prod, kubeconfig: ${account.kubeconfigFile} }]\nroles: { approver: [a], commander: [a], owner: [a] }\npeople: [{ name: ana, teams: [a] }]\n`,
  );
  const { exit, problems } = await checkLive(config);
  expect([exit, ...problems.map(({ code }) => code)]).toEqual([3, 'live.unreachable', 'live.velero-missing']);
});
