import { describe, expect, test } from 'vitest';
import { nodeUncordon } from '../../../handlers/node-uncordon.ts';
import { calls } from './about.ts';
import { node, OUR_MARKS } from './node-objects.ts';
import { plainCluster } from './plain-cluster.ts';

const ours = node({ marks: OUR_MARKS, cordonedBy: 'salvor' });
const aPersons = node({ cordonedBy: 'kubectl-cordon' });
const anOperators = node({ cordonedBy: 'upgrade-operator' });

const onCluster = (objects: readonly ReturnType<typeof node>[], whose?: 'ours' | 'anyone') => {
  const cluster = plainCluster({ objects });
  return { ...cluster, uncordon: calls(nodeUncordon, { node: 'w1', ...(whose && { whose }) }, cluster.kube) };
};

describe('of its own accord', () => {
  test('Salvor uncordons what it cordoned, and takes its marks away', async () => {
    const { uncordon, writes, objects } = onCluster([ours]);
    expect(await uncordon.plan()).toMatchObject({
      summary: 'Uncordon w1: pods may come again',
      changes: [{ verb: 'patch', object: 'Node/w1', field: 'spec.unschedulable', from: true, to: false }],
    });
    expect(await uncordon.execute()).toEqual({ gone: false });
    expect(await uncordon.execute()).toEqual({ gone: false });
    expect(writes).toEqual(['patch Node/w1']);
    expect(objects()[0]).not.toHaveProperty('spec.unschedulable');
    expect(objects()[0]?.metadata.annotations).toEqual({});
    expect(await uncordon.verify({ gone: false })).toEqual({ ok: true, evidence: ['w1 takes pods again'] });
  });

  test.each([
    ['a person cordoned', [aPersons], 'w1 stays cordoned: somebody cordoned it by kubectl-cordon on 2026-11-21 10:00 UTC'],
    [
      'a person uncordoned and cordoned again',
      [node({ marks: OUR_MARKS, cordonedBy: 'kubectl-cordon' })],
      'w1 stays cordoned: somebody cordoned it by kubectl-cordon on 2026-11-21 10:00 UTC',
    ],
    ['was cordoned before we came', [node({ marks: { ...OUR_MARKS, 'salvor.io/before': 'true' }, cordonedBy: 'salvor' })], /^w1 stays cordoned/],
    ['a person uncordoned already', [node({ marks: OUR_MARKS })], 'w1 takes pods already'],
    ['is no longer there', [], 'w1 is no longer in the cluster: there is nothing to uncordon'],
  ])('it leaves a node alone that %s', async (_, objects, summary) => {
    const { uncordon, writes } = onCluster(objects);
    expect(await uncordon.plan()).toMatchObject({
      summary: summary instanceof RegExp ? expect.stringMatching(summary) : summary,
      changes: [],
    });
    const result = await uncordon.execute();
    expect(writes).toEqual([]);
    expect(await uncordon.verify(result)).toMatchObject({ ok: true });
  });
});

describe('asked by a person', () => {
  test.each([
    ["a person's", aPersons, 'somebody cordoned it by kubectl-cordon on 2026-11-21 10:00 UTC'],
    ["an operator's", anOperators, 'upgrade-operator cordoned it on 2026-11-21 10:00 UTC'],
    ["Salvor's", ours, 'Salvor cordoned it on 2026-11-21 10:00 UTC (run/0123456789abcdef-1)'],
  ])('%s cordon is shown with its owner, which is a part of what is approved', async (_, found, note) => {
    const { uncordon } = onCluster([found], 'anyone');
    expect((await uncordon.plan()).changes).toMatchObject([{ note }]);
  });

  test("it uncordons a person's cordon", async () => {
    const { uncordon, writes } = onCluster([aPersons], 'anyone');
    await uncordon.execute();
    expect(writes).toEqual(['patch Node/w1']);
  });

  test('a node that is not ready is said to get no pods yet', async () => {
    const { uncordon } = onCluster([node({ ready: 'Unknown', cordonedBy: 'kubectl' })], 'anyone');
    expect((await uncordon.plan()).notes).toEqual(['w1 is not ready: ready is Unknown. Pods come only when it is']);
  });

  test('one that is cordoned again at once is not verified', async () => {
    expect(await onCluster([aPersons], 'anyone').uncordon.verify({ gone: false })).toMatchObject({ ok: false });
  });
});
