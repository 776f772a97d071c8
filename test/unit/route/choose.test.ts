import { describe, expect, test } from 'vitest';
import { choose, routeParams, routePlaybook } from '../../../src/route/choose.ts';
import { explain } from '../../../src/route/explain.ts';
import { everyNamespace } from '../../../src/route/name-scope.ts';
import { sampleAlert } from '../ingest/samples.ts';
import { AZ_FAILURE, BACKUP_FAILED, NODE_NOT_READY, STORAGE_FULL, sampleContext, samplePlaybook, sampleRoute } from './samples.ts';

const playbooks = [
  sampleRoute('node-not-ready', NODE_NOT_READY),
  sampleRoute('backup-failed', BACKUP_FAILED),
  sampleRoute('az-failure', AZ_FAILURE),
  sampleRoute('storage-full', STORAGE_FULL),
];

describe('an alert', () => {
  test('is answered by the playbook whose matchers all fit, with its values as parameters', () => {
    const routed = choose(sampleAlert({ labels: { node: 'w1' } }), playbooks, sampleContext);
    expect(routed).toMatchObject({ kind: 'route', playbook: { id: 'node-not-ready' }, params: { node: 'w1' }, target: { kind: 'Node', value: 'w1' } });
  });

  test('that several would answer goes to the one with the most matchers, and the reason says so', () => {
    const broad = sampleRoute('any-node', NODE_NOT_READY);
    const narrow = sampleRoute('worker', NODE_NOT_READY.replace('NotReady"\']', 'NotReady"\', \'node =~ "worker-.*"\']'));
    const routed = choose(sampleAlert({ labels: { node: 'worker-1' } }), [broad, ...playbooks, narrow], sampleContext);
    expect(routed).toMatchObject({
      kind: 'route',
      playbook: { id: 'worker' },
      why: expect.stringContaining('any-node, node-not-ready would answer too, but worker has more matchers'),
    });
  });

  test('that two answer equally well goes to the first by name', () => {
    const routed = choose(sampleAlert({ labels: { node: 'w1' } }), [...playbooks, sampleRoute('aaa', NODE_NOT_READY)], sampleContext);
    expect(routed).toMatchObject({ playbook: { id: 'aaa' }, why: expect.stringContaining('comes first by name') });
  });

  test('without a label that its playbook needs is handed over with the name of the label', () => {
    const routed = choose(sampleAlert(), playbooks, sampleContext);
    expect(routed).toMatchObject({ kind: 'hand-over', reason: 'node-not-ready needs the label node, which the alert does not have' });
  });

  test.each(['worker-1; rm -rf /', '$(id)', '%22%60id%60', '../../etc', '{{ .Values.secret }}', 'W1', 'a\u0000b'])(
    'whose node is %j is handed over, and no run is made of it',
    (node) => {
      const routed = choose(sampleAlert({ labels: { node } }), playbooks, sampleContext);
      expect(routed).toMatchObject({ kind: 'hand-over', reason: expect.stringContaining("the alert's label node), expected the name of a node") });
    },
  );

  test('of the Watchdog is a heartbeat, whatever would match it', () => {
    const all = sampleRoute('all', NODE_NOT_READY.replace('"KubeNodeNotReady|NodeNotReady"', '".*"'));
    expect(choose(sampleAlert({ name: 'Watchdog' }), [all], sampleContext)).toEqual({ kind: 'heartbeat' });
  });

  test.each([
    ['critical', 'page'],
    ['warning', 'incident'],
    ['info', 'count'],
    ['__proto__', 'count'],
    ['constructor', 'count'],
    [undefined, 'count'],
  ])('of severity %s that nothing answers: %s', (severity, answer) => {
    const routed = choose(sampleAlert({ name: 'Unknown', labels: severity === undefined ? {} : { severity } }), playbooks, sampleContext);
    expect(routed).toMatchObject({ kind: 'unrouted', answer });
  });

  test('whose playbook has to look first has parameters, and no target yet', () => {
    const routed = choose(sampleAlert({ name: 'BackupStorageFull' }), playbooks, sampleContext);
    expect(routed).toMatchObject({ kind: 'route', params: {}, playbook: { id: 'storage-full' } });
    expect(routed).not.toHaveProperty('target');
    const playbook = samplePlaybook('storage-full', STORAGE_FULL);
    const prepared = routeParams(sampleAlert(), { playbook, namespaces: everyNamespace, found: { location: 'velero/default' } });
    expect(prepared).toMatchObject({ params: { location: 'velero/default' }, target: { kind: 'BackupStorageLocation', value: 'velero/default' } });
  });

  test('in a namespace out of scope is handed over', () => {
    const text = NODE_NOT_READY.replace(
      'params: { node: { type: node, from: alert.labels.node } }',
      'params: { node: { type: namespace, from: alert.labels.node } }',
    );
    const context = { ...sampleContext, namespaces: () => ({ include: ['*'], exclude: ['kube-system'] }) };
    expect(choose(sampleAlert({ labels: { node: 'kube-system' } }), [sampleRoute('n', text)], context)).toMatchObject({
      kind: 'hand-over',
      reason: expect.stringContaining('out of scope: namespaces.exclude names kube-system'),
    });
    expect(choose(sampleAlert({ labels: { node: '../../kube-system' } }), [sampleRoute('n', text)], context)).toMatchObject({
      kind: 'hand-over',
      reason: expect.stringContaining('expected the name of a namespace'),
    });
  });
});

test('a matcher that cannot be read names its place in the list', () => {
  const playbook = samplePlaybook('bad', NODE_NOT_READY.replace('NotReady"\']', 'NotReady"\', \'node =~ "a{1001}"\']'));
  expect(routePlaybook(playbook)).toMatchObject({ index: 1, error: expect.stringContaining('at most 1000') });
});

test('the explanation says of every playbook why it would answer or not', () => {
  const explained = explain(sampleAlert({ labels: { node: 'w1' } }), playbooks, sampleContext);
  expect(explained.routed.kind).toBe('route');
  expect(explained.playbooks).toEqual([
    { playbook: 'node-not-ready', matched: true, why: 'every matcher fits: alertname=~"KubeNodeNotReady|NodeNotReady"' },
    { playbook: 'backup-failed', matched: false, why: 'alertname=~"VeleroBackupFailed|BackupFailed" does not fit: alertname is "KubeNodeNotReady"' },
    { playbook: 'az-failure', matched: false, why: 'it has no matchers: alerts do not start it' },
    { playbook: 'storage-full', matched: false, why: 'alertname="BackupStorageFull" does not fit: alertname is "KubeNodeNotReady"' },
  ]);
  const missing = explain(sampleAlert({ name: 'BackupFailed' }), playbooks, sampleContext).playbooks[1];
  expect(missing?.why).toBe('schedule!="" does not fit: there is no label schedule');
});
