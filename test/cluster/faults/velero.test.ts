import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { RunView } from '../../../src/port/view/run.ts';
import { anHourAgo } from '../../e2e/stage/cluster.ts';
import { openSite } from '../../e2e/stage/salvor.ts';
import { openStage } from '../../e2e/stage/stage.ts';
import { until } from '../../e2e/stage/until.ts';
import { auditedWrites } from '../audit.ts';
import { type Cluster, startCluster } from '../cluster.ts';
import type { Fault } from '../fault-proxy.ts';
import { any, clockOff, creating } from './meetings.ts';
import { signal } from './process.ts';
import { openSalvor, type Salvor } from './salvor.ts';
import { admitSalvor, openWay, USER } from './way.ts';

let cluster: Cluster;
let salvor: Salvor;
beforeAll(async () => {
  cluster = await startCluster({ env: { CLUSTER_AUDIT: '1' } });
  await admitSalvor(cluster);
});
afterAll(() => cluster.close());
beforeEach(async () => {
  // What a test before has broken may take some seconds to be well again.
  await until('the storage is there', async () => (await cluster.kubectl(STORAGE)) === 'Available');
  salvor = await openSalvor(cluster, { playbooks: { soon: SOON } });
});
afterEach(() => salvor.close());

const STORAGE = ['-n', 'velero', 'get', 'backupstoragelocation', 'default', '-o', 'jsonpath={.status.phase}'];

/** As backup-failed, but in a hurry. */
const SOON = `summary: A story
target: { from: params.schedule }
params: { schedule: { type: schedule }, namespace: { type: namespace, default: velero } }
diagnose: [{ id: look, action: backup.ready, with: { schedule: { from: params.schedule } } }]
stages: [{ id: do, onFailure: stop, steps: [{ id: create, action: backup.create, within: 10s, undo: never, with: { schedule: { from: params.schedule } } }] }]
`;

const make = async (schedule: string, namespaces: string): Promise<void> => {
  await cluster.velero(['schedule', 'create', schedule, `--schedule=${anHourAgo()}`, '--include-namespaces', namespaces]);
  await cluster.velero(['backup', 'create', `${schedule}-tonight`, '--from-schedule', schedule]);
};
const phaseOf = (backup: string): Promise<string> => cluster.kubectl(['-n', 'velero', 'get', 'backup.velero.io', backup, '-o', 'jsonpath={.status.phase}']);
const ended = (backup: string, phase: string): Promise<boolean> => until(`${backup} is ${phase}`, async () => (await phaseOf(backup)) === phase);

/** A schedule, and a backup of it that ended PartiallyFailed, which only its files explain: one of its namespaces does not exist. */
async function halfFailed(schedule: string): Promise<string> {
  await make(schedule, 'app,nowhere');
  await ended(`${schedule}-tonight`, 'PartiallyFailed');
  return `${schedule}-tonight`;
}

/** A schedule whose backup failed because Velero was killed in the middle of it. */
async function killedIn(schedule: string): Promise<string> {
  await killIn(schedule, () => make(schedule, 'app'));
  await cluster.start('velero');
  await ended(`${schedule}-tonight`, 'Failed');
  return `${schedule}-tonight`;
}

/** Kills Velero while a backup of the schedule is in progress: its storage holds it up there. */
async function killIn(schedule: string, begin: () => Promise<unknown>): Promise<void> {
  signal(cluster, 'versitygw', 'SIGSTOP');
  try {
    await begin();
    await until('it is in progress', async () =>
      (
        await cluster.kubectl([
          '-n',
          'velero',
          'get',
          'backup.velero.io',
          '-l',
          `velero.io/schedule-name=${schedule}`,
          '-o',
          'jsonpath={.items[*].status.phase}',
        ])
      )
        .split(' ')
        .includes('InProgress'),
    );
    await cluster.kill('velero');
  } finally {
    signal(cluster, 'versitygw', 'SIGCONT');
  }
}

const found = (id: string): Promise<RunView> => salvor.when(id, 'it has looked', ({ finding }) => finding !== undefined);
const file = (backup: string, name: string): string => join(cluster.dir, 's3', 'velero', 'backups', backup, `${backup}-${name}.gz`);

