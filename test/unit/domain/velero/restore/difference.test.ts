import { describe, expect, test } from 'vitest';
import { type Held, isPassing, namespacesIn, readContents, restorable } from '../../../../../src/domain/velero/restore/contents.ts';
import { differenceOf, expectedCounts, listText } from '../../../../../src/domain/velero/restore/difference.ts';

/** As the real Velero 1.18 wrote it, shortened. */
const LIST = JSON.stringify({
  'apps/v1/Deployment': ['app/web'],
  'apps/v1/ReplicaSet': ['app/web-7cc67d6897'],
  'v1/ConfigMap': ['app/cfg', 'app/kube-root-ca.crt', 'app/w0'],
  'v1/Event': ['app/lone.18e9fb6cb6f4aa6e'],
  'v1/Namespace': ['app'],
  'v1/PersistentVolume': ['pv-1'],
  'v1/Pod': ['app/web-7cc67d6897-276x5'],
  'v1/Secret': ['app/token'],
  'v1/ServiceAccount': ['app/default'],
  'snapshot.storage.k8s.io/v1/VolumeSnapshot': ['other/s'],
});
const contents = readContents(LIST) ?? [];

test('the list of a real backup is read: group, kind, namespace and name of each object', () => {
  expect(contents).toContainEqual({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'app', name: 'web' });
  expect(contents).toContainEqual({ apiVersion: 'v1', kind: 'PersistentVolume', name: 'pv-1' });
  expect(contents).toContainEqual({ apiVersion: 'snapshot.storage.k8s.io/v1', kind: 'VolumeSnapshot', namespace: 'other', name: 's' });
  expect(namespacesIn(contents)).toEqual(['app', 'other']);
});

test.each(['', '{"v1/Pod": ["a', '[]', '{"v1/Pod": 3}'])('a list that is damaged (%j) is none, or is without its damaged part', (text) => {
  expect([undefined, []]).toContainEqual(readContents(text));
});

describe('what a restore of one namespace does', () => {
  const held = restorable(contents, 'app');
  const there = (names: { readonly [kind: string]: readonly string[] }) => new Map(Object.entries(names).map(([kind, list]) => [kind, new Set(list)] as const));
  const named = (list: readonly Held[]): readonly string[] => list.map(({ kind, name }) => `${kind} ${name}`).sort();

  test('events and objects of the cluster are never brought', () => {
    expect(named(held)).not.toContain('Event lone.18e9fb6cb6f4aa6e');
    expect(named(held)).not.toContain('PersistentVolume pv-1');
  });

  test('into an absent namespace all is created, but for what the cluster makes there by itself', () => {
    const { creates, exists, unseen } = differenceOf(held, new Map(), false);
    expect(named(creates)).toEqual([
      'ConfigMap cfg',
      'ConfigMap w0',
      'Deployment web',
      'Pod web-7cc67d6897-276x5',
      'ReplicaSet web-7cc67d6897',
      'Secret token',
    ]);
    expect([...exists, ...unseen]).toEqual([]);
  });

  test('into a living one what exists, what is missing and what nobody may see are told apart', () => {
    const found = differenceOf(held, there({ ConfigMap: ['cfg', 'mine'], 'Deployment.apps': ['web'], 'ReplicaSet.apps': [], Pod: [] }), true);
    expect(named(found.exists)).toEqual(['ConfigMap cfg', 'Deployment web']);
    expect(named(found.creates)).toEqual(['ConfigMap w0', 'Pod web-7cc67d6897-276x5', 'ReplicaSet web-7cc67d6897']);
    expect(named(found.unseen)).toEqual(['Secret token']);
    expect(expectedCounts(found)).toEqual({ ConfigMap: 1 });
  });

  test('pods and what else controllers make come and go, and are not counted on', () => {
    expect(held.filter(isPassing).map(({ kind }) => kind)).toEqual(['ReplicaSet', 'Pod']);
  });
});

test('a long list stays readable: names of the first, numbers of the rest, claims first and pods last', () => {
  const list = [
    { apiVersion: 'v1', kind: 'Pod', namespace: 'a', name: 'p' },
    ...Array.from({ length: 40 }, (_, index) => ({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'a', name: `c${String(index).padStart(2, '0')}` })),
    { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'a', name: 'data-0' },
  ];
  expect(listText(list)).toBe('1 PersistentVolumeClaim (data-0), 40 ConfigMaps (c00, c01, c02, c03, c04 and 35 more), 1 Pod');
});
