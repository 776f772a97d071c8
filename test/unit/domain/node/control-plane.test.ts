import { expect, test } from 'vitest';
import { controlPlaneLines } from '../../../../src/domain/node/control-plane.ts';
import { disruptionMode, modeText } from '../../../../src/domain/node/disruption-mode.ts';
import { readLease } from '../../../../src/domain/node/lease.ts';
import type { Node } from '../../../../src/domain/node/node.ts';
import { eventReasons } from '../../../../src/domain/node/node-events.ts';
import { NOW, nodesOf } from './nodes.ts';

const lease = (name: string, ageMs: number, namespace = 'kube-node-lease') =>
  readLease({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { namespace, name },
    spec: { renewTime: new Date(NOW - ageMs).toISOString().replace('Z', '000Z') },
  });
const lines = (nodes: readonly Node[], agesMs: readonly number[], more: readonly ReturnType<typeof lease>[] = []): readonly string[] =>
  controlPlaneLines({ nodes, leases: [...nodes.map(({ name }, index) => lease(name, agesMs[index] ?? 0)), ...more], nowMs: NOW });

test('leases that agree with the conditions are not worth a line', () => {
  expect(lines(nodesOf('a', 3), [5000, 9000, 12_000])).toEqual([]);
  expect(lines([...nodesOf('a', 2), ...nodesOf('b', 2, { ready: 'Unknown' })], [5000, 5000, 900_000, 900_000])).toEqual([]);
});

test('a controller that does not renew its lease does not work', () => {
  const asleep = [lease('kube-controller-manager', 240_000, 'kube-system'), lease('kube-scheduler', 2000, 'kube-system')];
  expect(lines(nodesOf('a', 2), [5000, 5000], asleep)).toEqual(['kube-controller-manager has not renewed its lease for 4m: it does not work']);
});

test('leases of all nodes that are stale at once speak of the network to the API server', () => {
  expect(lines(nodesOf('a', 3), [90_000, 91_000, 92_000])).toEqual([expect.stringContaining('no node has renewed its lease for over a minute')]);
});

test('nodes that go now, and nodes that are back already, are told before the conditions say so', () => {
  expect(lines(nodesOf('a', 3), [5000, 90_000, 90_000])).toEqual(['2 more nodes still count as ready and have not renewed the lease for over a minute']);
  expect(lines([...nodesOf('a', 2), ...nodesOf('b', 1, { ready: 'Unknown' })], [5000, 5000, 3000])).toEqual([
    expect.stringContaining('1 node counts as silent and renews its lease'),
  ]);
});

test.each([
  ['a whole zone of several', { sick: 6, all: 6 }, false, 'evicts'],
  ['two of three', { sick: 2, all: 3 }, false, 'evicts'],
  ['three of five', { sick: 3, all: 5 }, false, 'stopped'],
  ['just under the part', { sick: 5, all: 10 }, false, 'evicts'],
  ['most of fifty', { sick: 40, all: 50 }, false, 'stopped'],
  ['most of fifty-one', { sick: 40, all: 51 }, false, 'slow'],
  ['everything', { sick: 6, all: 6 }, true, 'master'],
] as const)('what the control plane does by itself: %s', (_name, share, isLast, mode) => {
  expect(disruptionMode(share, isLast)).toBe(mode);
});

test('the words name the zone, and doubt where all are gone', () => {
  const zone = (name: string, sick: number, all: number) => ({ zone: name, sick, all });
  expect(modeText([zone('b', 6, 6), zone('a', 3, 5), zone('c', 0, 6)])).toMatch(
    /in b evicts pods after their toleration .*; in a evicts nothing: more than half/,
  );
  expect(modeText([zone('a', 2, 2), zone('b', 2, 2)])).toMatch(/^the control plane by itself: evicts nothing: no zone has a ready node/);
});

test('what happened to the nodes in the last hour is counted by node, once for each', () => {
  const event = (reason: string, name: string, at: string) => ({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.${reason}.${at}` },
    reason,
    involvedObject: { kind: 'Node', name },
    lastTimestamp: at,
  });
  const told = [
    event('Rebooted', 'b-1', '2026-11-21T11:30:00Z'),
    event('Rebooted', 'b-1', '2026-11-21T11:40:00Z'),
    event('NodeNotReady', 'b-1', '2026-11-21T11:30:00Z'),
  ];
  const others = [
    event('NodeNotReady', 'b-2', '2026-11-21T11:30:00Z'),
    event('NodeNotReady', 'a-1', '2026-11-21T11:30:00Z'),
    event('Rebooted', 'b-2', '2026-11-21T09:00:00Z'),
  ];
  expect(eventReasons([...told, ...others], new Set(['b-1', 'b-2']), NOW - 3_600_000)).toEqual(['NodeNotReady on 2', 'Rebooted on 1']);
});
