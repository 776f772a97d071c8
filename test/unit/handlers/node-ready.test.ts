import { expect, test } from 'vitest';
import { nodeReady } from '../../../handlers/node-ready.ts';
import type { KubeObject } from '../../../src/model/object.ts';
import { look } from './about.ts';
import { node } from './node-objects.ts';
import { plainCluster } from './plain-cluster.ts';

const ask = (objects: readonly KubeObject[], params: object = {}) => look(nodeReady, { node: 'w1', ...params }, plainCluster({ objects }).kube);

test('a node that is ready for long enough is back', async () => {
  expect(await ask([node({ forMs: 61_000 })])).toMatchObject({ ok: true, facts: { node: 'w1', gone: false, uid: 'uid-w1' } });
});

test.each([
  ['is not ready', node({ ready: 'False' }), 'w1 is not ready: ready is False'],
  ['is silent', node({ ready: 'Unknown' }), 'w1 is not ready: ready is Unknown'],
  ['has just come back, and may go again', node({ forMs: 20_000 }), 'w1 is ready since 2026-11-21 09:59 UTC, and counts when it stays so for 1m'],
  [
    'still has the taint of one that was lost',
    node({ taints: ['node.kubernetes.io/unreachable'] }),
    'w1 is ready, and the control plane has yet to take away node.kubernetes.io/unreachable',
  ],
])('a node that %s is waited for', async (_, found, reason) => {
  expect(await ask([found])).toEqual({ ok: false, reason, again: true });
});

test('how long it has to stay ready is up to the playbook', async () => {
  expect(await ask([node({ forMs: 5000 })], { steady: '5s' })).toMatchObject({ ok: true });
  expect(await ask([node({ forMs: 5000 })], { steady: '10m' })).toMatchObject({ ok: false });
});

test('a node that was taken out of the cluster is waited for only where its name is to come back', async () => {
  expect(await ask([])).toMatchObject({ ok: true, facts: { gone: true } });
  expect(await ask([], { gone: 'wait' })).toMatchObject({ ok: false, again: true });
});
