import { describe, expect, test } from 'vitest';
import { isHeard, type Silence, silenceFinding } from '../../../../src/domain/node/death.ts';
import type { Held } from '../../../../src/domain/node/held.ts';
import { readNode } from '../../../../src/domain/node/node.ts';
import { readPod } from '../../../../src/domain/pod/pod.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const MINUTE = 60_000;
const at = (agoMs: number): string => new Date(NOW - agoMs).toISOString();

type Made = {
  readonly status?: string;
  readonly agoMs?: number;
  readonly taints?: readonly object[];
  readonly annotations?: { readonly [name: string]: string };
};
const node = (name: string, { status = 'True', agoMs = 10 * MINUTE, taints = [], annotations = {} }: Made = {}) =>
  readNode({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: name, annotations },
    spec: { taints },
    status: { conditions: [{ type: 'Ready', status, message: 'no network', lastTransitionTime: at(agoMs) }] },
  });
const POD = readPod({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'db-0', namespace: 'shop' }, spec: {} });
const STUCK: Held = { terminating: [POD], staying: [], attachments: [{ name: 'csi-1', node: 'w1', volume: 'pvc-1', isAttached: true }] };
const NOTHING: Held = { terminating: [], staying: [], attachments: [] };

const finding = (more: Partial<Silence> = {}) =>
  silenceFinding({
    node: node('w1', { status: 'Unknown' }),
    held: STUCK,
    renewedMs: NOW - 11 * MINUTE,
    nodes: [node('w1', { status: 'Unknown' }), node('w2'), node('w3')],
    forMs: 5 * MINUTE,
    nowMs: NOW,
    ...more,
  });

test('a node that is silent for long enough, in a cluster that is well, is acted on; what hangs on it is named', () => {
  expect(finding()).toEqual({
    kind: 'act',
    reason: 'w1 is silent since 2026-11-21 11:50 UTC and holds 1 pod (shop/db-0) Terminating and 1 volume (pvc-1) attached',
  });
});

describe('it is refused where', () => {
  test('the node is Ready', () => expect(finding({ node: node('w1') }).kind).toBe('recovered'));
  test('its kubelet answers, and only says that it is not ready', () => {
    expect(finding({ node: node('w1', { status: 'False' }) })).toMatchObject({ kind: 'hand-over', reason: expect.stringContaining('no network') });
  });
  test('fewer than half of the nodes are well', () => {
    const nodes = [node('w1', { status: 'Unknown' }), node('w2', { status: 'Unknown' }), node('w3')];
    expect(finding({ nodes })).toMatchObject({ kind: 'hand-over', reason: expect.stringMatching(/^2 of 3 nodes are not Ready/) });
  });
  test('somebody else has done it already', () => {
    const taints = [{ key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' }];
    expect(finding({ node: node('w1', { status: 'Unknown', taints }) })).toMatchObject({ kind: 'hand-over', reason: expect.stringContaining('not by Salvor') });
    expect(finding({ node: node('w1', { status: 'Unknown', taints, annotations: { 'salvor.io/out-of-service': 'k1' } }) }).kind).toBe('act');
  });
  test('nothing hangs on it', () =>
    expect(finding({ held: NOTHING })).toMatchObject({ kind: 'recovered', reason: expect.stringContaining('nothing hangs on w1') }));
});

describe('it is waited for where', () => {
  test('it is silent for too short a time', () => {
    expect(finding({ node: node('w1', { status: 'Unknown', agoMs: MINUTE }) })).toMatchObject({
      kind: 'wait',
      reason: expect.stringContaining('silent for 1m'),
    });
  });
  test('its lease is renewed, whatever its conditions say yet', () => {
    expect(finding({ renewedMs: NOW - 4000 })).toMatchObject({ kind: 'wait', reason: 'the kubelet of w1 renewed its lease 4s ago: it lives' });
  });
});

test('half of two nodes is enough: a cluster of two can lose one', () => {
  expect(finding({ nodes: [node('w1', { status: 'Unknown' }), node('w2')] }).kind).toBe('act');
});

test('pods that nobody has deleted yet are a reason, too: the taint evicts them', () => {
  expect(finding({ held: { ...NOTHING, staying: [POD] } }).kind).toBe('act');
});

test('a lease that nobody renews is silence, and none at all, too', () => {
  expect(isHeard(undefined, NOW)).toBe(false);
  expect(isHeard(NOW - 39_000, NOW)).toBe(true);
  expect(isHeard(NOW - 41_000, NOW)).toBe(false);
});
