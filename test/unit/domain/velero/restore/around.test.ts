import { describe, expect, test } from 'vitest';
import { classTexts, releasedTexts, versionText } from '../../../../../src/domain/velero/restore/around.ts';
import { ownersByMark, ownersOf } from '../../../../../src/domain/velero/restore/git-ops.ts';
import { readSelector } from '../../../../../src/domain/velero/restore/selector.ts';
import { keepReason } from '../../../../../src/domain/velero/restore/taking-back.ts';
import { writtenSince } from '../../../../../src/domain/velero/restore/written-since.ts';
import type { KubeObject } from '../../../../../src/model/object.ts';
import { HOUR, NOW } from '../../../handlers/velero-objects.ts';

const iso = (agoMs: number): string => new Date(NOW - agoMs).toISOString();
const object = (kind: string, name: string, metadata: object = {}, rest: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, ...metadata },
  ...rest,
});

describe('who would put his own state back', () => {
  test.each([
    [{ labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps' } }, ['Flux Kustomization apps']],
    [{ labels: { 'helm.toolkit.fluxcd.io/name': 'pg' } }, ['Flux HelmRelease pg']],
    [{ annotations: { 'argocd.argoproj.io/tracking-id': 'shop:apps/Deployment:shop/web' } }, ['Argo CD Application shop']],
    [{ labels: { 'app.kubernetes.io/instance': 'shop' } }, []],
  ])('%j says %j', (metadata, owners) => {
    expect(ownersByMark([object('Deployment', 'web', metadata)])).toEqual(owners);
  });

  test('an automatic Application and a Kustomization that is not suspended count, the others do not', () => {
    const application = (name: string, spec: object) => object('Application', name, {}, { spec });
    const destination = { namespace: 'shop' };
    const found = ownersOf(
      [
        application('on', { destination, syncPolicy: { automated: {} } }),
        application('off', { destination, syncPolicy: { automated: { enabled: false } } }),
        application('by-hand', { destination }),
        application('elsewhere', { destination: { namespace: 'bank' }, syncPolicy: { automated: {} } }),
        object('Kustomization', 'apps', {}, { spec: { targetNamespace: 'shop' } }),
        object('Kustomization', 'asleep', {}, { spec: { targetNamespace: 'shop', suspend: true } }),
        object('HelmRelease', 'pg', { namespace: 'shop' }, { spec: {} }),
      ],
      'shop',
    );
    expect(found).toEqual(['Argo CD Application on', 'Flux HelmRelease pg', 'Flux Kustomization apps']);
  });
});

describe('what was written after the backup', () => {
  const managedFields = (time: string, subresource?: string) => ({
    creationTimestamp: iso(99 * HOUR),
    managedFields: [{ time, ...(subresource && { subresource }) }],
  });

  test('the newest write of an object itself is told; a status, a pod and what the cluster makes are no writes', () => {
    const found = writtenSince(
      [
        object('ConfigMap', 'prices', managedFields(iso(HOUR))),
        object('Deployment', 'web', managedFields(iso(HOUR / 2), 'status')),
        object('Pod', 'web-1', managedFields(iso(1000))),
        object('ConfigMap', 'kube-root-ca.crt', { creationTimestamp: iso(1000) }),
        object('Service', 'old', managedFields(iso(50 * HOUR))),
      ],
      NOW - 8 * HOUR,
    );
    expect(found).toEqual({ count: 1, newestMs: NOW - HOUR, newest: 'ConfigMap prices' });
  });
});

describe('how the cluster differs', () => {
  const backup = object('Backup', 'b', { annotations: { 'velero.io/source-cluster-k8s-gitversion': 'v1.31.4' } });
  const node = (kubeletVersion: string) => object('Node', 'n', {}, { status: { nodeInfo: { kubeletVersion } } });

  test('another minor version is told, the same is not, and what nobody knows is not guessed', () => {
    expect(versionText(backup, node('v1.37.1'))).toContain('Kubernetes 1.31, nodes here run 1.37');
    expect(versionText(backup, node('v1.31.9+k3s1'))).toBeUndefined();
    expect(versionText(object('Backup', 'b'), node('v1.37.1'))).toBeUndefined();
  });

  test('a class that is gone and a missing default are told, where claims are to come', () => {
    const claims = [object('PersistentVolumeClaim', 'data-0', {}, { spec: { storageClassName: 'fast' } })];
    const slow = object('StorageClass', 'slow');
    expect(classTexts(['data-0'], claims, [slow])).toEqual([
      'Storage class fast does not exist: claims that ask for it stay Pending',
      'No storage class is the default: a claim that names none stays Pending',
    ]);
    expect(classTexts([], claims, [slow])).toEqual([]);
  });
});

test('a volume that outlived its claim is told, with what lets the claim have it; one that is bound, or of another claim, is not', () => {
  const disk = (name: string, phase: string, claimRef: object) => object('PersistentVolume', name, {}, { spec: { claimRef }, status: { phase } });
  const ofShop = { namespace: 'shop', name: 'data-0', uid: 'old' };
  const told = releasedTexts(['data-0'], 'shop', [
    disk('left', 'Released', ofShop),
    disk('bound', 'Bound', ofShop),
    disk('other', 'Released', { namespace: 'bank', name: 'data-0' }),
  ]);
  expect(told).toEqual([expect.stringContaining('Volume left outlived its claim data-0')]);
  expect(told[0]).toContain('kubectl patch pv left ');
});

describe('whether a namespace that a restore made may be taken away with all that is in it', () => {
  const restore = { name: 'shop-restore-1', madeMs: NOW };
  const made = object('Namespace', 'shop', { creationTimestamp: iso(-1000) });
  const brought = object('ConfigMap', 'prices', { labels: { 'velero.io/restore-name': 'shop-restore-1' } });

  test('it may while everything in it came by the restore or grew out of that', () => {
    const grown = object('Pod', 'web-1', { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'u' }] });
    expect(keepReason(made, [brought, grown, object('ConfigMap', 'kube-root-ca.crt')], restore)).toBeUndefined();
  });

  test('one object of somebody else keeps it', () => {
    expect(keepReason(made, [brought, object('ConfigMap', 'mine')], restore)).toBe(
      '1 object in shop did not come by the restore, such as ConfigMap mine: somebody works there',
    );
  });

  test('what another restore brought keeps it, and so does its age', () => {
    const other = object('ConfigMap', 'prices', { labels: { 'velero.io/restore-name': 'another' } });
    expect(keepReason(made, [other], restore)).toContain('ConfigMap prices');
    expect(keepReason(object('Namespace', 'shop', { creationTimestamp: iso(HOUR) }), [], restore)).toContain('older than the restore');
  });
});

test.each([
  ['app=web', { app: 'web' }],
  ['app=web, tier=db', { app: 'web', tier: 'db' }],
  ['example.com/part=a_b.c', { 'example.com/part': 'a_b.c' }],
  ['app', undefined],
  ['app=', undefined],
  ['app=a=b', undefined],
  ['app in (a)', undefined],
  ['', undefined],
])('the selector %j is read as %j', (text, labels) => {
  expect(readSelector(text)).toEqual(labels);
});
