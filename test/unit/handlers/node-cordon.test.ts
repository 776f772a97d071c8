import { expect, test } from 'vitest';
import { nodeCordon } from '../../../handlers/node-cordon.ts';
import { SalvorError } from '../../../src/model/error.ts';
import { calls } from './about.ts';
import { node, OUR_MARKS } from './node-objects.ts';
import { plainCluster } from './plain-cluster.ts';

const onCluster = (...objects: readonly ReturnType<typeof node>[]) => {
  const cluster = plainCluster({ objects });
  return { ...cluster, cordon: calls(nodeCordon, { node: 'w1' }, cluster.kube) };
};

test('the plan is one field of one node, and its undo gives it back', async () => {
  const { cordon } = onCluster(node({ ready: 'False' }));
  expect(await cordon.plan()).toMatchObject({
    summary: 'Cordon w1: no new pods, those on it stay',
    changes: [{ verb: 'patch', object: 'Node/w1', field: 'spec.unschedulable', from: false, to: true }],
    undo: [{ verb: 'patch', object: 'Node/w1', field: 'spec.unschedulable', from: true, to: false }],
    facts: { uid: 'uid-w1', ready: false },
  });
});

test('an approval is void when the node comes back, or is another machine under the same name', async () => {
  const facts = async (...given: Parameters<typeof node>) => (await onCluster(node(...given)).cordon.plan()).facts;
  const approved = await facts({ ready: 'Unknown' });
  expect(await facts({ ready: 'False' })).toEqual(approved);
  expect(await facts({ ready: 'True' })).not.toEqual(approved);
  expect(await facts({ ready: 'Unknown', uid: 'another' })).not.toEqual(approved);
});

test('it cordons, says whose cordon it is, and a repeat under the same key writes nothing more', async () => {
  const { cordon, writes, objects } = onCluster(node({ ready: 'False' }));
  expect(await cordon.execute()).toEqual({ wasCordoned: false, uid: 'uid-w1' });
  expect(objects()).toMatchObject([{ spec: { unschedulable: true }, metadata: { annotations: OUR_MARKS } }]);
  expect(await cordon.execute()).toEqual({ wasCordoned: false, uid: 'uid-w1' });
  expect(writes).toEqual(['patch Node/w1']);
  expect(await cordon.verify({ wasCordoned: false, uid: 'uid-w1' })).toMatchObject({ ok: true });
});

test('where a person uncordoned the node between its write and the crash behind it, the repeat does not cordon it again', async () => {
  const { cordon, writes } = onCluster(node({ ready: 'False', marks: OUR_MARKS }));
  expect(await cordon.execute()).toEqual({ wasCordoned: false, uid: 'uid-w1' });
  expect(writes).toEqual([]);
});

test('planned again after the crash that its own write came before, it is the same plan', async () => {
  const { cordon } = onCluster(node({ ready: 'False' }));
  const before = await cordon.plan();
  await cordon.execute();
  expect(await cordon.plan()).toEqual(before);
});

test("a person's cordon is nothing to change, is said to be the person's, and is never given back by us", async () => {
  const { cordon, writes } = onCluster(node({ ready: 'False', cordonedBy: 'kubectl-cordon' }));
  expect(await cordon.plan()).toMatchObject({
    summary: 'w1 is cordoned already: somebody cordoned it by kubectl-cordon on 2026-11-21 10:00 UTC',
    changes: [],
    undo: [],
  });
  expect(await cordon.execute()).toEqual({ wasCordoned: true, uid: 'uid-w1' });
  expect(await cordon.rollback()).toMatchObject({ kind: 'undone' });
  expect(writes).toEqual([]);
});

test('a cordon that an earlier run of ours left behind is taken over, so that it is given back one day', async () => {
  const { cordon, writes } = onCluster(node({ ready: 'False', cordonedBy: 'salvor', marks: { ...OUR_MARKS, 'salvor.io/step-key': 'of-an-earlier-run' } }));
  expect((await cordon.plan()).changes).toEqual([]);
  expect(await cordon.execute()).toEqual({ wasCordoned: false, uid: 'uid-w1' });
  expect(writes).toEqual([]);
});

test('undone, the node is as it was before', async () => {
  const { cordon, objects } = onCluster(node({ ready: 'False' }));
  await cordon.execute();
  expect(await cordon.rollback()).toEqual({ kind: 'undone', evidence: 'w1 takes pods again' });
  expect(objects()).toMatchObject([{ spec: {}, metadata: { annotations: {} } }]);
  expect(objects()[0]).not.toHaveProperty('spec.unschedulable');
});

test.each([
  ['uncordoned it', node({ marks: OUR_MARKS }), 'somebody has decided about w1 since: left as it is, it takes pods'],
  [
    'uncordoned it and cordoned it again',
    node({ marks: OUR_MARKS, cordonedBy: 'kubectl-cordon' }),
    'somebody has decided about w1 since: left as it is, somebody cordoned it by kubectl-cordon on 2026-11-21 10:00 UTC',
  ],
  [
    'replaced the machine under its name',
    node({ uid: 'another', cordonedBy: 'kubectl-cordon' }),
    'w1 was not cordoned by this step: left as it is, somebody cordoned it by kubectl-cordon on 2026-11-21 10:00 UTC',
  ],
])('where a person %s meanwhile, the undo leaves it so and says so', async (_, now, evidence) => {
  const { cordon, writes } = onCluster(now);
  expect(await cordon.rollback()).toEqual({ kind: 'undone', evidence });
  expect(writes).toEqual([]);
});

test('of a node that was taken out of the cluster there is nothing to undo', async () => {
  expect(await onCluster().cordon.rollback()).toEqual({ kind: 'undone', evidence: 'w1 is no longer in the cluster' });
});

test('somebody who writes to the node at the same moment is not overwritten', async () => {
  const { cordon, kube, put, writes } = onCluster(node({ ready: 'False' }));
  const racing = calls(
    nodeCordon,
    { node: 'w1' },
    {
      ...kube,
      async get(ref) {
        const found = await kube.get(ref);
        put({ ...node({ cordonedBy: 'kubectl-cordon' }), metadata: { ...node({ cordonedBy: 'kubectl-cordon' }).metadata, resourceVersion: '8' } });
        return found;
      },
    },
  );
  await expect(racing.execute()).rejects.toBeInstanceOf(SalvorError);
  expect(await cordon.execute()).toEqual({ wasCordoned: true, uid: 'uid-w1' });
  expect(writes).toEqual([]);
});

test('a node that somebody uncordoned at once is not verified, and neither is one that is gone', async () => {
  const done = { wasCordoned: false, uid: 'uid-w1' };
  expect(await onCluster(node({ marks: OUR_MARKS })).cordon.verify(done)).toMatchObject({ ok: false, reason: 'w1 takes pods again: somebody uncordoned it' });
  expect(await onCluster(node({ uid: 'another', cordonedBy: 'kubectl' })).cordon.verify(done)).toMatchObject({ ok: false });
});

test('a node that does not exist cannot be cordoned', async () => {
  await expect(onCluster().cordon.plan()).rejects.toMatchObject({ code: 'kube.not-found' });
});
