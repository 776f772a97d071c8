import { describe, expect, test } from 'vitest';
import { commonCause } from '../../../../src/domain/node/common-cause.ts';
import { causeLine, hintsFor, otherText } from '../../../../src/domain/node/common-cause-words.ts';
import type { Node } from '../../../../src/domain/node/node.ts';
import { NOW, node, nodesOf } from './nodes.ts';

const AWAY = { ready: 'Unknown' } as const;
const SINCE = 'since 2026-11-21 03:02 UTC';
const line = (nodes: readonly Node[]): string => causeLine(commonCause(nodes, NOW), nodes);

/** Every third node is in this rack, of this group, …: nothing that follows the zones. */
const spread = (key: string, value: string, more: { readonly ready?: 'True' | 'False' | 'Unknown'; readonly kubelet?: string } = {}) =>
  ['a', 'b', 'c'].flatMap((zone) =>
    nodesOf(zone, 6, (index) => (index < 2 ? { labels: { [key]: value }, ...more } : { labels: { [key]: `${value}-other-${index}` } })),
  );

describe('the common cause of sick nodes', () => {
  const clusters: readonly (readonly [string, readonly Node[], string])[] = [
    ['a zone', [...nodesOf('a', 6), ...nodesOf('b', 6, AWAY), ...nodesOf('c', 6)], `zone b is gone: 6 of 6 nodes of it are silent ${SINCE}, 0 of 12 elsewhere`],
    [
      'most of a zone',
      [...nodesOf('a', 6), ...nodesOf('b', 6, (index) => (index < 5 ? AWAY : {})), ...nodesOf('c', 6)],
      `zone b has trouble: 5 of 6 nodes of it are silent ${SINCE}, 0 of 12 elsewhere`,
    ],
    [
      'a zone, and one node that is sick for a reason of its own',
      [...nodesOf('a', 6, (index) => (index === 0 ? AWAY : {})), ...nodesOf('b', 6, AWAY), ...nodesOf('c', 6)],
      `zone b is gone: 6 of 6 nodes of it are silent ${SINCE}, 1 of 12 elsewhere`,
    ],
    [
      'two zones of three',
      [...nodesOf('a', 2), ...nodesOf('b', 2, AWAY), ...nodesOf('c', 2, AWAY)],
      `zones b and c are gone: 4 of 4 nodes of them are silent ${SINCE}, 0 of 2 elsewhere`,
    ],
    [
      'two zones that have trouble',
      [...nodesOf('a', 6), ...nodesOf('b', 6, (index) => (index < 5 ? AWAY : {})), ...nodesOf('c', 6, AWAY)],
      `zones b and c have trouble: 11 of 12 nodes of them are silent ${SINCE}, 0 of 6 elsewhere`,
    ],
    ['a rack', spread('example.com/rack', 'r7', AWAY), `rack r7 is gone: 6 of 6 nodes of it are silent ${SINCE}, 0 of 12 elsewhere`],
    ['a switch', spread('net.example.com/switch-id', 's2', AWAY), `switch-id s2 is gone: 6 of 6 nodes of it are silent ${SINCE}, 0 of 12 elsewhere`],
    ...[
      'cloud.google.com/gke-nodepool',
      'eks.amazonaws.com/nodegroup',
      'karpenter.sh/nodepool',
      'kops.k8s.io/instancegroup',
      'kubernetes.azure.com/agentpool',
    ].map(
      (key) =>
        [
          `an instance group, ${key}`,
          spread(key, 'spot-1', { ready: 'False' }),
          `all of instance group spot-1 is down: 6 of 6 nodes of it are not ready ${SINCE}, 0 of 12 elsewhere`,
        ] as const,
    ),
    [
      'a machine set',
      ['a', 'b', 'c'].flatMap((zone) => nodesOf(zone, 4, (index) => (index === 0 ? { ...AWAY, annotations: { 'cluster.x-k8s.io/owner-name': 'ms-1' } } : {}))),
      `all of instance group ms-1 is down: 3 of 3 nodes of it are silent ${SINCE}, 0 of 9 elsewhere`,
    ],
    [
      'a version that is being rolled out',
      ['a', 'b', 'c'].flatMap((zone) => nodesOf(zone, 6, (index) => (index < 2 ? { ready: 'False', kubelet: 'v1.38.0' } : {}))),
      `a rollout looks guilty, kubelet v1.38.0: 6 of 6 nodes like that are not ready ${SINCE}, 0 of 12 elsewhere`,
    ],
    [
      'new nodes',
      ['a', 'b', 'c'].flatMap((zone) => nodesOf(zone, 6, (index) => (index < 2 ? { ready: 'False', made: '2026-11-21T11:00:00Z' } : {}))),
      `a rollout looks guilty, nodes made in the last 2 hours: 6 of 6 nodes like that are not ready ${SINCE}, 0 of 12 elsewhere`,
    ],
    [
      'a machine type',
      spread('node.kubernetes.io/instance-type', 'm5.large', AWAY),
      `all of machine type m5.large is down: 6 of 6 nodes of it are silent ${SINCE}, 0 of 12 elsewhere`,
    ],
    ['some label', spread('team', 'shop', AWAY), `all of label team=shop is down: 6 of 6 nodes like that are silent ${SINCE}, 0 of 12 elsewhere`],
    ['everything', [...nodesOf('a', 3, AWAY), ...nodesOf('b', 3, AWAY)], `the control plane hears of no node: all 6 are silent ${SINCE}`],
    [
      'everything but the control plane itself',
      [...nodesOf('a', 3, AWAY), ...nodesOf('b', 3, AWAY), node('a-cp', { labels: { 'node-role.kubernetes.io/control-plane': '' } })],
      `the control plane hears of itself only: all 6 nodes that are not of it are silent ${SINCE}`,
    ],
    ['nothing', [...nodesOf('a', 3), ...nodesOf('b', 3)], 'every node reports: 6 nodes ready in 2 zones'],
    [
      'one node alone',
      [...nodesOf('a', 6), ...nodesOf('b', 6, (index) => (index === 0 ? AWAY : {}))],
      `no common cause found: 1 of 12 nodes is silent ${SINCE}; by zone: 1 of 6 in b`,
    ],
    [
      'some here and some there',
      ['a', 'b', 'c'].flatMap((zone) => nodesOf(zone, 6, (index) => (index === 0 ? { ready: 'False' } : {}))),
      `no common cause found: 3 of 18 nodes are not ready ${SINCE}; by zone: 1 of 6 in a, 1 of 6 in b, 1 of 6 in c`,
    ],
    [
      'three of a large zone, which chance does as well',
      [...nodesOf('a', 20, (index) => (index < 3 ? AWAY : {})), ...nodesOf('b', 60)],
      `no common cause found: 3 of 80 nodes are silent ${SINCE}; by zone: 3 of 20 in a`,
    ],
    ['no node at all', [], 'every node reports: 0 nodes ready'],
  ];

  test.each(clusters)('%s', (_name, nodes, expected) => {
    expect(line(nodes)).toBe(expected);
  });

  test('of two names of the same nodes the zone is told first, and the instance group beside it', () => {
    const nodes = ['a', 'b', 'c'].flatMap((zone) =>
      nodesOf(zone, 4, { labels: { 'eks.amazonaws.com/nodegroup': `ng-${zone}` }, ...(zone === 'b' ? AWAY : {}) }),
    );
    const cause = commonCause(nodes, NOW);
    expect(causeLine(cause, nodes)).toContain('zone b is gone');
    expect(cause.kind === 'shared' && cause.also.map(otherText)).toEqual(['instance group ng-b (4 of 4 with it, 0 of 8 without)']);
  });

  test('an instance group that is sick in every zone is not blamed on the zone that has most of it', () => {
    const pool = { 'cloud.google.com/gke-nodepool': 'gpu' };
    const nodes = [
      ...nodesOf('a', 6, (index) => (index < 1 ? { ...AWAY, labels: pool } : {})),
      ...nodesOf('b', 6, (index) => (index < 4 ? { ...AWAY, labels: pool } : {})),
    ];
    expect(line(nodes)).toBe(`all of instance group gpu is down: 5 of 5 nodes of it are silent ${SINCE}, 0 of 7 elsewhere`);
  });

  test('what every node has explains nothing', () => {
    const nodes = ['a', 'b', 'c'].flatMap((zone) => nodesOf(zone, 3, (index) => ({ labels: { fleet: 'main' }, ...(index === 0 ? AWAY : {}) })));
    expect(line(nodes)).toContain('no common cause found');
  });

  test('a cause has hints, and where nodes are to blame they say to drain nothing', () => {
    for (const [, nodes] of clusters) {
      const cause = commonCause(nodes, NOW);
      const hints = hintsFor(cause, nodes).join('\n');
      expect(hints.includes('Drain nothing')).toBe(cause.kind === 'shared' || cause.kind === 'unknown');
      expect(hints.includes('/readyz')).toBe(cause.kind === 'control-plane');
    }
  });
});
