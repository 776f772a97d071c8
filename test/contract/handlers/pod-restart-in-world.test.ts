import { describe, expect, test } from 'vitest';
import { podDiagnose } from '../../../handlers/pod-diagnose.ts';
import { podRestart } from '../../../handlers/pod-restart.ts';
import { isMore } from '../../../src/action/contract.ts';
import { digest } from '../../../src/model/digest.ts';
import type { Scenario } from '../../../src/world/scenario.ts';
import { type Stage, setStage } from './stage.ts';

const SICK = 'shop/api-c';
const THREE: Scenario = {
  nodes: [{ name: 'w1' }, { name: 'w2' }],
  pods: [
    { name: 'shop/api-a', node: 'w1' },
    { name: 'shop/api-b', node: 'w2' },
    { name: SICK, node: 'w1', ready: false, log: ['waiting for a lock', 'db password=hunter2'] },
  ],
  budgets: [{ name: 'shop/api', match: { app: 'api' }, minAvailable: 1 }],
};

async function begin(scenario: Scenario): Promise<Stage> {
  const stage = setStage(scenario);
  await stage.clock.pass(20 * 60_000);
  stage.cluster.forgetWrites();
  return stage;
}

async function diagnosed(stage: Stage, given: object = {}) {
  const params = podDiagnose.params.parse({ pod: SICK, ...given });
  const answer = await stage.wait(podDiagnose.run({ ...stage.about(), params, kube: stage.kube }));
  return { ...answer, facts: podDiagnose.facts.parse(answer.facts) };
}

async function restarting(stage: Stage, more: object = {}) {
  const { facts } = await diagnosed(stage);
  const { uid, owner, ownerUid } = facts;
  const params = podRestart.params.parse({ pod: SICK, uid, owner, ownerUid, ...more });
  const about = () => ({ ...stage.about(), params, kube: stage.kube, stepKey: digest('restart') });
  return {
    plan: () => stage.wait(podRestart.plan(about())),
    execute: () => stage.wait(podRestart.execute(about())),
    verify: () => stage.wait(podRestart.verify({ ...about(), result: podRestart.result.parse({ pod: SICK, uid }) })),
  };
}

const hung: Scenario = {
  ...THREE,
  objects: [
    {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'e1', namespace: 'shop' },
      involvedObject: { kind: 'Pod', name: 'api-c', namespace: 'shop' },
      type: 'Warning',
      reason: 'Unhealthy',
      message: 'Readiness probe failed: HTTP 503',
      count: 40,
      lastTimestamp: '2026-11-21T12:19:00Z',
    },
  ],
};

describe('what a pod that hangs can still tell', () => {
  test('is its events and its log, without what looks like a secret; and it is read before anything is touched', async () => {
    const stage = await begin(hung);
    const { finding, facts, evidence } = await diagnosed(stage);
    expect(finding).toMatchObject({ kind: 'act', reason: 'shop/api-c runs and is not Ready for 1d 20m' });
    expect(facts).toMatchObject({ symptom: 'hung', owner: expect.stringMatching(/^ReplicaSet\/api-/), othersReady: 2, byItself: true, reasons: [] });
    expect(evidence).toContain('event 2026-11-21 12:19 UTC Unhealthy (40 times): Readiness probe failed: HTTP 503');
    expect(evidence).toContain('main: waiting for a lock');
    expect(evidence.join('\n')).not.toContain('hunter2');
    expect(stage.cluster.writes()).toEqual([]);
  });

  test('of one that crashes it is the log before its last restart', async () => {
    const pods: Scenario['pods'] = [
      { name: SICK, node: 'w1', waiting: 'CrashLoopBackOff', restarts: 9, previousLog: ['cannot reach the database'], log: ['starting'] },
    ];
    const { finding, evidence } = await diagnosed(await begin({ nodes: [{ name: 'w1' }], pods }));
    expect(finding.kind).toBe('hand-over');
    expect(evidence).toContain('main, before its last restart: cannot reach the database');
    expect(evidence.join('\n')).not.toContain('starting');
  });

  test('a log that cannot be read is told, and decides nothing', async () => {
    const stage = await begin({ ...THREE, faults: [{ give: 'internal', kind: 'Pod', subresource: 'log' }] });
    const { finding, evidence } = await diagnosed(stage);
    expect(finding.kind).toBe('act');
    expect(evidence.join('\n')).toContain('the log of main cannot be read');
  });
});

test('a pod that cannot start because its volume is at a dead machine: the way to let go of that machine is named', async () => {
  const stage = await begin({
    nodes: [{ name: 'w1', ready: false, since: '1h' }, { name: 'w2' }, { name: 'w3' }],
    claims: [{ name: 'shop/data', attachedTo: 'w1', stuck: true }],
    objects: [
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'api-c', namespace: 'shop', creationTimestamp: '2026-11-21T11:00:00Z' },
        spec: { nodeName: 'w2', containers: [{ name: 'c' }], volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }] },
        status: { phase: 'Pending', reason: 'Scenario' },
      },
    ],
  });
  const { finding } = await diagnosed(stage);
  expect(finding).toMatchObject({ kind: 'hand-over', reason: expect.stringContaining('has not started for') });
  expect(finding.kind === 'hand-over' ? finding.hints[0] : '').toBe(
    'Its volume data is still at w1, which is not Ready; if that machine is off: salvor run node-out-of-service --param node=w1',
  );
});

