import { expect, test } from 'vitest';
import { z } from 'zod';
import { isLeftOut, modifierName, modifierRules, testNamespace } from '../../../../../src/domain/velero/restore/isolation.ts';

test('a run has one test namespace, another run another one, and each name is one that Kubernetes takes', () => {
  const name = testNamespace('shop', 'run/1');
  expect(name).toMatch(/^shop-test-[0-9a-f]{8}$/);
  expect(testNamespace('shop', 'run/1')).toBe(name);
  expect(testNamespace('shop', 'run/2')).not.toBe(name);
  expect(testNamespace('x'.repeat(63), 'run/1')).toHaveLength(63);
  expect(modifierName(testNamespace('x'.repeat(63), 'run/1')).length).toBeLessThanOrEqual(63);
});

test.each([
  ['Ingress.networking.k8s.io', true],
  ['HTTPRoute.gateway.networking.k8s.io', true],
  ['Certificate.cert-manager.io', true],
  ['ReplicationSource.volsync.backube', true],
  ['ResourceQuota', true],
  ['NetworkPolicy.networking.k8s.io', false],
  ['ConfigMap', false],
  ['Deployment.apps', false],
])('%s stays out of a test: %s', (kind, is) => {
  expect(isLeftOut(kind)).toBe(is);
});

const Rules = z.object({
  version: z.literal('v1'),
  resourceModifierRules: z.array(
    z.object({
      conditions: z.object({ groupResource: z.string(), namespaces: z.array(z.string()) }),
      mergePatches: z.array(z.object({ patchData: z.string() })),
    }),
  ),
});

test('on the way into a test CronJobs are suspended, doors are closed, and marks of GitOps are taken off; the rules name the namespace of the backup', () => {
  const rules = Rules.parse(JSON.parse(modifierRules('shop'))).resourceModifierRules;
  const patchOf = (kinds: string): unknown =>
    JSON.parse(rules.find(({ conditions }) => conditions.groupResource === kinds)?.mergePatches[0]?.patchData ?? 'null');
  expect(rules.flatMap(({ conditions }) => conditions.namespaces)).toEqual(rules.map(() => 'shop'));
  expect(patchOf('cronjobs.batch')).toEqual({ spec: { suspend: true } });
  expect(patchOf('services')).toMatchObject({ spec: { type: 'ClusterIP', externalName: null, loadBalancerIP: null } });
  expect(patchOf('*.apps')).toMatchObject({
    metadata: { labels: { 'kustomize.toolkit.fluxcd.io/name': null }, annotations: { 'argocd.argoproj.io/tracking-id': null } },
  });
});
