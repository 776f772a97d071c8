import { expect, test } from 'vitest';
import { readPod } from '../../../../src/domain/pod/pod.ts';
import { type Restarting, reasonsToAsk } from '../../../../src/domain/pod/restart-rule.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const MINUTE = 60_000;
const pod = (name: string, { ready = false, ageMs = 60 * MINUTE, kind = 'ReplicaSet', phase = 'Running' } = {}) =>
  readPod({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'shop',
      uid: name,
      creationTimestamp: new Date(NOW - ageMs).toISOString(),
      ownerReferences: [{ apiVersion: 'apps/v1', kind, name: 'api', uid: 'o', controller: true }],
    },
    spec: {},
    status: { phase, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  });
const reasons = (more: Partial<Restarting> = {}): string =>
  reasonsToAsk({ pod: pod('a'), others: [pod('b', { ready: true })], ownData: [], eviction: { allowed: true }, nowMs: NOW, ...more }).join('; ');

test('of a ReplicaSet, with another that serves, without data of its own and with a willing budget: nobody is asked', () => {
  expect(reasons()).toBe('');
});

test.each<[string, Partial<Restarting>, string]>([
  ['it is of a StatefulSet', { pod: pod('a', { kind: 'StatefulSet' }) }, 'it is of a StatefulSet'],
  ['no other pod serves', { others: [pod('b')] }, 'no other pod beside it is Ready'],
  ['it is the only one', { others: [] }, 'no other pod beside it is Ready'],
  ['its data is at one machine', { ownData: ['data-a'] }, 'at one machine only (data-a)'],
  ['the budget refuses', { eviction: { allowed: false, reason: 'the budget needs 2' } }, 'the budget needs 2'],
  ['it was made less than half an hour ago', { pod: pod('a', { ageMs: 29 * MINUTE }) }, 'was made 29m ago'],
  ['one beside it was made less than half an hour ago', { others: [pod('b', { ready: true, ageMs: MINUTE })] }, 'was made 1m ago'],
])('a person is asked where %s', (_name, more, words) => {
  expect(reasons(more)).toContain(words);
});

test('what has failed and is only left over serves nobody: only its controller matters', () => {
  const left = pod('a', { phase: 'Failed', ageMs: MINUTE });
  expect(reasons({ pod: left, others: [], eviction: { allowed: false, reason: 'no' } })).toBe('');
  expect(reasons({ pod: pod('a', { phase: 'Failed', kind: 'StatefulSet' }) })).toBe('it is of a StatefulSet');
});
