import { expect, test } from 'vitest';
import { startAlertmanager } from '../../e2e/stage/alertmanager.ts';
import { describeWithPrograms } from '../../e2e/stage/debian.ts';
import { startPrometheus } from '../../e2e/stage/prometheus.ts';
import { openSite } from '../../e2e/stage/salvor.ts';
import { openStage } from '../../e2e/stage/stage.ts';
import { until } from '../../e2e/stage/until.ts';
import { auditedWrites, SALVOR } from '../audit.ts';
import { startCluster } from '../cluster.ts';
import { backupsOf, namespace, pod, schedule } from './backups.ts';

describeWithPrograms('Velero, Prometheus, Alertmanager, Salvor and the API server, all as they are', () => {
  test('a backup fails, our rule fires, one approval makes it again, the alert resolves by itself, the report is there', { timeout: 240_000 }, async () => {
    const stage = openStage();
    const cluster = await startCluster({ env: { CLUSTER_AUDIT: '1' } });
    stage.onClose(() => cluster.close());
    const backups = backupsOf(cluster);
    await backups.apply([namespace('shop'), pod('shop', 'web'), schedule('daily', { includedNamespaces: ['shop'] })]);
    expect((await backups.make('daily-before', 'daily')).phase).toBe('Completed');

    const site = await openSite(stage, { kubeconfigFile: cluster.kubeconfig });
    const salvor = await site.start();
    const alertmanager = await startAlertmanager(stage, { line: site.line, tokenFile: site.amTokenFile });
    const { host, pathname } = new URL(cluster.env['VELERO_METRICS'] ?? '');
    const prometheus = await startPrometheus(stage, { velero: { host, path: pathname }, alertmanager });
    // An increase is seen only where the counter was seen before it.
    await until('Prometheus saw no failure twice', async () => {
      const seen = await prometheus.value('count_over_time(velero_backup_failure_total{schedule="daily"}[30s])');
      return seen !== undefined && seen >= 2;
    });
    expect(await prometheus.firing()).toEqual([]);

    await cluster.kill('versitygw');
    expect((await backups.make('daily-tonight', 'daily')).phase).toBe('Failed');
    await cluster.start('versitygw');
    await until('the rule fires', async () => (await prometheus.firing()).includes('VeleroBackupFailed/daily'));

    const proposed = await until('the run is proposed', async () => (await salvor.api.runs()).find(({ state }) => state === 'proposed'), { withinMs: 90_000 });
    expect(proposed).toMatchObject({ playbook: 'backup-failed', cluster: 'prod', params: { schedule: 'daily' }, finding: { kind: 'act' } });
    expect(proposed.finding?.reason).toContain('daily-tonight ended Failed because the storage did not answer');
    expect(auditedWrites(cluster, SALVOR)).toEqual([]);

    await salvor.api.approve(proposed);
    const done = await salvor.api.untilRun('done');
    const retry = await backups.newest('daily');
    expect(auditedWrites(cluster, SALVOR)).toEqual([`create backups/${retry?.name}`]);
    expect(proposed.plan?.steps.flatMap(({ changes }) => changes.map(({ object }) => object))).toEqual([`Backup/velero/${retry?.name}`]);
    expect(retry).toMatchObject({ phase: 'Completed', errors: 0 });
    await until('Prometheus sees the success', async () => (await prometheus.value('velero_backup_success_total{schedule="daily"}')) === 2);

    const closed = await salvor.api.untilIncident('closed', 90_000);
    expect(await prometheus.firing()).not.toContain('VeleroBackupFailed/daily');
    expect(closed).toMatchObject({ firing: 0, openRuns: 0, people: ['ana'], runs: [{ id: done.id, state: 'done' }] });
    for (const format of ['md', 'html', 'json'] as const) expect(await salvor.api.report(closed.id, format)).toContain(retry?.name ?? '?');
    expect(await salvor.api.audit()).toMatchObject({ ok: true, problems: [] });
    expect(await salvor.api.incidents()).toHaveLength(1);
  });
});
