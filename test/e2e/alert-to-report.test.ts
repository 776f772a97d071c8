import { expect, test } from 'vitest';
import { startAlertmanager } from './stage/alertmanager.ts';
import { anHourAgo, inAnHour, openCluster } from './stage/cluster.ts';
import { describeWithPrograms } from './stage/debian.ts';
import { startPrometheus } from './stage/prometheus.ts';
import { openSite } from './stage/salvor.ts';
import { openStage } from './stage/stage.ts';
import { until } from './stage/until.ts';

describeWithPrograms('Prometheus, Alertmanager and Salvor', () => {
  test('a scheduled backup fails, the alert fires by our rule, one approval makes the backup again, and the alert resolves by itself', async () => {
    const stage = openStage();
    const cluster = await openCluster(stage, {
      namespaces: ['shop'],
      // Its time comes in an hour. Not paused, because Velero counts nothing for a schedule that was paused from its first day.
      schedules: [{ name: 'daily', cron: inAnHour(), lastBackup: '22h', template: { includedNamespaces: ['shop'] } }],
      backups: [{ name: 'daily-before', schedule: 'daily', phase: 'Completed', ago: '22h', items: 210, volumes: 3 }],
      next: [
        { outcome: 'failed', schedule: 'daily', reason: 'connection-reset', takes: '1s' },
        { outcome: 'completed', schedule: 'daily', items: 214, volumes: 3, takes: '3s' },
      ],
    });
    const site = await openSite(stage, cluster);
    const salvor = await site.start();
    const alertmanager = await startAlertmanager(stage, { line: site.line, tokenFile: site.amTokenFile });
    const prometheus = await startPrometheus(stage, { velero: cluster.metrics, alertmanager });

    // An increase is seen only where the counter was seen before it.
    await until('Prometheus saw no failure twice', async () => {
      const seen = await prometheus.value('count_over_time(velero_backup_failure_total{schedule="daily"}[30s])');
      return seen !== undefined && seen >= 2;
    });
    expect(await prometheus.firing()).toEqual([]);
    expect(await salvor.api.ledger()).toEqual({ accepted: 0, handled: 0, pending: 0, quarantined: 0 });

    // Its time is now an hour ago, and its last backup older than that: it starts at once.
    cluster.world.apply({ schedules: [{ name: 'daily', cron: anHourAgo() }] });
    await until('the rule fires', async () => (await prometheus.firing()).includes('VeleroBackupFailed/daily'));
    expect(await prometheus.value('velero_backup_failure_total{schedule="daily"}')).toBe(1);

    const proposed = await salvor.api.untilRun('proposed');
    expect(proposed).toMatchObject({ playbook: 'backup-failed', cluster: 'prod', params: { schedule: 'daily' }, finding: { kind: 'act' } });
    expect(proposed.plan?.steps.flatMap(({ changes }) => changes.map(({ verb, object }) => `${verb} ${object}`))).toEqual([
      expect.stringMatching(/^create Backup\/velero\/daily-retry-[0-9a-f]{8}$/),
    ]);
    expect(cluster.world.writes()).toEqual([]);

    await salvor.api.approve(proposed);
    const done = await salvor.api.untilRun('done');
    expect(done.steps).toMatchObject([{ step: 'create', phase: 'done', attempts: 1 }]);
    expect(done.approvals).toMatchObject([{ by: 'ana', plan: proposed.digest }]);
    expect(cluster.retries()).toEqual(proposed.plan?.steps.flatMap(({ changes }) => changes.map(({ object }) => `create ${object}`)));
    await until('Prometheus sees the backup', async () => (await prometheus.value('velero_backup_success_total{schedule="daily"}')) === 1);

    const closed = await salvor.api.untilIncident('closed', 90_000);
    expect(await prometheus.firing()).toEqual([]);
    expect(closed).toMatchObject({ playbook: 'backup-failed', firing: 0, openRuns: 0, runs: [{ id: done.id }] });
    expect(closed.people).toEqual(['ana']);
    const types = closed.timeline.map(({ type }) => type);
    expect(types.at(0)).toBe('incident.opened');
    expect(types).toEqual(expect.arrayContaining(['alert.joined', 'run.proposed', 'approval.granted', 'step.done', 'run.verified', 'alert.resolved']));
    expect(types.at(-1)).toBe('incident.closed');
    expect(closed.timeline.map(({ n }) => n)).toEqual(closed.timeline.map((_line, index) => index + 1));

    const report = JSON.parse(await salvor.api.report(closed.id, 'json'));
    expect(report).toMatchObject({ incident: { id: expect.stringContaining(closed.id), state: 'closed' } });
    expect(await salvor.api.report(closed.id, 'html')).toContain('daily-retry-');
    expect(await salvor.api.report(closed.id, 'md')).toContain('daily-retry-');

    expect(await salvor.api.incidents()).toHaveLength(1);
    expect(await salvor.api.ledger()).toEqual({ accepted: 2, handled: 2, pending: 0, quarantined: 0 });
    expect(await salvor.api.audit()).toMatchObject({ ok: true, problems: [] });
    expect(await salvor.program.stop()).toEqual({ code: 0, signal: null });
  }, 180_000);
});
