import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunView } from '../../../src/port/view/run.ts';
import { openSite, type Salvor } from '../../e2e/stage/salvor.ts';
import { openStage } from '../../e2e/stage/stage.ts';
import { until } from '../../e2e/stage/until.ts';
import { auditedWrites, SALVOR } from '../audit.ts';
import { type Backups, backupsOf, location, namespace, pod, schedule } from '../backup-failed/backups.ts';
import { type Cluster, startCluster } from '../cluster.ts';
import { signal } from '../faults/process.ts';

let cluster: Cluster;
let backups: Backups;

beforeAll(async () => {
  cluster = await startCluster({ env: { CLUSTER_AUDIT: '1' } });
  backups = backupsOf(cluster);
  await backups.apply([
    namespace('shop'),
    pod('shop', 'web'),
    schedule('daily', { includedNamespaces: ['shop'], ttl: '720h0m0s' }),
    schedule('short', { includedNamespaces: ['shop', 'gone'], ttl: '12h0m0s' }),
  ]);
  await backups.make('daily-1', 'daily');
  await backups.make('short-1', 'short');
});
afterAll(() => cluster?.close());

test('what people ask of the real Velero is answered by reading alone', { timeout: 240_000 }, async () => {
  const salvor = await open();
  const status = await asked(salvor, 'schedule-status', {});
  expect(status.finding?.reason).toBe('2 schedules, 1 with a fresh backup; late: short');

  const lint = await asked(salvor, 'schedule-lint', { rpo: '1h' });
  expect(lint.told).toContain('wrong: short: the namespace gone that it names does not exist: each backup comes out partial');
  expect(lint.told).toContain('wrong: short: its backups expire after 12h, before the next one is due (every 1d): in between there is none');

  const describe = await asked(salvor, 'backup-describe', { backup: 'daily-1' });
  expect(describe.finding?.reason).toMatch(/^daily-1 is Completed: \d+ items, took/);
  expect(describe.told).toMatch(/of shop: .*1 Pod/);
  expect(describe.told).toContain('no volume is in it');

  const logs = await asked(salvor, 'backup-logs', { backup: 'short-1' });
  expect(logs.finding?.reason).toMatch(/^the log of short-1 \(PartiallyFailed\) has [1-9]\d* errors? and/);
  expect(logs.told).toContain('fail to get the namespace gone');

  const verify = await asked(salvor, 'backup-verify', { page: false });
  expect(verify.finding?.reason).toMatch(/^1 of 2 schedules cannot be relied on; short: it has no good backup at all/);

  expect((await asked(salvor, 'backup-slow', { schedule: 'daily' })).finding?.reason).toMatch(/^daily-1 took .*there is none to compare it with/);
  expect(auditedWrites(cluster, SALVOR)).toEqual([]);
});

test('a storage with a wrong bucket is named at once; where the location is taken away all is Available', { timeout: 120_000 }, async () => {
  await backups.apply([location(cluster, 'second', { bucket: 'nowhere' })]);
  await backups.location('second', 'Unavailable');
  const salvor = await open();
  const over = await asked(salvor, 'repo-diagnose', { location: 'second' }, 'handed-over');
  expect(over.finding?.reason).toContain('storage "second" is unavailable: the bucket does not exist');
  expect(over.told).toContain('the Secret cloud-credentials of "second" does not exist');
  await cluster.kubectl(['-n', 'velero', 'delete', 'bsl', 'second']);
  expect((await asked(await open(), 'repo-diagnose', {}, 'recovered')).finding?.reason).toBe('"default": Available');
});

test('a server that hangs is found out by asking it, restarted by one approval, and answers', { timeout: 180_000 }, async () => {
  const salvor = await open();
  const before = auditedWrites(cluster, SALVOR).length;
  expect((await asked(salvor, 'backup-health', {}, 'recovered')).finding?.reason).toMatch(/^Velero v1\.18\.3 answers/);
  signal(cluster, 'velero', 'SIGSTOP');
  const proposed = await asked(salvor, 'backup-health', {}, 'proposed');
  expect(proposed.finding?.reason).toContain('looks well and answers nothing');
  await salvor.api.approve(proposed);
  // The fake nodes run no server: what a kubelet would do with the new pod is done here.
  await until(
    'the pod template was changed',
    async () => (await cluster.kubectl(['-n', 'velero', 'get', 'deployment', 'velero', '-o', 'json'])).includes('salvor.io/restarted'),
    { withinMs: 60_000 },
  );
  await cluster.kill('velero');
  await cluster.start('velero');
  const done = await state(salvor, proposed.id, 'done');
  expect(done.told).toContain('Velero v1.18.3 answers again');
  expect(auditedWrites(cluster, SALVOR).slice(before)).toEqual(['patch deployments/velero']);
});

async function open(): Promise<Salvor> {
  const site = await openSite(openStage(), { kubeconfigFile: cluster.kubeconfig });
  return site.start();
}

type Asked = RunView & { readonly told: string };

async function asked(salvor: Salvor, playbook: string, params: Parameters<Salvor['api']['start']>[1], wanted: RunView['state'] = 'done'): Promise<Asked> {
  const { run } = await salvor.api.start(playbook, params);
  return state(salvor, run, wanted);
}

/** A run in a state, with what people read of it. */
async function state({ api }: Salvor, id: string, wanted: RunView['state']): Promise<Asked> {
  const run = await until(
    `the run ${id} is ${wanted}`,
    async () => {
      const found = await api.run(id);
      return found.state === wanted ? found : undefined;
    },
    { withinMs: 90_000, everyMs: 200 },
  );
  return { ...run, told: run.journal.map(({ text, data }) => `${text ?? ''}\n${JSON.stringify(data).replaceAll('\\"', '"')}`).join('\n') };
}
