import { expect, test } from 'vitest';
import { startAlertmanager } from '../../e2e/stage/alertmanager.ts';
import { describeWithPrograms } from '../../e2e/stage/debian.ts';
import { openExporter } from '../../e2e/stage/exporter.ts';
import { startPrometheus } from '../../e2e/stage/prometheus.ts';
import { openSite } from '../../e2e/stage/salvor.ts';
import { openStage } from '../../e2e/stage/stage.ts';
import { until } from '../../e2e/stage/until.ts';
import { auditedWrites, SALVOR } from '../audit.ts';
import { backupsOf, schedule } from '../backup-failed/backups.ts';
import { startCluster } from '../cluster.ts';
import { dataOf, openShelf } from '../restore/shop.ts';
import { agentsOf, unavailableAgents } from './agents.ts';
import { calm, fires, toldOf, untilRun } from './fired.ts';

/** The shortest time that Velero's histogram tells from a longer one, and a little. */
const SLOW_MS = 62_000;

describeWithPrograms('what Velero stores far away, with Prometheus and Alertmanager as they are', () => {
  test('a backup that is slow, a node without its agent, a storage that is away, and a restore that failed by that: each alert ends as it should', {
    timeout: 300_000,
  }, async () => {
    const stage = openStage();
    const cluster = await startCluster({ env: { CLUSTER_AUDIT: '1' } });
    stage.onClose(() => cluster.close());
    const backups = backupsOf(cluster);
    await openShelf(cluster, 'shop');
    await backups.apply([schedule('daily', { includedNamespaces: ['shop'] }), agentsOf('velero')]);
    expect((await backups.make('daily-1', 'daily')).phase).toBe('Completed');

    const site = await openSite(stage, { kubeconfigFile: cluster.kubeconfig });
    const alertmanager = await startAlertmanager(stage, { line: site.line, tokenFile: site.amTokenFile });
    const { host, pathname } = new URL(cluster.env['VELERO_METRICS'] ?? '');
    // No program here speaks for kube-state-metrics: what it would read is read for it.
    const states = await openExporter(stage, () => unavailableAgents(cluster));
    const prometheus = await startPrometheus(stage, { velero: { host, path: pathname }, states, alertmanager });
    const salvor = await site.start();
    await until('what is scraped is there', async () => (await prometheus.value('kube_daemonset_status_number_unavailable')) === 0, { withinMs: 60_000 });
    expect(await prometheus.firing()).toEqual([]);

    // The storage answers nobody for a minute, and one of the nodes dies meanwhile.
    const frozenMs = performance.now();
    backups.storage('freeze');
    await backups.start('daily-slow', 'daily');
    await cluster.node('node-1', 'down');
    await fires(prometheus, 'VeleroNodeAgentDown/');
    const uncovered = await untilRun(salvor, 'backup-health', 'handed-over');
    expect(uncovered.finding?.reason).toMatch(/^Velero v1\.18\.3 answers, but no node agent is Ready on 1 node: node-1$/);
    await cluster.node('node-1', 'up');
    await calm(prometheus, 'VeleroNodeAgentDown/');

    await until('the backup is slow', () => performance.now() - frozenMs > SLOW_MS, { withinMs: SLOW_MS });
    backups.storage('thaw');
    expect((await backups.over('daily-slow')).phase).toBe('Completed');
    await fires(prometheus, 'VeleroBackupTooSlow/daily');
    expect((await untilRun(salvor, 'backup-slow', 'done')).finding?.reason).toMatch(/^daily-slow took 1m \d+s; those before it \d+m?s$/);

    // The storage is gone, and somebody wants something back.
    await cluster.kill('versitygw');
    await backups.location('default', 'Unavailable');
    await cluster.velero(['restore', 'create', 'tonight', '--from-backup', 'daily-1', '--include-namespaces', 'shop', '--namespace-mappings', 'shop:beside']);
    await fires(prometheus, 'VeleroRestoreFailed/');
    const waiting = await untilRun(salvor, 'restore-failed', 'waiting');
    expect(waiting.finding).toMatchObject({ kind: 'wait', reason: expect.stringContaining('storage "default" is unavailable since') });
    await fires(prometheus, 'VeleroBackupLocationUnavailable/');
    const away = await untilRun(salvor, 'repo-diagnose', 'waiting');
    expect(away.finding).toMatchObject({ kind: 'wait', reason: expect.stringContaining('connection refused') });
    expect(auditedWrites(cluster, SALVOR)).toEqual([]);

    await cluster.start('versitygw');
    const proposed = await untilRun(salvor, 'restore-failed', 'proposed');
    expect(proposed.finding?.reason).toMatch(/^tonight ended FailedValidation: .*; because the storage location was unavailable; .*making it again can work/);
    expect(proposed.plan).toMatchObject({ risk: 'reversible' });
    await calm(prometheus, 'VeleroBackupLocationUnavailable/');
    await untilRun(salvor, 'repo-diagnose', 'recovered');
    await salvor.api.approve(proposed);
    const done = await untilRun(salvor, 'restore-failed', 'done');
    expect(await dataOf(cluster, 'beside', 'prices')).toEqual({ apple: '3', pear: '4' });
    expect(auditedWrites(cluster, SALVOR)).toEqual([expect.stringMatching(/^create restores\/tonight-again-[0-9a-f]{8}$/)]);
    await until('people read of it', async () => (await toldOf(salvor, done)).includes('Verified: '));

    await calm(prometheus, 'VeleroRestoreFailed/');
    await until('each incident is over', async () => (await salvor.api.incidents()).every(({ firing, openRuns }) => firing === 0 && openRuns === 0), {
      withinMs: 90_000,
    });
    expect(await salvor.api.audit()).toMatchObject({ ok: true, problems: [] });
  });
});
