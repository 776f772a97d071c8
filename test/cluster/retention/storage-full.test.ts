import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import type { RunView } from '../../../src/port/view/run.ts';
import { startAlertmanager } from '../../e2e/stage/alertmanager.ts';
import { describeWithPrograms } from '../../e2e/stage/debian.ts';
import { startPrometheus } from '../../e2e/stage/prometheus.ts';
import { openSite, type Salvor } from '../../e2e/stage/salvor.ts';
import { openStage, type Stage } from '../../e2e/stage/stage.ts';
import { until } from '../../e2e/stage/until.ts';
import { auditedWrites, SALVOR } from '../audit.ts';
import { backupsOf, namespace, pod, schedule } from '../backup-failed/backups.ts';
import { startCluster } from '../cluster.ts';

const GB = 1e9;

describeWithPrograms('a storage that is nearly full, with Velero, Prometheus and Alertmanager as they are', () => {
  test('the rule fires, what is too many is deleted after an approval, and with room again the alert ends', { timeout: 300_000 }, async () => {
    const stage = openStage();
    const cluster = await startCluster({ env: { CLUSTER_AUDIT: '1' } });
    stage.onClose(() => cluster.close());
    const backups = backupsOf(cluster);
    await backups.apply([namespace('shop'), pod('shop', 'web'), schedule('daily', { includedNamespaces: ['shop'] })]);
    for (const number of [1, 2, 3, 4, 5, 6, 7, 8, 9]) await backups.make(`daily-${number}`, 'daily');

    const storage = await openMinio(stage);
    const site = await openSite(stage, { kubeconfigFile: cluster.kubeconfig });
    const alertmanager = await startAlertmanager(stage, { line: site.line, tokenFile: site.amTokenFile });
    const { host, pathname } = new URL(cluster.env['VELERO_METRICS'] ?? '');
    const prometheus = await startPrometheus(stage, { velero: { host, path: pathname }, storage, alertmanager });
    site.configure({ prometheusUrl: prometheus.url });
    const salvor = await site.start();
    expect(await prometheus.firing()).not.toContain('BackupStorageFull/');

    storage.free(50 * GB);
    const proposed = await run(salvor, 'storage-full', 'proposed');
    expect(proposed.finding?.reason).toBe('MinIO has 5% left: 46.6 GiB of 931.3 GiB; 2 backups may be deleted, with 7 of each schedule kept');
    expect(proposed.plan?.steps[0]?.changes.map(({ to }) => to)).toMatchObject([{ backup: 'daily-1' }, { backup: 'daily-2' }]);
    await salvor.api.approve(proposed);
    const done = await run(salvor, 'storage-full', 'done');
    expect((await backups.all()).map(({ name }) => name).toSorted()).toEqual([3, 4, 5, 6, 7, 8, 9].map((number) => `daily-${number}`));
    expect(auditedWrites(cluster, SALVOR).map((line) => line.replace(/-[0-9a-f]{8}$/, ''))).toEqual([
      'create deletebackuprequests/daily-1',
      'create deletebackuprequests/daily-2',
    ]);

    storage.free(500 * GB);
    await until('the rule is calm again', async () => !(await prometheus.firing()).some((one) => one.startsWith('BackupStorageFull')), { withinMs: 60_000 });
    const incident = (await salvor.api.incidents()).find(({ id }) => done.incident.includes(id));
    const report = await salvor.api.report(incident?.id ?? '?', 'md');
    expect(report).toContain('daily-1');
    const { run: asked } = await salvor.api.start('storage-full', {});
    const over = await until('it is asked for by hand', async () => [await salvor.api.run(asked)].find(({ endedAt }) => endedAt !== undefined));
    expect(over).toMatchObject({ state: 'recovered', finding: { reason: expect.stringContaining('MinIO has 50% left') } });
  });
});

/** Says what the metrics of a MinIO say, of 1 TB. */
async function openMinio(stage: Stage): Promise<{ readonly host: string; readonly free: (bytes: number) => void }> {
  let freeBytes = 500 * GB;
  const server = createServer((_request, response) => {
    const text = `minio_cluster_capacity_usable_free_bytes ${freeBytes}\nminio_cluster_capacity_usable_total_bytes ${1000 * GB}\n`;
    response.setHeader('content-type', 'text/plain; version=0.0.4').end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stage.onClose(() => {
    server.closeAllConnections();
    server.close();
  });
  const at = server.address();
  if (at === null || typeof at === 'string') throw new Error('a listening server has no port');
  return { host: `127.0.0.1:${at.port}`, free: (bytes) => void (freeBytes = bytes) };
}

/** The newest run of a playbook in a state. */
function run({ api }: Salvor, playbook: string, state: RunView['state']): Promise<RunView> {
  return until(`a run of ${playbook} is ${state}`, async () => (await api.runs()).find((one) => one.playbook === playbook && one.state === state), {
    withinMs: 90_000,
  });
}
