import { describe, expect, test } from 'vitest';
import { readPod } from '../../../../src/domain/pod/pod.ts';
import { type Symptom, symptomOf } from '../../../../src/domain/pod/symptom.ts';
import { symptomFinding } from '../../../../src/domain/pod/symptom-finding.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const MINUTE = 60_000;
const ago = (ms: number): string => new Date(NOW - ms).toISOString();
const WHEN = { nowMs: NOW, patienceMs: 5 * MINUTE };

type Made = { readonly metadata?: object; readonly spec?: object; readonly status?: object; readonly owner?: string };
const pod = ({ metadata = {}, spec = {}, status = {}, owner = 'ReplicaSet' }: Made) =>
  readPod({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'api-a',
      namespace: 'shop',
      uid: 'p1',
      creationTimestamp: ago(60 * MINUTE),
      ownerReferences: owner === '' ? [] : [{ apiVersion: 'apps/v1', kind: owner, name: 'api-7cc67d6897', uid: 'o1', controller: true }],
      ...metadata,
    },
    spec: { nodeName: 'w1', ...spec },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: ago(20 * MINUTE) }], ...status },
  });
const waiting = (reason: string, message = '', last: object = {}) => ({
  containerStatuses: [{ name: 'main', ready: false, restartCount: 4, state: { waiting: { reason, message } }, lastState: last }],
});
const OOM = { terminated: { reason: 'OOMKilled', exitCode: 137, finishedAt: ago(MINUTE) } };

/** What a pod looks like, what that is, and what follows. */
const ROWS: readonly (readonly [string, Made, Symptom, 'act' | 'wait' | 'recovered' | 'hand-over', string])[] = [
  ['Ready', { status: { conditions: [{ type: 'Ready', status: 'True' }] } }, 'well', 'recovered', 'is Ready'],
  ['completed', { status: { phase: 'Succeeded' } }, 'well', 'recovered', 'has completed'],
  ['running and not Ready for long', {}, 'hung', 'act', 'runs and is not Ready for 20m'],
  [
    'not Ready for a moment',
    { status: { conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: ago(MINUTE) }] } },
    'starting',
    'wait',
    'is not Ready for 1m',
  ],
  ['evicted by its kubelet', { status: { phase: 'Failed', reason: 'Evicted' } }, 'leftover', 'act', 'has failed (Evicted) and is only left over'],
  ['killed for memory, and waiting', { status: waiting('CrashLoopBackOff', '', OOM) }, 'out-of-memory', 'hand-over', 'for want of memory: main, 4 restarts'],
  [
    'killed for memory, and running again',
    { status: { containerStatuses: [{ name: 'main', ready: false, restartCount: 1, state: { running: {} }, lastState: OOM }] } },
    'out-of-memory',
    'hand-over',
    'for want of memory',
  ],
  [
    'crashing',
    { status: waiting('CrashLoopBackOff', '', { terminated: { reason: 'Error', exitCode: 127 } }) },
    'crash-loop',
    'hand-over',
    'code 127, its command was not found',
  ],
  [
    'without its image',
    { status: waiting('ImagePullBackOff', 'Back-off pulling image "x:1"') },
    'image',
    'hand-over',
    'cannot get the image of main: Back-off',
  ],
  ['without its image yet', { status: waiting('ErrImagePull', '401 Unauthorized') }, 'image', 'hand-over', '401 Unauthorized'],
  ['without a key', { status: waiting('CreateContainerConfigError', 'secret "db" not found') }, 'config', 'hand-over', 'secret "db" not found'],
  [
    'without a node',
    {
      spec: { nodeName: '' },
      status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes are available' }] },
    },
    'unplaced',
    'hand-over',
    'finds no node: 0/3 nodes are available',
  ],
  ['just made', { metadata: { creationTimestamp: ago(5000) }, spec: { nodeName: '' }, status: { phase: 'Pending' } }, 'starting', 'wait', 'is to be placed'],
  ['placed, and never started', { status: { phase: 'Pending' } }, 'not-starting', 'hand-over', 'has not started for 1h'],
  ['ending', { metadata: { deletionTimestamp: ago(MINUTE) } }, 'ending', 'wait', 'within its time'],
  ['not ending', { metadata: { deletionTimestamp: ago(11 * MINUTE) } }, 'not-ending', 'hand-over', '11m longer than its grace'],
  [
    'waiting for a restore of Velero',
    { status: { phase: 'Pending', initContainerStatuses: [{ name: 'restore-wait', ready: false, state: { running: {} } }] } },
    'restore-wait',
    'hand-over',
    'waits for Velero',
  ],
];