test('a pod that is gone has recovered', async () => {
  const { finding } = await diagnosed(await begin({ nodes: [{ name: 'w1' }] }));
  expect(finding).toMatchObject({ kind: 'recovered', reason: expect.stringContaining('shop/api-c is gone') });
});

test('who wants a restart that nothing asks for decides for himself: it is never by itself', async () => {
  const stage = await begin(THREE);
  const { finding, facts } = await diagnosed(stage, { pod: 'shop/api-a', anyway: true });
  expect(finding.kind).toBe('act');
  expect(facts.byItself).toBe(false);
});

test('it is evicted by uid, its controller makes another, and that counts once it stays Ready', async () => {
  const stage = await begin(THREE);
  const { plan, execute, verify } = await restarting(stage);
  const { changes, notes } = await plan();
  expect(changes).toMatchObject([{ verb: 'evict', object: 'Pod/shop/api-c' }]);
  expect(notes?.join('\n')).toContain('2 of its 2 other pods are Ready meanwhile');
  expect(await execute()).toMatchObject({ pod: SICK });
  expect(await verify()).toMatchObject({ ok: false, again: true, reason: expect.stringContaining('has not ended yet') });
  await stage.clock.pass(6000);
  expect(await verify()).toMatchObject({ ok: false, again: true, reason: expect.stringMatching(/took its place, is Ready for only/) });
  await stage.clock.pass(40_000);
  expect(await verify()).toMatchObject({ ok: true });
  expect(stage.cluster.writes()).toEqual(['evict Pod/shop/api-c']);
});

test('another pod under this name is left alone', async () => {
  const stage = await begin(THREE);
  const { plan, execute } = await restarting(stage);
  stage.cluster.apply({ pods: [{ name: SICK, gone: true }] });
  stage.cluster.apply({ pods: [{ name: SICK, node: 'w1' }] });
  expect(await plan()).toMatchObject({ changes: [], summary: 'shop/api-c is gone already' });
  await execute();
  expect(stage.cluster.writes()).toEqual([]);
});

test('a pod that is made anew between the look and the eviction is left alone', async () => {
  const stage = await begin(THREE);
  const { facts } = await diagnosed(stage);
  const find: typeof stage.kube.find = async (ref) => {
    const found = await stage.kube.find(ref);
    stage.cluster.apply({ pods: [{ name: SICK, gone: true }] });
    stage.cluster.apply({ pods: [{ name: SICK, node: 'w1' }] });
    return found;
  };
  const params = podRestart.params.parse({ pod: SICK, uid: facts.uid, owner: facts.owner, ownerUid: facts.ownerUid });
  await stage.wait(podRestart.execute({ ...stage.about(), params, kube: { ...stage.kube, find }, stepKey: digest('restart') }));
  await stage.clock.pass(5000);
  expect((await stage.wait(stage.kube.get({ apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'api-c' }))).metadata.deletionTimestamp).toBeUndefined();
  expect(stage.cluster.writes()).toEqual([]);
});

test('a budget that lets none go is waited for, and named', async () => {
  const stage = await begin({ ...THREE, budgets: [{ name: 'shop/api', match: { app: 'api' }, minAvailable: 3 }] });
  const { plan, execute } = await restarting(stage);
  expect((await plan()).notes?.join('\n')).toContain('Its budget would not let it go now');
  const answer = await execute();
  expect(isMore(answer) ? answer.progress : '').toContain('The disruption budget api needs 3 healthy pods and has 2 currently');
  expect(stage.cluster.writes()).toEqual([]);
  stage.cluster.apply({ budgets: [{ name: 'shop/api', match: { app: 'api' }, minAvailable: 1 }] });
  await stage.clock.pass(1000);
  expect(await execute()).toMatchObject({ pod: SICK });
});

test('the rule for a restart by itself ceases to hold: what was approved by it is void', async () => {
  const stage = await begin(THREE);
  const { plan } = await restarting(stage, { byItself: true });
  const { facts } = await plan();
  stage.cluster.apply({
    pods: [
      { name: 'shop/api-a', ready: false },
      { name: 'shop/api-b', ready: false },
    ],
  });
  expect((await plan()).facts).not.toEqual(facts);
});

test('after the eviction the facts are the same as before: nothing is void by what we did ourselves', async () => {
  const stage = await begin(THREE);
  const { plan, execute } = await restarting(stage, { byItself: true });
  const { facts } = await plan();
  await execute();
  expect((await plan()).facts).toEqual(facts);
  await stage.clock.pass(10_000);
  expect((await plan()).facts).toEqual(facts);
});

test('its controller is gone since: there is nothing to wait for', async () => {
  const stage = await begin(THREE);
  const { execute, verify } = await restarting(stage);
  await execute();
  stage.cluster.apply({ remove: ['Deployment/shop/api'] });
  await stage.clock.pass(30_000);
  expect(await verify()).toMatchObject({ ok: true, evidence: [expect.stringContaining('is gone since')] });
});
