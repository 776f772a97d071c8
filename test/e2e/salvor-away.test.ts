import { expect, test } from 'vitest';
import { backupFailed, startAlertmanager } from './stage/alertmanager.ts';
import { failedNight, openCluster } from './stage/cluster.ts';
import { describeWithPrograms } from './stage/debian.ts';
import { openLine } from './stage/line.ts';
import { openSite } from './stage/salvor.ts';
import { openStage } from './stage/stage.ts';
import { until } from './stage/until.ts';

describeWithPrograms('A Salvor that cannot take an alert', () => {
  test('is full and says 503: the alert comes again, and so does the rest of a group that was cut', async () => {
    const stage = openStage();
    const cluster = await openCluster(stage, failedNight(['daily', 'hourly', 'weekly']));
    // What Salvor asks of Alertmanager goes over a line, too: while it is held, the first webhook stays in the inbox, which is full with it.
    const askBack = await openLine();
    stage.onClose(() => askBack.close());
    const site = await openSite(stage, cluster, { inbox: 1, alertmanagerUrl: `http://127.0.0.1:${askBack.port}` });
    const salvor = await site.start();
    const alertmanager = await startAlertmanager(stage, { line: site.line, tokenFile: site.amTokenFile, maxAlerts: 1, groupWait: '1s' });
    askBack.to(alertmanager.port);
    askBack.hold();

    await alertmanager.post([backupFailed('daily'), backupFailed('hourly')]);
    await until('Salvor asks for the rest of the group', () => askBack.waiting() === 1);
    expect(await salvor.api.ledger()).toEqual({ accepted: 1, handled: 0, pending: 1, quarantined: 0 });

    const weekly = backupFailed('weekly');
    await alertmanager.post([{ ...weekly, labels: { ...weekly.labels, alertname: 'BackupFailed' } }]);
    await until('Alertmanager is told to send it again, and does', async () => {
      const metrics = await (await fetch(`${salvor.operationsUrl}/metrics`)).text();
      return Number(/^salvor_alerts_total\{outcome="refused"\} (\d+)$/m.exec(metrics)?.[1] ?? 0) >= 2;
    });
    expect(alertmanager.program.log()).toMatch(/will retry later.*unexpected status code 503/);
    expect(await salvor.api.ledger()).toEqual({ accepted: 1, handled: 0, pending: 1, quarantined: 0 });

    askBack.letGo();
    await salvor.api.untilHandled(2);
    const runs = await until('a run for each schedule is proposed', async () => {
      const all = await salvor.api.runs();
      return all.length === 3 && all.every(({ state }) => state === 'proposed') ? all : undefined;
    });
    expect(new Set(runs.map(({ params }) => params['schedule']))).toEqual(new Set(['daily', 'hourly', 'weekly']));
    expect(new Set(runs.map(({ incident }) => incident)).size).toBe(1);
    expect(cluster.retries()).toEqual([]);
  }, 90_000);

  test('is away for maintenance: what fires meanwhile arrives when it is back', async () => {
    const stage = openStage();
    const cluster = await openCluster(stage, failedNight(['daily']));
    const site = await openSite(stage, cluster);
    const before = await site.start();
    const alertmanager = await startAlertmanager(stage, { line: site.line, tokenFile: site.amTokenFile });
    expect(await before.program.stop()).toEqual({ code: 0, signal: null });

    await alertmanager.post([backupFailed('daily')]);
    await until('Alertmanager cannot reach it', () => alertmanager.program.log().includes('will retry'));

    const after = await site.start();
    const proposed = await after.api.untilRun('proposed');
    await after.api.approve(proposed);
    await after.api.untilRun('done');
    expect(cluster.retries()).toHaveLength(1);
    expect(await after.api.untilHandled(1)).toEqual({ accepted: 1, handled: 1, pending: 0, quarantined: 0 });
    expect(await after.program.stop()).toEqual({ code: 0, signal: null });
  }, 90_000);
});