test.each(ROWS)('a pod that is %s', (_name, made, symptom, kind, words) => {
  const read = pod(made);
  const seen = symptomOf(read, WHEN);
  expect(seen.symptom).toBe(symptom);
  const finding = symptomFinding({ pod: read, seen, anyway: false, nodeIsReady: true, budgets: [] });
  expect(finding).toMatchObject({ kind, reason: expect.stringContaining(words) });
  if (finding.kind === 'hand-over') expect(finding.hints.length).toBeGreaterThan(0);
});

const judge = (made: Made, more: { readonly anyway?: boolean; readonly nodeIsReady?: boolean; readonly budgets?: readonly string[] } = {}) => {
  const read = pod(made);
  return symptomFinding({ pod: read, seen: symptomOf(read, WHEN), anyway: false, nodeIsReady: true, budgets: [], ...more });
};
const hints = (finding: ReturnType<typeof judge>): string => (finding.kind === 'hand-over' ? finding.hints.join('\n') : '');

describe('a restart is not offered where', () => {
  test('the node is the trouble', () => {
    const finding = judge({}, { nodeIsReady: false });
    expect(finding).toMatchObject({ kind: 'hand-over', reason: expect.stringContaining('its node w1 is not Ready') });
    expect(hints(finding)).toContain('salvor run node-not-ready --param node=w1');
  });
  test('nobody makes it again', () =>
    expect(judge({ owner: '' })).toMatchObject({ kind: 'hand-over', reason: expect.stringContaining('no controller makes it') }));
  test('its controller is one that counts its failures', () =>
    expect(judge({ owner: 'Job' })).toMatchObject({ kind: 'hand-over', reason: expect.stringContaining('no controller but Job api-7cc67d6897') }));
  test('its kubelet makes it of a file', () =>
    expect(judge({ metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' } } })).toMatchObject({
      kind: 'hand-over',
      reason: expect.stringContaining('static pod'),
    }));
  test('two budgets choose it: then nobody may evict it', () =>
    expect(judge({}, { budgets: ['api', 'all'] })).toMatchObject({ kind: 'hand-over', reason: expect.stringContaining('(api, all)') }));
});

describe('a person who wants it anyway', () => {
  test.each(['CrashLoopBackOff', 'ImagePullBackOff'])('gets it of a pod in %s', (reason) =>
    expect(judge({ status: waiting(reason) }, { anyway: true }).kind).toBe('act'),
  );
  test('gets it of a pod that is well', () =>
    expect(judge({ status: { conditions: [{ type: 'Ready', status: 'True' }] } }, { anyway: true }).kind).toBe('act'));
  test('does not get it of one that is being deleted, or on a node that is not Ready', () => {
    expect(judge({ metadata: { deletionTimestamp: ago(11 * MINUTE) } }, { anyway: true }).kind).toBe('hand-over');
    expect(judge({}, { anyway: true, nodeIsReady: false }).kind).toBe('hand-over');
  });
});

test.each([
  ['failed to pull: 401 Unauthorized', 'refuses the pull secret'],
  ['toomanyrequests: You have reached your pull rate limit', 'limits how often'],
  ['manifest unknown', 'does not know this image'],
  ['dial tcp: lookup registry.example: no such host', 'does not resolve'],
  ['dial tcp 10.0.0.1:443: i/o timeout', 'does not answer this node'],
  ['Back-off pulling image "x"', 'Look at the image’s name'],
])('of an image that cannot be pulled, with %j, the hint is that the registry %s', (message, words) => {
  expect(hints(judge({ status: waiting('ErrImagePull', message) }))).toContain(words);
});

test('a pod that does not end: its node, its finalizers, and never by force', () => {
  const gone = { metadata: { deletionTimestamp: ago(11 * MINUTE), finalizers: ['example.com/hold'] } };
  expect(hints(judge(gone))).toContain('Finalizers keep it: example.com/hold');
  expect(hints(judge(gone, { nodeIsReady: false }))).toContain('salvor run node-out-of-service --param node=w1');
  expect(hints(judge(gone))).toContain('while the first may still write');
});

test('of a crash, the log before it, the rollout before it, and how to restart it all the same', () => {
  const text = hints(judge({ status: waiting('CrashLoopBackOff') }));
  expect(text).toContain('kubectl -n shop logs api-a -c main --previous');
  expect(text).toContain('rollout undo deployment/api');
  expect(text).toContain('salvor run pod-restart --param pod=shop/api-a --param anyway=yes');
});
