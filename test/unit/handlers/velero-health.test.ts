import { describe, expect, test } from 'vitest';
import { veleroHealth } from '../../../handlers/velero-health.ts';
import { veleroRestart } from '../../../handlers/velero-restart.ts';
import { veleroScale } from '../../../handlers/velero-scale.ts';
import type { KubeObject } from '../../../src/model/object.ts';
import { calls, diagnose } from './about.ts';
import { type Plain, plainCluster } from './plain-cluster.ts';
import { backup, HOUR } from './velero-objects.ts';

function server({
  replicas = 1,
  available = 1,
  generation = 1,
}: {
  readonly replicas?: number;
  readonly available?: number;
  readonly generation?: number;
} = {}): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'velero', namespace: 'velero', uid: 'uid-velero', generation },
    spec: { replicas, template: { metadata: { labels: { deploy: 'velero' } } } },
    status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: available },
  };
}
function pod(
  name: string,
  labels: Record<string, string>,
  { node = 'w1', ready = true, container = {} }: { readonly node?: string; readonly ready?: boolean; readonly container?: object } = {},
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'velero', uid: `uid-${name}`, labels },
    spec: { nodeName: node, containers: [{ name: 'main' }] },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      containerStatuses: [{ name: 'main', ready, restartCount: 4, ...container }],
    },
  };
}
const node = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'Node', metadata: { name, uid: `uid-${name}` }, spec: {}, status: {} });
const AGENTS: KubeObject = { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'node-agent', namespace: 'velero' }, spec: {}, status: {} };
const RUNNING = backup('daily-2', { phase: 'InProgress', agoMs: HOUR });

const look = (objects: readonly KubeObject[], rest: Omit<Plain, 'objects'> = {}, params: object = {}) =>
  diagnose(veleroHealth, params, plainCluster({ objects, ...rest }).kube);
const SILENT = { server: 'silent' } as const;

describe('the server', () => {
  test('answers: nothing to do', async () => {
    expect((await look([server()])).finding).toEqual({ kind: 'recovered', reason: 'Velero v1.18.3 answers' });
  });

  test('looks well, answers nothing, and nothing is in progress: a restart', async () => {
    expect((await look([server()], SILENT)).finding).toMatchObject({ kind: 'act', reason: expect.stringContaining('looks well and answers nothing') });
  });

  test('the same where Salvor may not restart it: a person reads the command, and what gives the right', async () => {
    expect((await look([server()], { ...SILENT, mayI: false })).finding).toMatchObject({
      kind: 'hand-over',
      reason: expect.stringMatching(/Salvor may not restart it$/),
      hints: ['Restart it: kubectl -n velero rollout restart deployment velero', 'Let Salvor do that after an approval: salvor rbac --with velero.restart'],
    });
  });

  test('the same in the middle of a backup: a person decides, and may say restart', async () => {
    expect((await look([server(), RUNNING], SILENT)).finding).toMatchObject({ kind: 'hand-over', reason: expect.stringContaining('daily-2 is in progress') });
    expect((await look([server(), RUNNING], SILENT, { restart: true })).finding.kind).toBe('act');
    expect((await look([server(), RUNNING], {}, { restart: true })).finding).toMatchObject({
      kind: 'act',
      reason: 'Velero v1.18.3 answers, and a person wants it restarted: daily-2 is in progress',
    });
  });

  test.each([
    ['was killed for want of memory', { lastState: { terminated: { reason: 'OOMKilled', exitCode: 137 } } }, 'hand-over', 'Raise the memory limit'],
    ['crashes', { state: { waiting: { reason: 'CrashLoopBackOff' } } }, 'hand-over', 'Read why it ends'],
    ['cannot be pulled', { state: { waiting: { reason: 'ImagePullBackOff' } } }, 'hand-over', 'Correct the image'],
    ['is being made', { state: { waiting: { reason: 'ContainerCreating' } } }, 'wait', ''],
  ])('%s', async (_, container, kind, hint) => {
    const { finding } = await look([server({ available: 0 }), pod('velero-1', { deploy: 'velero' }, { ready: false, container })], SILENT);
    expect(finding.kind).toBe(kind);
    if (finding.kind === 'hand-over') expect(finding.hints.join()).toContain(hint);
  });

  test('scaled to nothing, scaled to two, or not there at all', async () => {
    expect((await look([server({ replicas: 0, available: 0 })], SILENT)).finding).toMatchObject({
      kind: 'hand-over',
      reason: expect.stringContaining('somebody stopped Velero'),
    });
    expect((await look([server({ replicas: 2 })])).finding).toMatchObject({ kind: 'hand-over', reason: expect.stringContaining('one replica by design') });
    expect((await look([], SILENT)).finding).toMatchObject({ kind: 'hand-over', reason: expect.stringContaining('there is no Deployment velero') });
  });
});

