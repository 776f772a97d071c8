import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { RunView } from '../../../src/port/view/run.ts';
import { until } from '../../e2e/stage/until.ts';
import { auditedWrites, SALVOR } from '../audit.ts';
import { openResponder, type Responder } from '../backup-failed/responder.ts';
import { type Cluster, startCluster } from '../cluster.ts';
import { asking, notesOf } from './asking.ts';
import { apply, dataOf, disk, lose, of, openShelf } from './shop.ts';

let cluster: Cluster;
let salvor: Responder;
beforeAll(async () => {
  cluster = await startCluster({ env: { CLUSTER_AUDIT: '1' } });
});
beforeEach(async () => {
  salvor = await openResponder(cluster, { three: true });
});
afterAll(() => cluster?.close());

async function twoApprove(run: RunView, confirmation: string): Promise<void> {
  await salvor.as('ben').approve(run, confirmation);
  await salvor.as('cleo').approve(run, confirmation);
}

test('a whole backup: refused while its namespaces live, then wave after wave, and what lives is backed up first', { timeout: 120_000 }, async () => {
  for (const name of ['base', 'app-1', 'app-2']) await openShelf(cluster, name);
  await cluster.velero(['backup', 'create', 'all-1', '--include-namespaces', 'base,app-1,app-2', '--wait']);
  const { ask, settled } = asking(salvor);
  const refused = await ask('restore-full', { backup: 'all-1' });
  expect(refused.state).toBe('handed-over');
  expect(refused.finding?.reason).toBe(
    'this cluster lives: 3 of 3 namespaces of the backup are here (app-1, app-2, base). A full restore is for a cluster that was lost',
  );
  expect(auditedWrites(cluster, SALVOR)).toEqual([]);

  await Promise.all(['base', 'app-1'].map((name) => lose(cluster, name)));
  const proposed = await ask('restore-full', { backup: 'all-1', order: 'base; app-1' });
  expect(proposed).toMatchObject({ state: 'proposed', plan: { risk: 'destructive' } });
  expect(notesOf(proposed)).toContain(
    'Wave 1: base\nWave 2: app-1\nWave 3: app-2\nThese live, are backed up first, and keep what exists in them, volumes too: app-2',
  );
  await twoApprove(proposed, 'prod');
  expect(await settled(proposed.id)).toMatchObject({ state: 'done' });
  expect(auditedWrites(cluster, SALVOR)).toEqual([
    expect.stringMatching(/^create backups\/all-1-before-[0-9a-f]{8}$/),
    ...[1, 2, 3].map((wave) => expect.stringMatching(new RegExp(`^create restores/all-1-w${wave}-restore-[0-9a-f]{8}$`))),
  ]);
  for (const name of ['base', 'app-1', 'app-2']) expect(await dataOf(cluster, name, 'prices')).toEqual({ apple: '3', pear: '4' });
  expect(await madeInOrder()).toEqual(['base', 'app-1']);
});

/** The two that were lost, in the order in which they came back. */
async function madeInOrder(): Promise<readonly string[]> {
  const lines = await cluster.kubectl(['get', 'namespace', 'base', 'app-1', '--sort-by', '.metadata.creationTimestamp', '-o', 'name']);
  return lines
    .trim()
    .split('\n')
    .map((line) => line.replace('namespace/', ''));
}

