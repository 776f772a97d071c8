import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { until } from '../../e2e/stage/until.ts';
import { auditedWrites, SALVOR } from '../audit.ts';
import { openResponder, type Responder } from '../backup-failed/responder.ts';
import { type Cluster, startCluster } from '../cluster.ts';
import { asking } from './asking.ts';
import { apply, backUp, dataOf, lose, of, openShelf } from './shop.ts';

let cluster: Cluster;
let salvor: Responder;
beforeAll(async () => {
  cluster = await startCluster({ env: { CLUSTER_AUDIT: '1' } });
});
beforeEach(async () => {
  salvor = await openResponder(cluster);
});
afterAll(() => cluster?.close());

test('a test restore is closed, changed on the way, proven, and leaves nothing behind', { timeout: 120_000 }, async () => {
  await apply(cluster, [
    of('v1', 'Namespace', { name: 'tested' }, {}),
    of('v1', 'ConfigMap', { name: 'prices', namespace: 'tested', labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps' } }, { data: { apple: '3' } }),
    of(
      'batch/v1',
      'CronJob',
      { name: 'mails', namespace: 'tested' },
      {
        spec: { schedule: '0 3 * * *', jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'c' }] } } } } },
      },
    ),
    of('v1', 'Service', { name: 'door', namespace: 'tested' }, { spec: { type: 'LoadBalancer', externalTrafficPolicy: 'Local', ports: [{ port: 80 }] } }),
    of('v1', 'Service', { name: 'alias', namespace: 'tested' }, { spec: { type: 'ExternalName', externalName: 'db.example.com', ports: [{ port: 5432 }] } }),
    of(
      'networking.k8s.io/v1',
      'Ingress',
      { name: 'door', namespace: 'tested' },
      {
        spec: { defaultBackend: { service: { name: 'door', port: { number: 80 } } } },
      },
    ),
  ]);
  await backUp(cluster, 'tested-1', 'tested');
  const { ask, settled } = asking(salvor);
  const proposed = await ask('restore-test', { from: 'tested' });
  expect(proposed).toMatchObject({ state: 'proposed', plan: { risk: 'reversible' } });
  const home = /^Namespace\/(tested-test-[0-9a-f]{8})$/.exec(proposed.plan?.steps[0]?.changes[0]?.object ?? '')?.[1] ?? '';
  // It is gone within seconds of its proof: what was in it is read from the audit log's side, by a watch that began before.
  const seen = watchOf(home);
  await salvor.api.approve(proposed);
  const done = await settled(proposed.id);
  expect(done).toMatchObject({ state: 'done' });
  const objects = await seen;
  expect(objects.get('CronJob/mails')).toMatchObject({ spec: { suspend: true } });
  expect(objects.get('Service/door')).toMatchObject({ spec: { type: 'ClusterIP' } });
  expect(objects.get('Service/alias')).toMatchObject({ spec: { type: 'ClusterIP' } });
  expect(objects.get('ConfigMap/prices')).toMatchObject({ data: { apple: '3' } });
  expect(JSON.stringify(objects.get('ConfigMap/prices'))).not.toContain('kustomize.toolkit');
  expect(objects.has('Ingress/door')).toBe(false);
  await until('the namespace is gone', async () => (await cluster.kubectl(['get', 'namespace', home, '--ignore-not-found'])) === '');
  expect(await cluster.kubectl(['-n', 'velero', 'get', 'configmap', `${home}-modifier`, '--ignore-not-found'])).toBe('');
  expect(auditedWrites(cluster, SALVOR)).toEqual([
    `create namespaces/${home}`,
    'create networkpolicies/salvor-closed',
    `create configmaps/${home}-modifier`,
    expect.stringMatching(/^create restores\/tested-test-/),
    `delete configmaps/${home}-modifier`,
    `delete namespaces/${home}`,
  ]);
  expect(await dataOf(cluster, 'tested', 'prices')).toEqual({ apple: '3' });
});

