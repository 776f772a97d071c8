import { expect, test } from 'vitest';
import { backupFailed, startAlertmanager, untilPaired } from './stage/alertmanager.ts';
import { failedNight, openCluster } from './stage/cluster.ts';
import { describeWithPrograms } from './stage/debian.ts';
import { openSite } from './stage/salvor.ts';
import { openStage } from './stage/stage.ts';
import { until } from './stage/until.ts';

describeWithPrograms('An Alertmanager that says it again', () => {
  test('forgets what it sent when it is killed, and neither a second run nor a second write comes of it', async () => {
    const stage = openStage();
    const cluster = await openCluster(stage, failedNight(['daily']));
    const site = await openSite(stage, cluster);
    const salvor = await site.start();
    const alert = backupFailed('daily');
    const options = { line: site.line, tokenFile: site.amTokenFile };

    const first = await startAlertmanager(stage, { ...options, name: 'first' });
    await first.post([alert]);
    const proposed = await salvor.api.untilRun('proposed');
    await salvor.api.untilHandled(1);
    first.program.signal('SIGKILL');
    await first.program.ended;

    // While the approval waits.
    const second = await startAlertmanager(stage, { ...options, name: 'second' });
    await second.post([alert]);
    await salvor.api.untilHandled(2);
    const [run, ...others] = await salvor.api.runs();
    expect(others).toEqual([]);
    expect(run).toMatchObject({ id: proposed.id, state: 'proposed', generation: proposed.generation, digest: proposed.digest });
    await salvor.api.approve(proposed);
    await salvor.api.untilRun('done');
    second.program.signal('SIGKILL');
    await second.program.ended;

    // After the run ended, while the alert still fires.
    const third = await startAlertmanager(stage, { ...options, name: 'third' });
    await third.post([alert]);
    await salvor.api.untilHandled(3);
    await third.post([{ ...alert, endsAtMs: Date.now() - 1000 }]);
    const closed = await salvor.api.untilIncident('closed');
    expect(closed.runs.map(({ id, state }) => `${id} ${state}`)).toEqual([`${proposed.id} done`]);
    expect(await salvor.api.incidents()).toHaveLength(1);
    expect(await salvor.api.runs()).toHaveLength(1);
    expect(cluster.retries()).toHaveLength(1);
    expect(await salvor.api.untilHandled(4)).toEqual({ accepted: 4, handled: 4, pending: 0, quarantined: 0 });
    expect(await salvor.api.audit()).toMatchObject({ ok: true });
  }, 90_000);

  test('is a pair whose both halves send, since Salvor answers too slowly: one incident, one run, one write', async () => {
    const stage = openStage();
    const cluster = await openCluster(stage, failedNight(['daily']));
    const site = await openSite(stage, cluster);
    const salvor = await site.start();
    const options = { line: site.line, tokenFile: site.amTokenFile };
    const first = await startAlertmanager(stage, { ...options, name: 'first', peers: [] });
    const second = await startAlertmanager(stage, { ...options, name: 'second', peers: [first.clusterAddress] });
    const pair = [first, second];
    await untilPaired(pair);

    // The second waits for the first, one peer-timeout long, and then sends it, too.
    site.line.hold();
    const alert = backupFailed('daily');
    for (const one of pair) await one.post([alert]);
    await until('both have sent it', () => site.line.waiting() === 2);
    expect(await salvor.api.ledger()).toMatchObject({ accepted: 0 });
    site.line.letGo();
    await salvor.api.untilHandled(2);

    const proposed = await salvor.api.untilRun('proposed');
    expect(await salvor.api.runs()).toHaveLength(1);
    await salvor.api.approve(proposed);
    await salvor.api.untilRun('done');

    site.line.hold();
    for (const one of pair) await one.post([{ ...alert, endsAtMs: Date.now() - 1000 }]);
    await until('both have sent that it is over', () => site.line.waiting() === 2);
    site.line.letGo();
    const closed = await salvor.api.untilIncident('closed');
    expect(await salvor.api.untilHandled(4)).toEqual({ accepted: 4, handled: 4, pending: 0, quarantined: 0 });
    expect(closed.timeline.filter(({ type }) => type === 'alert.joined')).toHaveLength(1);
    expect(await salvor.api.incidents()).toHaveLength(1);
    expect(await salvor.api.runs()).toHaveLength(1);
    expect(cluster.retries()).toHaveLength(1);
  }, 90_000);
});
