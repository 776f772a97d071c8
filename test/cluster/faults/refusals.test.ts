import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../../e2e/stage/until.ts';
import { type Cluster, startCluster } from '../cluster.ts';
import { tries } from './meetings.ts';
import { expectDoneOnce, WRITE } from './once.ts';
import { openSalvor, type Salvor } from './salvor.ts';
import { admitSalvor, USER } from './way.ts';
import { openWebhook, type Webhook } from './webhook.ts';

let cluster: Cluster;
let salvor: Salvor;
beforeAll(async () => {
  cluster = await startCluster({ parts: 'kube', env: { CLUSTER_AUDIT: '1' } });
  await admitSalvor(cluster);
});
afterAll(() => cluster.close());
beforeEach(async () => {
  salvor = await openSalvor(cluster, { playbooks: { write: WRITE } });
});
afterEach(() => salvor.close());

const apply = (manifest: object): Promise<string> => cluster.kubectl(['apply', '-f', '-'], JSON.stringify(manifest));

describe('an admission webhook', () => {
  let webhook: Webhook;
  beforeAll(async () => {
    webhook = await openWebhook(cluster, 2);
    await webhook.install();
  });
  afterAll(() => webhook.close());

  test.each([403, 400])('that refuses a write with %s ends the run, in its own words', async (code) => {
    webhook.say({ code, message: 'ConfigMaps are frozen until Monday, ask the storage team' });
    const id = await salvor.start('write', { thing: `refused-${code}` });
    await salvor.approve(id);
    const run = await salvor.when(id, 'it is over', ({ endedAt }) => endedAt !== undefined);
    expect(run.state).toBe('rolled-back');
    expect(run.end).toContain('admission webhook "guard.example.com" denied the request: ConfigMaps are frozen until Monday, ask the storage team');
    expect(await salvor.paged()).toContain('ConfigMaps are frozen until Monday, ask the storage team');
    expect(salvor.writes().filter((line) => line.startsWith('create configmaps/made-'))).toEqual([]);
  });

  test('that hangs is named, and the write goes through once it is away', async () => {
    webhook.say('nothing');
    const id = await salvor.start('write', { thing: 'hanging' });
    await salvor.approve(id);
    await salvor.trouble(id);
    expect(await salvor.show(id)).toContain('failed calling webhook "guard.example.com"');
    webhook.say('yes');
    await expectDoneOnce(salvor, id);
  });
});

test('a quota that is used up ends the run, and is named with its numbers', async () => {
  await apply({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'small', namespace: 'app' }, spec: { hard: { 'count/configmaps': '1' } } });
  await until(
    'the quota is counted',
    async () => (await cluster.kubectl(['-n', 'app', 'get', 'resourcequota', 'small', '-o', 'jsonpath={.status.used}'])) !== '',
  );
  const id = await salvor.start('write', { thing: 'quota' });
  await salvor.approve(id);
  const run = await salvor.when(id, 'it is over', ({ endedAt }) => endedAt !== undefined);
  expect(run.state).toBe('rolled-back');
  expect(run.end).toMatch(/exceeded quota: small, requested: count\/configmaps=1, used: count\/configmaps=\d+, limited: count\/configmaps=1/);
  expect(await salvor.paged()).toContain('exceeded quota: small');
  await cluster.kubectl(['-n', 'app', 'delete', 'resourcequota', 'small']);
});

test('a server that sheds load is left alone for as long as it asks, and nothing is lost', async () => {
  const id = await salvor.start('write', { thing: 'busy' });
  await salvor.state(id, 'proposed');
  // One request at a time of this user, and one that does not end.
  const webhook = await openWebhook(cluster, 30);
  await webhook.install();
  webhook.say('nothing');
  const dry = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'dry', namespace: 'app' } };
  await allowNothingElse();
  const held = cluster.kubectl(['create', '-f', '-', '--dry-run=server', '--as', USER], JSON.stringify(dry));
  await until('the server is busy', () =>
    salvor.adapter.access.list({ apiVersion: 'v1', kind: 'Namespace' }).then(
      () => false,
      () => true,
    ),
  );
  const before = salvor.proxy.seen.length;
  await salvor.approve(id);
  const { journal } = await salvor.trouble(id);
  const sinceMs = journal.find(({ type }) => type === 'run.trouble')?.at ?? 0;
  await salvor.when(id, 'some time passed', () => Date.now() - sinceMs > 4000);
  expect(await salvor.show(id)).toContain('Too many requests, please try again later.');
  const starts = tries(salvor.proxy.seen.slice(before));
  expect(Math.min(...starts.slice(1).map((atMs, at) => atMs - (starts[at] ?? 0)))).toBeGreaterThanOrEqual(1000);
  webhook.say('yes');
  await held;
  await webhook.close();
  await expectDoneOnce(salvor, id);
  await cluster.kubectl(['delete', 'flowschema/salvor', 'prioritylevelconfiguration/nothing']);
});

const PRIORITIES = 'flowcontrol.apiserver.k8s.io/v1';

async function allowNothingElse(): Promise<void> {
  const limited = { nominalConcurrencyShares: 0, lendablePercent: 0, borrowingLimitPercent: 0, limitResponse: { type: 'Reject' } };
  await apply({ apiVersion: PRIORITIES, kind: 'PriorityLevelConfiguration', metadata: { name: 'nothing' }, spec: { type: 'Limited', limited } });
  const subjects = [{ kind: 'ServiceAccount', serviceAccount: { namespace: 'salvor', name: 'salvor' } }];
  const resourceRules = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true }];
  const spec = { priorityLevelConfiguration: { name: 'nothing' }, matchingPrecedence: 2, rules: [{ subjects, resourceRules }] };
  await apply({ apiVersion: PRIORITIES, kind: 'FlowSchema', metadata: { name: 'salvor' }, spec });
}