describe('the object storage', () => {
  test('goes away while a log is fetched: the run waits for it, and goes on by itself', async () => {
    await halfFailed('fetch');
    const goes: Fault = async ({ answer, forward }) => {
      const made = await forward();
      await cluster.kill('versitygw');
      answer.writeHead(made.statusCode ?? 0, made.headers);
      for await (const chunk of made) answer.write(chunk);
      answer.end();
    };
    salvor.proxy.meet(creating('downloadrequests'), goes, 1);
    const id = await salvor.start('backup-failed', { schedule: 'fetch' });
    const { finding } = await found(id);
    expect(finding).toMatchObject({ kind: 'wait', reason: expect.stringContaining('why cannot be read yet: the object storage at 127.0.0.1') });
    await cluster.start('versitygw');
    await salvor.state(id, 'handed-over');
    expect(await salvor.paged()).toContain('it names a namespace that does not exist');
  });

  test.each([
    ['cut', (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 30)), 'is damaged: it is not whole gzip'],
    ['gone', (path: string) => rmSync(path), 'is not in the storage'],
  ])('holds files that are %s: the page says so, and hands over what is known', async (what, spoil, says) => {
    const backup = await halfFailed(`files-${what}`);
    for (const name of ['results', 'logs']) spoil(file(backup, name));
    const id = await salvor.start('backup-failed', { schedule: `files-${what}` });
    const { finding } = await found(id);
    expect(finding).toMatchObject({ kind: 'hand-over', reason: expect.stringContaining(says) });
    expect(await salvor.paged()).toContain('BackupLog');
  });

  test('goes away during the second try: nothing is made a third time, and people hear why', async () => {
    await killedIn('during');
    const id = await salvor.start('backup-failed', { schedule: 'during' });
    const goes: Fault = async ({ answer, forward }) => {
      await cluster.kill('versitygw');
      const made = await forward();
      answer.writeHead(made.statusCode ?? 0, made.headers);
      for await (const chunk of made) answer.write(chunk);
      answer.end();
    };
    salvor.proxy.meet(creating('backups'), goes, 1);
    await salvor.approve(id);
    await salvor.state(id, 'handed-over');
    await cluster.start('versitygw');
    expect(await salvor.paged()).toMatch(/during-retry-\w+ was already the second try and ended Failed: because the storage did not answer/);
    expect(salvor.writes().filter((line) => line.startsWith('create backups/during-retry-'))).toHaveLength(1);
  });
});

describe('the clock of the API server', () => {
  test.each([
    ['ahead of', 10],
    ['behind', -10],
  ])('is ten minutes %s ours: ages are true, nothing is waited for, and it is said', async (how, minutes) => {
    const schedule = minutes > 0 ? 'ahead' : 'behind';
    await make(schedule, 'app');
    await ended(`${schedule}-tonight`, 'Completed');
    // Of two backups of one second the later name counts as the newer.
    await killIn(schedule, () => cluster.velero(['backup', 'create', `${schedule}-tonight-2`, '--from-schedule', schedule]));
    await cluster.start('velero');
    await ended(`${schedule}-tonight-2`, 'Failed');
    salvor.proxy.meet(any, clockOff(minutes * 60_000));
    const id = await salvor.start('backup-failed', { schedule });
    const { journal, clocks } = await salvor.state(id, 'proposed');
    const { evidence } = Diagnosed.parse(journal.find(({ type }) => type === 'run.diagnosed')?.data);
    expect(evidence.find((line) => line.startsWith('last good'))).toMatch(/^last good: \w+-tonight, \d+ items?, \d+(?:ms|s) old$/);
    expect(evidence.find((line) => line.startsWith('the clock'))).toMatch(new RegExp(`^the clock of prod is (?:10m|9m 59s|10m 1s) ${how} Salvor's`));
    expect(clocks.detectMs).toBeLessThan(60_000);
    await salvor.approve(id);
    await salvor.state(id, 'done');
  });
});

const Diagnosed = z.object({ evidence: z.array(z.string()) });

describe('Velero', () => {
  test('is killed in the middle of the second try and restarted: it is told, and not tried again', async () => {
    await killedIn('restarted');
    const id = await salvor.start('backup-failed', { schedule: 'restarted' });
    await salvor.state(id, 'proposed');
    await killIn('restarted', () => salvor.approve(id));
    await cluster.start('velero');
    await salvor.state(id, 'handed-over');
    expect(await salvor.paged()).toMatch(/restarted-retry-\w+ was already the second try and ended Failed: because the Velero server restarted/);
    expect(salvor.writes().filter((line) => line.startsWith('create backups/restarted-retry-'))).toHaveLength(1);
  });

  test('is killed and never comes back: the step ends with its time, and somebody is paged', async () => {
    await make('never', 'app');
    await ended('never-tonight', 'Completed');
    const id = await salvor.start('soon', { schedule: 'never' });
    await salvor.state(id, 'proposed');
    await killIn('never', () => salvor.approve(id));
    const { end } = await salvor.state(id, 'failed');
    await cluster.start('velero');
    expect(end).toBe('too slow: not finished within its time (in progress)');
    expect(await salvor.paged()).toContain('too slow: not finished within its time');
  });
});

test('Salvor itself is killed behind its write: the next one finds what was made, and finishes', async () => {
  await killedIn('salvor');
  const { proxy, kubeconfig } = await openWay(cluster);
  const site = await openSite(openStage(), { kubeconfigFile: kubeconfig });
  const killed = await site.start();
  const dies: Fault = async ({ forward }) => {
    (await forward()).resume();
    killed.program.signal('SIGKILL');
  };
  proxy.meet(creating('backups'), dies, 1);
  await killed.api.start('backup-failed', { schedule: 'salvor' });
  await killed.api.approve(await killed.api.untilRun('proposed'));
  await killed.program.ended;
  const next = await site.start();
  const { id } = await next.api.untilRun('done');
  const { journal, openIntents } = await next.api.run(id);
  expect(auditedWrites(cluster, USER).filter((line) => line.startsWith('create backups/salvor-retry-'))).toHaveLength(1);
  expect(openIntents).toEqual([]);
  expect(journal.flatMap(({ type, data }) => (type === 'write.outcome' ? [data['outcome']] : []))).toEqual(['adopted']);
  await proxy.close();
});
