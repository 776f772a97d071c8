import { describe, expect, test } from 'vitest';
import { collectionPath, objectPath, podPath } from '../../../src/kube/path.ts';

const pods = { apiVersion: 'v1', plural: 'pods', namespaced: true };
const nodes = { apiVersion: 'v1', plural: 'nodes', namespaced: false };
const backups = { apiVersion: 'velero.io/v1', plural: 'backups', namespaced: true };

test('the core group and the others have their own roots', () => {
  expect(objectPath(nodes, { name: 'w1' })).toBe('/api/v1/nodes/w1');
  expect(objectPath(backups, { namespace: 'velero', name: 'daily-1' })).toBe('/apis/velero.io/v1/namespaces/velero/backups/daily-1');
  expect(podPath({ namespace: 'shop', name: 'api-0' })).toBe('/api/v1/namespaces/shop/pods/api-0');
});

test('a collection without a namespace is that of every namespace', () => {
  expect(collectionPath(pods, undefined)).toBe('/api/v1/pods');
  expect(collectionPath(pods, 'shop')).toBe('/api/v1/namespaces/shop/pods');
  expect(collectionPath(nodes, 'shop')).toBe('/api/v1/nodes');
});

describe('names from outside', () => {
  test.each(['../../secrets', 'a/b', '..', '.', '', 'a%2Fb', 'a\nb', 'x'.repeat(254)])('%j is refused as the name of an object', (name) => {
    expect(() => objectPath(nodes, { name })).toThrow(expect.objectContaining({ code: 'kube.invalid', retry: 'never' }));
  });

  test.each(['../kube-system', 'A', 'a.b', 'a_b', 'x'.repeat(64), 'shop?x=1'])('%j is refused as a namespace', (namespace) => {
    expect(() => collectionPath(pods, namespace)).toThrow(expect.objectContaining({ code: 'kube.invalid', retry: 'never' }));
  });

  test('what a path would read otherwise is escaped', () => {
    expect(objectPath(nodes, { name: 'system:node' })).toBe('/api/v1/nodes/system%3Anode');
    expect(objectPath(nodes, { name: 'a?b#c' })).toBe('/api/v1/nodes/a%3Fb%23c');
  });

  test('a namespaced object needs its namespace', () => {
    expect(() => objectPath(pods, { name: 'api-0' })).toThrow('the namespace is missing');
  });
});
