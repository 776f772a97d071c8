import { expect, test } from 'vitest';
import { readSuspension, SUSPEND_MARK, setField, suspendText, switchOf, writersInto } from '../../../../../src/domain/velero/restore/suspension.ts';
import type { KubeObject } from '../../../../../src/model/object.ts';

function owner(kind: string, name: string, spec: object, labels: { [name: string]: string } = {}): KubeObject {
  return { apiVersion: 'x/v1', kind, metadata: { name, namespace: 'gitops', labels }, spec };
}

test('the switch of each is where it has it; one that is off already has none', () => {
  expect(switchOf(owner('Application', 'a', { syncPolicy: { automated: { prune: true } } }))).toEqual({
    field: 'spec.syncPolicy.automated',
    was: { prune: true },
    is: null,
  });
  expect(switchOf(owner('Application', 'a', { syncPolicy: { automated: { enabled: false } } }))).toBeUndefined();
  expect(switchOf(owner('Application', 'a', {}))).toBeUndefined();
  expect(switchOf(owner('Kustomization', 'k', {}))).toEqual({ field: 'spec.suspend', was: null, is: true });
  expect(switchOf(owner('HelmRelease', 'h', { suspend: false }))).toEqual({ field: 'spec.suspend', was: false, is: true });
  expect(switchOf(owner('HelmRelease', 'h', { suspend: true }))).toBeUndefined();
});

test('one field is set, and nothing beside it', () => {
  expect(setField('spec.syncPolicy.automated', { prune: true })).toEqual({ spec: { syncPolicy: { automated: { prune: true } } } });
  expect(setField('spec.suspend', null)).toEqual({ spec: { suspend: null } });
});

test('what was before is known to the step that wrote it, and to no other', () => {
  const suspended: KubeObject = {
    apiVersion: 'x/v1',
    kind: 'Application',
    metadata: { name: 'a', annotations: { [SUSPEND_MARK]: suspendText('k1', { prune: true }) } },
  };
  expect(readSuspension(suspended, 'k1')).toEqual({ was: { prune: true } });
  expect(readSuspension(suspended, 'k2')).toBeUndefined();
});

test('who aims at the namespace, whose name its objects carry, and the Kustomizations above them; nobody else', () => {
  const child = owner(
    'Kustomization',
    'apps',
    { targetNamespace: 'shop' },
    { 'kustomize.toolkit.fluxcd.io/name': 'all', 'kustomize.toolkit.fluxcd.io/namespace': 'gitops' },
  );
  const parent = owner('Kustomization', 'all', {}, { 'kustomize.toolkit.fluxcd.io/name': 'root' });
  const root = owner('Kustomization', 'root', {});
  const byMark = owner('HelmRelease', 'shop', { targetNamespace: 'elsewhere' });
  const other = owner('Application', 'bank', { destination: { namespace: 'bank' }, syncPolicy: { automated: {} } });
  const objects: KubeObject[] = [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', labels: { 'helm.toolkit.fluxcd.io/name': 'shop' } } }];
  expect(writersInto([child, parent, root, byMark, other], 'shop', objects).map(({ metadata }) => metadata.name)).toEqual(['apps', 'shop', 'all', 'root']);
});
