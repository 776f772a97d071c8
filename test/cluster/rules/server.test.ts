import { expect, test } from 'vitest';
import { startAlertmanager } from '../../e2e/stage/alertmanager.ts';
import { describeWithPrograms } from '../../e2e/stage/debian.ts';
import { startPrometheus } from '../../e2e/stage/prometheus.ts';
import { openSite } from '../../e2e/stage/salvor.ts';
import { openStage } from '../../e2e/stage/stage.ts';
import { until } from '../../e2e/stage/until.ts';
import { auditedWrites, SALVOR } from '../audit.ts';
import { backupsOf, schedule } from '../backup-failed/backups.ts';
import { startCluster } from '../cluster.ts';
import { openShelf } from '../restore/shop.ts';
import { calm, fires, toldOf, untilRun } from './fired.ts';
import { forbidJobs, maintain, REPOSITORY, repository } from './repository.ts';

describeWithPrograms('the Velero server and what it says of its own work, with Prometheus and Alertmanager as they are', () => {
  test('a repository that is not maintained, backups that come out partial or are refused, and a server that is gone: each alert ends as it should', {
    timeout: 300_000,
  }, async () => {
    const stage = openStage();
    const cluster = await startCluster({ env: { CLUSTER_AUDIT: '1' } });
    stage.onClose(() => cluster.close());
    const backups = backupsOf(cluster);
    await openShelf(cluster, 'shop');
    await backups.apply([
      schedule('partial', { includedNamespaces: ['nowhere'] }),
      schedule('refused', { includedNamespaces: ['shop'], storageLocation: 'nowhere' }),
      repository(),
    ]);
    await cluster.kubectl(['-n', 'velero', 'wait', '--for', 'jsonpath={.status.phase}=Ready', `backuprepository/${REPOSITORY}`, '--timeout', '60s']);

    const site = await openSite(stage, { kubeconfigFile: cluster.kubeconfig });
    const alertmanager = await startAlertmanager(stage, { line: site.line, tokenFile: site.amTokenFile });
    const { host, pathname } = new URL(cluster.env['VELERO_METRICS'] ?? '');
    const prometheus = await startPrometheus(stage, { velero: { host, path: pathname }, alertmanager });
    const salvor = await site.start();
    // An increase is seen only where the counter was seen before it.
    for (const metric of ['velero_backup_partial_failure_total{schedule="partial"}', 'velero_backup_validation_failure_total{schedule="refused"}'])
      await until(`${metric} was scraped twice`, async () => ((await prometheus.value(`count_over_time(${metric}[30s])`)) ?? 0) >= 2);
    expect(await prometheus.firing()).toEqual([]);

    // One failure is enough, although the counter begins with it.
    await backups.apply([forbidJobs()]);
    await maintain(cluster);
    await fires(prometheus, 'VeleroRepoMaintenanceFailed/');
    expect(await prometheus.value('velero_repo_maintenance_failure_total')).toBe(1);
    const unkept = await untilRun(salvor, 'repo-diagnose', 'handed-over');
    expect(unkept.finding?.reason).toMatch(new RegExp(`^the last maintenance of the repository ${REPOSITORY} failed: .*exceeded quota: no-jobs`));
    await cluster.kubectl(['-n', 'velero', 'delete', 'resourcequota', 'no-jobs']);
    await maintain(cluster);
    await until('it is maintained', async () => (await prometheus.value('velero_repo_maintenance_success_total')) === 1);
    await salvor.api.start('repo-diagnose', {});
    expect((await untilRun(salvor, 'repo-diagnose', 'recovered')).finding?.reason).toBe('"default": Available');

    expect((await backups.make('partial-1', 'partial')).phase).toBe('PartiallyFailed');
    expect((await backups.make('refused-1', 'refused')).phase).toBe('FailedValidation');
    await fires(prometheus, 'VeleroBackupPartiallyFailed/partial');
    await fires(prometheus, 'VeleroBackupFailed/refused');
    for (const [target, reason] of [
      ['partial', 'partial-1 ended PartiallyFailed because it names a namespace that does not exist'],
      ['refused', 'refused-1 ended FailedValidation because'],
    ] as const) {
      const over = await until(`${target} is handed over`, async () =>
        (await salvor.api.runs()).find((one) => one.target === target && one.state === 'handed-over'),
      );
      expect(over).toMatchObject({ playbook: 'backup-failed', finding: { reason: expect.stringContaining(reason) } });
    }

    // Nobody scrapes it, nobody asks it anything.
    await cluster.kill('velero');
    await fires(prometheus, 'VeleroDown/');
    const proposed = await untilRun(salvor, 'backup-health', 'proposed');
    expect(proposed.finding?.reason).toMatch(/^the Velero server looks well and answers nothing: its pod is Ready, and no request is taken up$/);
    expect(auditedWrites(cluster, SALVOR)).toEqual([]);
    await salvor.api.approve(proposed);
    await until('its pods are made anew', () => auditedWrites(cluster, SALVOR).length === 1);
    // The fake nodes run no server: what a kubelet would do with the new pod is done here.
    await cluster.start('velero');
    const done = await untilRun(salvor, 'backup-health', 'done');
    await until('people read of it', async () => (await toldOf(salvor, done)).includes('Velero v1.18.3 answers again'));
    await calm(prometheus, 'VeleroDown/');
    expect(auditedWrites(cluster, SALVOR)).toEqual(['patch deployments/velero']);

    await until('nothing fires any more', async () => (await salvor.api.incidents()).every(({ firing }) => firing === 0), { withinMs: 90_000 });
    expect(await salvor.api.audit()).toMatchObject({ ok: true, problems: [] });
  });
});
