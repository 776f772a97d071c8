import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { backupFailed, startAlertmanager } from './stage/alertmanager.ts';
import { failedNight, openCluster } from './stage/cluster.ts';
import { describeWithPrograms } from './stage/debian.ts';
import { openSite } from './stage/salvor.ts';
import { openStage } from './stage/stage.ts';
import { until } from './stage/until.ts';

describeWithPrograms('Alertmanager and its token', () => {
  test('a wrong token is refused, the token and its successor are both taken, and none of them is in the log', async () => {
    const stage = openStage();
    const cluster = await openCluster(stage, failedNight(['daily', 'hourly', 'weekly']));
    const site = await openSite(stage, cluster);
    const wrong = 'wrong-token-aa11bb22';
    const successor = 'next-token-cc33dd44';
    const successorFile = stage.write('alertmanager-next.token', `${successor}\n`);
    const tokenFiles = [site.amTokenFile, successorFile];
    site.configure({ amTokenFiles: tokenFiles });
    const salvor = await site.start();
    const [token = ''] = site.secrets;

    const tokenFile = stage.write('sent.token', wrong);
    const send = (text: string): void => writeFileSync(tokenFile, text);
    const alertmanager = await startAlertmanager(stage, { line: site.line, tokenFile });
    const refusals = (): number => alertmanager.program.log().split('unexpected status code 401').length - 1;
    await alertmanager.post([backupFailed('daily')]);
    await until('Alertmanager is refused', () => refusals() > 0);
    expect(await salvor.api.ledger()).toEqual({ accepted: 0, handled: 0, pending: 0, quarantined: 0 });
    expect(await salvor.api.runs()).toEqual([]);

    // Each alert is told once more after the one before: a group tells all that fires.
    send(token);
    await salvor.api.untilHandled(1);
    send(successor);
    await alertmanager.post([backupFailed('hourly')]);
    await salvor.api.untilHandled(3);

    // The old token is taken away, without a restart.
    site.configure({ amTokenFiles: [successorFile] });
    await until('Salvor read its configuration again', () => salvor.program.log().includes('"reload.done"'));
    const before = refusals();
    send(token);
    await alertmanager.post([backupFailed('weekly')]);
    await until('the old token is refused', () => refusals() > before);
    expect(await salvor.api.ledger()).toMatchObject({ accepted: 3, handled: 3 });
    send(successor);
    await salvor.api.untilHandled(6);
    expect(new Set((await salvor.api.runs()).map(({ params }) => params['schedule']))).toEqual(new Set(['daily', 'hourly', 'weekly']));

    await salvor.program.stop();
    const logs = [salvor.program.log(), alertmanager.program.log()].join('\n');
    for (const secret of [wrong, successor, ...site.secrets]) expect(logs).not.toContain(secret);
  }, 90_000);
});
