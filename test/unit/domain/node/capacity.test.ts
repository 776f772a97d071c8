import { expect, test } from 'vitest';
import { roomElsewhere } from '../../../../src/domain/node/capacity.ts';
import { type Node, readNode } from '../../../../src/domain/node/node.ts';
import type { Pod } from '../../../../src/domain/pod/pod.ts';
import type { Volume } from '../../../../src/domain/volume/volume.ts';
import type { JsonObject } from '../../../../src/model/json.ts';
import { pod } from '../pod/pod-samples.ts';

type Made = { readonly labels?: { readonly [name: string]: string }; readonly spec?: JsonObject; readonly cpu?: string; readonly pods?: string };

function node(name: string, { labels = {}, spec = {}, cpu = '4', pods = '110' }: Made = {}): Node {
  return readNode({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: `uid-${name}`, labels: { 'kubernetes.io/hostname': name, ...labels } },
    spec,
    status: { conditions: [{ type: 'Ready', status: 'True' }], allocatable: { cpu, memory: '8Gi', pods } },
  });
}

const needs = (cpu: string): JsonObject => ({ containers: [{ name: 'c', resources: { requests: { cpu } } }] });

function room(nodes: readonly Node[], moving: readonly Pod[], { staying = [], volumes = [] }: { staying?: readonly Pod[]; volumes?: readonly Volume[] } = {}) {
  return roomElsewhere({ node: { name: 'w1' }, nodes: [node('w1'), ...nodes], pods: [...moving, ...staying], moving, volumesOf: () => volumes });
}

test('what fits is no trouble', () => {
  expect(room([node('w2')], [pod({ spec: needs('3') })])).toEqual({ missing: [], doubts: [] });
});

test.each([
  ['there is no other node', [], pod(), 'shop/web-1: there is no other node'],
  ['the others are cordoned', [node('w2', { spec: { unschedulable: true } })], pod(), 'no other node takes it (1 node: cordoned)'],
  ['a taint is not tolerated', [node('w2', { spec: { taints: [{ key: 'gpu', effect: 'NoSchedule' }] } })], pod(), '(1 node: taint gpu)'],
  ['its selector chooses none', [node('w2'), node('w3')], pod({ spec: { nodeSelector: { disk: 'ssd' } } }), '(2 nodes: its node selector or affinity)'],
  ['nothing has that much free', [node('w2', { cpu: '2' })], pod({ spec: needs('3') }), 'needs 3 CPU'],
  ['no more pods are allowed', [node('w2', { pods: '0' })], pod(), 'no other node that takes it has that free'],
])('it is sure that a pod stays Pending where %s', (_, nodes, moving, words) => {
  expect(room(nodes, [moving]).missing).toEqual([expect.stringContaining(words)]);
});

test('a toleration and a required affinity are understood', () => {
  const nodes = [node('w2', { labels: { zone: 'a', rank: '7' }, spec: { taints: [{ key: 'gpu', effect: 'NoSchedule' }] } })];
  const tolerations = [{ key: 'gpu', operator: 'Exists' }];
  const affinity = (matchExpressions: JsonObject[]): JsonObject => ({
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] } },
  });
  const wants = (matchExpressions: JsonObject[]) => room(nodes, [pod({ spec: { tolerations, affinity: affinity(matchExpressions) } })]).missing.length;
  expect(wants([{ key: 'zone', operator: 'In', values: ['a', 'b'] }])).toBe(0);
  expect(wants([{ key: 'rank', operator: 'Gt', values: ['5'] }])).toBe(0);
  expect(wants([{ key: 'rank', operator: 'Lt', values: ['5'] }])).toBe(1);
  expect(wants([{ key: 'zone', operator: 'NotIn', values: ['a'] }])).toBe(1);
});

test('room that several need at once is a doubt, not a certainty', () => {
  const moving = [pod({ name: 'shop/a-1', spec: needs('3') }), pod({ name: 'shop/b-1', spec: needs('2') })];
  const { missing, doubts } = room([node('w2')], moving);
  expect(missing).toEqual([]);
  expect(doubts).toEqual(['shop/b-1 may stay Pending: what is free is needed by the others that move']);
});

test('what runs on the others is counted, and what has finished there is not', () => {
  const staying = [
    pod({ name: 'shop/old-1', node: 'w2', spec: needs('3') }),
    pod({ name: 'shop/done-1', node: 'w2', spec: needs('4'), status: { phase: 'Succeeded' } }),
  ];
  expect(room([node('w2')], [pod({ spec: needs('1') })], { staying }).missing).toEqual([]);
  expect(room([node('w2')], [pod({ spec: needs('2') })], { staying }).missing).toHaveLength(1);
});

const LABELS = { labels: { app: 'web' } };
const CHOSEN = { labelSelector: { matchLabels: { app: 'web' } } };

test.each([
  [
    'pods that keep away from each other',
    { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ ...CHOSEN, topologyKey: 'kubernetes.io/hostname' }] } } },
    'pods that it keeps away from',
  ],
  [
    'an even spread over hosts, of which the emptied one still counts',
    { topologySpreadConstraints: [{ ...CHOSEN, topologyKey: 'kubernetes.io/hostname', maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule' }] },
    'its even spread',
  ],
])('%s may leave one Pending', (_, spec, words) => {
  const moving = pod({ metadata: LABELS, spec });
  const staying = [pod({ name: 'shop/web-2', node: 'w2', metadata: LABELS, spec })];
  expect(room([node('w2')], [moving], { staying })).toEqual({ missing: [], doubts: [`shop/web-1 may stay Pending: ${words}`] });
  const isEnough = room([node('w2'), node('w3')], [moving], { staying });
  expect(isEnough.doubts).toEqual([]);
});

test('a volume that the other nodes cannot reach is a doubt', () => {
  const reach = [{ matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: ['a'] }] }];
  const volumes = [{ claim: 'data-0', access: ['ReadWriteOnce'], isLocal: false, reach }];
  const [far, near] = [node('w2', { labels: { 'topology.kubernetes.io/zone': 'b' } }), node('w3', { labels: { 'topology.kubernetes.io/zone': 'a' } })];
  expect(room([far], [pod()], { volumes }).doubts).toEqual(['shop/web-1 may stay Pending: its volume cannot be reached from another node with room']);
  expect(room([far, near], [pod()], { volumes }).doubts).toEqual([]);
});
