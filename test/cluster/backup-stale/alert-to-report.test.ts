import { expect, test } from 'vitest';
import type { RunView } from '../../../src/port/view/run.ts';
import { startAlertmanager } from '../../e2e/stage/alertmanager.ts';
import { describeWithPrograms } from '../../e2e/stage/debian.ts';
import { startPrometheus } from '../../e2e/stage/prometheus.ts';
import { openSite, type Salvor } from '../../e2e/stage/salvor.ts';
import { openStage } from '../../e2e/stage/stage.ts';
import { until } from '../../e2e/stage/until.ts';
import { auditedWrites, SALVOR } from '../audit.ts';
import { backupsOf, namespace, pod, schedule } from '../backup-failed/backups.ts';
import { startCluster } from '../cluster.ts';

const AGO_MS = 58 * 3_600_000;

describeWithPrograms('a backup that is too old, with Velero, Prometheus and Alertmanager as they are', () => {
  test('paused by one approval and forgotten, the rule fires, another approval resumes it, Velero makes up for what passed, the metric shows it', {
    timeout: 300_000,
  }, async () => {
    const stage = openStage();
    const cluster = await startCluster({ env: { CLUSTER_AUDIT: '1' } });
    stage.onClose(() => cluster.close());
    const backups = backupsOf(cluster);
    await backups.apply([
      namespace('shop'),
      pod('shop', 'web'),
      schedule('daily', { includedNamespaces: ['shop'] }),
      schedule('daily-new', { includedNamespaces: ['nowhere'] }),
    ]);
    expect((await backups.make('daily-before', 'daily')).phase).toBe('Completed');

    const site = await openSite(stage, { kubeconfigFile: cluster.kubeconfig });
    const alertmanager = await startAlertmanager(stage, { line: site.line, tokenFile: site.amTokenFile });
    const { host, pathname } = new URL(cluster.env['VELERO_METRICS'] ?? '');
    const prometheus = await startPrometheus(stage, { velero: { host, path: pathname }, alertmanager });
    site.configure({ prometheusUrl: prometheus.url });
    const salvor = await site.start();

    await salvor.api.start('schedule-pause', { schedule: 'daily' });
    await salvor.api.approve(await run(salvor, 'schedule-pause', 'proposed'));
    expect((await run(salvor, 'schedule-pause', 'done')).plan?.steps[0]?.summary).toBe('Pause the schedule daily');

    // Two nights later: Velero counts its metric anew from its objects once a minute.
    const then = `${new Date(Date.now() - AGO_MS).toISOString().slice(0, 19)}Z`;
    const patch = (kind: string, name: string, status: object) =>
      cluster.kubectl(['-n', 'velero', 'patch', kind, name, '--type', 'merge', '-p', JSON.stringify({ status })]);
    await patch('schedule.velero.io', 'daily', { lastBackup: then });
    await patch('backup.velero.io', 'daily-before', { startTimestamp: then, completionTimestamp: then });
    await until('the rule fires', async () => (await prometheus.firing()).includes('VeleroBackupTooOld/daily'), { withinMs: 120_000 });

    const proposed = await run(salvor, 'backup-stale', 'proposed');
    expect(proposed.finding).toMatchObject({
      kind: 'act',
      reason: expect.stringMatching(/^the schedule daily is paused, and its last good backup is 2d 10h.* old, and one is due every 1d$/),
    });
    expect(proposed.plan?.steps.flatMap(({ changes }) => changes)).toMatchObject([
      { object: 'Schedule/velero/daily', field: 'spec.paused', from: true, to: false },
    ]);
    await salvor.api.approve(proposed);
    const done = await run(salvor, 'backup-stale', 'done', 200_000);
    const made = await backups.newest('daily');
    expect(made).toMatchObject({ phase: 'Completed', name: expect.stringMatching(/^daily-\d{14}$/) });
    expect(auditedWrites(cluster, SALVOR)).toEqual(['patch schedules/daily', 'patch schedules/daily']);
    // What Salvor wrote on the schedule is on the backup, too, and it is not taken for one of ours.
    expect(made?.stepKey).toBeUndefined();

    await until('the rule is calm again', async () => !(await prometheus.firing()).includes('VeleroBackupTooOld/daily'), { withinMs: 90_000 });
    const incident = (await salvor.api.incidents()).find(({ id }) => done.incident.includes(id));
    expect(await salvor.api.report(incident?.id ?? '?', 'md')).toContain(made?.name ?? '?');
    const told = incident?.timeline.flatMap(({ text }) => text ?? []).join('\n');
    expect(told).toMatch(/the metric of the last success says \d{4}-.* UTC, too/);

    // One that never made a good backup: a person hears what to correct.
    expect((await backups.make('daily-new-1', 'daily-new')).phase).toBe('PartiallyFailed');
    await until('the rule for it fires', async () => (await prometheus.firing()).includes('VeleroBackupNeverSucceeded/daily-new'), { withinMs: 90_000 });
    const over = await run(salvor, 'backup-stale', 'handed-over');
    expect(over.finding?.reason).toContain('daily-new-1 ended PartiallyFailed because it names a namespace that does not exist');
    expect(auditedWrites(cluster, SALVOR)).toHaveLength(2);
  });
});

/** The newest run of a playbook in a state. */
function run({ api }: Salvor, playbook: string, state: RunView['state'], withinMs = 90_000): Promise<RunView> {
  return until(`a run of ${playbook} is ${state}`, async () => (await api.runs()).find((one) => one.playbook === playbook && one.state === state), {
    withinMs,
  });
}