test('nodes without a Ready node agent are named, and what may not be seen is said', async () => {
  const objects = [
    server(),
    AGENTS,
    node('w1'),
    node('w2'),
    pod('agent-1', { name: 'node-agent' }),
    pod('agent-2', { name: 'node-agent' }, { node: 'w2', ready: false }),
  ];
  expect((await look(objects)).finding).toMatchObject({ kind: 'hand-over', reason: 'Velero v1.18.3 answers, but no node agent is Ready on 1 node: w2' });
  const blind = await look(objects, { forbidden: ['Node'] });
  expect(blind.finding.kind).toBe('recovered');
  expect(blind.evidence).toContain('which nodes have a node agent was not seen, since the right is missing: list nodes');
});

describe('restart', () => {
  test('writes one annotation once, and goes on when the new pod is Ready and the server answers', async () => {
    const cluster = plainCluster({ objects: [server()] });
    const it = calls(veleroRestart, {}, cluster.kube);
    expect(await it.plan()).toMatchObject({
      changes: [{ verb: 'patch', object: 'Deployment/velero/velero', field: 'spec.template.metadata.annotations.salvor.io/restarted' }],
      undo: [],
    });
    expect(await it.execute()).toMatchObject({ more: 5000 });
    expect(await it.execute()).toEqual({ uid: 'uid-velero', version: 'v1.18.3' });
    expect(cluster.writes).toEqual(['patch Deployment/velero/velero']);
  });

  test('waits while the pod is not rolled out, and while the server is silent', async () => {
    const cluster = plainCluster({ objects: [server({ generation: 2 })], server: 'silent' });
    const it = calls(veleroRestart, {}, cluster.kube);
    await it.execute();
    expect(await it.execute()).toMatchObject({ progress: 'the new pod is not Ready yet' });
    const done = { ...cluster.objects()[0], ...server() };
    cluster.put({ ...done, spec: cluster.objects()[0]?.['spec'] });
    expect(await it.execute()).toMatchObject({ progress: 'the new pod is Ready, and the server does not answer yet' });
    expect(await it.verify({ uid: 'uid-other', version: 'v1' })).toMatchObject({ ok: false });
  });

  test('an approval is void when a backup has begun since', async () => {
    const before = (await calls(veleroRestart, {}, plainCluster({ objects: [server()] }).kube).plan()).facts;
    const plan = await calls(veleroRestart, {}, plainCluster({ objects: [server(), RUNNING] }).kube).plan();
    expect(plan.facts).not.toEqual(before);
    expect(plan.notes).toContain('daily-2 is in progress, and ends Failed by this');
  });
});

test('more than one replica is refused, with what gives more at once', async () => {
  const { finding, evidence } = await diagnose(veleroScale, { replicas: 2 }, plainCluster({ objects: [] }).kube);
  expect(finding.reason).toMatch(/^refused: Velero is one replica by design/);
  expect(evidence).toContain('More backups at once: --concurrent-backups of the server');
});