test('volumes restored beside are looked at and swapped in by two people; the old one is kept, and GitOps goes on as before', {
  timeout: 120_000,
}, async () => {
  await openBank();
  const before = auditedWrites(cluster, SALVOR).length;
  const { ask, settled } = asking(salvor);
  const first = await ask('restore-swap', { into: 'bank' });
  expect(first).toMatchObject({ state: 'proposed', plan: { risk: 'reversible' } });
  await salvor.api.approve(first);
  const copy = await until('the copy waits for its volume', async () => /^(bank-test-[0-9a-f]{8}) data Pending$/m.exec(await claims())?.[1], {
    withinMs: 60_000,
  });
  // What a provisioner would do.
  await apply(cluster, [disk('bank-restored', { namespace: copy, name: 'data' })]);
  await settled(first.id, ['waiting']);
  await salvor.as('ben').answer(first.id, 'validate', true);
  const second = await settled(first.id, ['proposed']);
  expect(notesOf(second)).toContain('data: from bank-disk to bank-restored');
  expect(second.plan?.risk).toBe('destructive');
  expect(await claims()).toContain('bank data Bound');
  await twoApprove(second, 'bank');
  expect(await settled(first.id)).toMatchObject({ state: 'done' });

  const volume = ['-o', 'jsonpath={.spec.persistentVolumeReclaimPolicy} {.status.phase} {.spec.claimRef.namespace}'];
  expect(await cluster.kubectl(['-n', 'bank', 'get', 'pvc', 'data', '-o', 'jsonpath={.spec.volumeName} {.status.phase}'])).toBe('bank-restored Bound');
  expect(await cluster.kubectl(['get', 'pv', 'bank-restored', ...volume])).toBe('Delete Bound bank');
  expect(await cluster.kubectl(['get', 'pv', 'bank-disk', ...volume])).toBe('Retain Released bank');
  expect(await cluster.kubectl(['-n', 'bank', 'get', 'deployment', 'ledger', '-o', 'jsonpath={.status.readyReplicas} {.spec.replicas}'])).toBe('2 2');
  expect(await cluster.kubectl(['-n', 'bank', 'get', 'applications.argoproj.io', 'bank', '-o', 'jsonpath={.spec} {.metadata.annotations}'])).toBe(
    '{"destination":{"namespace":"bank"},"syncPolicy":{"automated":{"prune":true}}} ',
  );
  expect(await cluster.kubectl(['get', 'namespace', copy, '--ignore-not-found'])).toBe('');
  console.info(auditedWrites(cluster, SALVOR).slice(before).join('\n'));
});

const claims = (): Promise<string> =>
  cluster.kubectl(['get', 'pvc', '-A', '-o', 'jsonpath={range .items[*]}{.metadata.namespace} {.metadata.name} {.status.phase}{"\\n"}{end}']);

/** A ledger on a volume, which Argo CD keeps, and a backup of it. */
async function openBank(): Promise<void> {
  const labels = { app: 'ledger' };
  const mount = {
    volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }],
    containers: [{ name: 'c', image: 'c', volumeMounts: [{ name: 'd', mountPath: '/d' }] }],
  };
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  await apply(cluster, [
    of('v1', 'Namespace', { name: 'bank' }, {}),
    disk('bank-disk', { namespace: 'bank', name: 'data' }),
    of(
      'v1',
      'PersistentVolumeClaim',
      { name: 'data', namespace: 'bank', labels },
      {
        spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'made', resources: { requests: { storage: '1Gi' } }, volumeName: 'bank-disk' },
      },
    ),
    of(
      'apps/v1',
      'Deployment',
      { name: 'ledger', namespace: 'bank', labels },
      {
        spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: mount } },
      },
    ),
    of(
      'apiextensions.k8s.io/v1',
      'CustomResourceDefinition',
      { name: 'applications.argoproj.io' },
      {
        spec: {
          group: 'argoproj.io',
          names: { kind: 'Application', plural: 'applications' },
          scope: 'Namespaced',
          versions: [{ name: 'v1alpha1', served: true, storage: true, schema }],
        },
      },
    ),
  ]);
  await cluster.kubectl(['-n', 'bank', 'rollout', 'status', 'deployment/ledger', '--timeout', '60s']);
  await cluster.velero(['backup', 'create', 'bank-1', '--include-namespaces', 'bank', '--wait']);
  await cluster.kubectl(['wait', '--for', 'condition=established', 'crd/applications.argoproj.io', '--timeout', '30s']);
  await apply(cluster, [
    of(
      'argoproj.io/v1alpha1',
      'Application',
      { name: 'bank', namespace: 'bank' },
      { spec: { destination: { namespace: 'bank' }, syncPolicy: { automated: { prune: true } } } },
    ),
  ]);
}