/** The last that was seen of each object in a namespace, by kind and name, until it begins to go. */
async function watchOf(namespace: string): Promise<ReadonlyMap<string, unknown>> {
  const objects = new Map<string, unknown>();
  await until(
    `all is in ${namespace}`,
    async () => {
      const text = await cluster.kubectl(['-n', namespace, 'get', 'configmap,service,cronjob,ingress', '-o', 'json', '--ignore-not-found']).catch(() => '');
      const items: unknown = text === '' ? [] : JSON.parse(text).items;
      for (const one of Array.isArray(items) ? items : []) objects.set(`${one.kind}/${one.metadata.name}`, one);
      return ['CronJob/mails', 'Service/door', 'Service/alias', 'ConfigMap/prices'].every((name) => objects.has(name)) ? true : undefined;
    },
    { withinMs: 60_000, everyMs: 50 },
  );
  return objects;
}

test('the server dies in the middle of a restore: nobody is told that it is good, and it is made again once, after one approval', {
  timeout: 120_000,
}, async () => {
  await openShelf(cluster, 'again', 400);
  await backUp(cluster, 'again-1', 'again');
  await lose(cluster, 'again');
  const { ask, settled } = asking(salvor);
  const first = await ask('restore-namespace', { into: 'again' });
  await salvor.api.approve(first);
  const tonight = await until('it is in progress', inProgress, { everyMs: 20 });
  await cluster.kill('velero');
  await cluster.start('velero');
  const over = await settled(first.id);
  expect(over.state).toBe('handed-over');
  expect(over.finding?.reason).toMatch(/^again-restore-[0-9a-f]{8} ended Failed because the Velero server was restarted in the middle of it: /);

  const proposed = await ask('restore-failed', { restore: tonight });
  expect(proposed).toMatchObject({ state: 'proposed', finding: { kind: 'act' } });
  expect(proposed.finding?.reason).toContain('because the Velero server was restarted in the middle of it');
  await salvor.api.approve(proposed);
  expect(await settled(proposed.id)).toMatchObject({ state: 'done' });
  expect(await dataOf(cluster, 'again', 'c-399')).toEqual({ n: '399' });
  expect(auditedWrites(cluster, SALVOR).at(-1)).toBe(
    `create restores/${tonight}-${proposed.plan?.steps[0]?.changes[0]?.object.split('-').slice(-2).join('-')}`,
  );
});

const inProgress = async (): Promise<string | undefined> => {
  const lines = await cluster.kubectl([
    '-n',
    'velero',
    'get',
    'restores.velero.io',
    '-o',
    'jsonpath={range .items[*]}{.metadata.name} {.status.phase}{"\\n"}{end}',
  ]);
  return /^(again-restore-\S+) InProgress$/m.exec(lines)?.[1];
};

test('by its labels: what carries them comes back, the rest does not', { timeout: 120_000 }, async () => {
  const labels = { app: 'web' };
  await apply(cluster, [
    of('v1', 'Namespace', { name: 'apps' }, {}),
    of('v1', 'ConfigMap', { name: 'mine', namespace: 'apps', labels }, { data: { a: '1' } }),
    of('v1', 'ConfigMap', { name: 'other', namespace: 'apps' }, { data: { a: '1' } }),
  ]);
  await backUp(cluster, 'apps-1', 'apps');
  const { ask, settled } = asking(salvor);
  const some = await ask('restore-app', { into: 'apps-copy', from: 'apps', selector: 'app=web' });
  await salvor.api.approve(some);
  expect(await settled(some.id)).toMatchObject({ state: 'done' });
  expect(await cluster.kubectl(['-n', 'apps-copy', 'get', 'configmap', 'mine', 'other', '--ignore-not-found', '-o', 'name'])).toBe('configmap/mine\n');

  const none = await ask('restore-app', { into: 'apps-none', from: 'apps', selector: 'app=wep' });
  await salvor.api.approve(none);
  expect(await settled(none.id)).toMatchObject({ state: 'failed' });
});
