import { expect, test } from 'vitest';
import { drainAnswer } from '../../../../src/domain/pod/drain-filter.ts';
import type { Pod } from '../../../../src/domain/pod/pod.ts';
import { pod } from './pod-samples.ts';

const SCRATCH = { volumes: [{ name: 'scratch', emptyDir: {} }] };
const DELETED = { deletionTimestamp: '2026-11-21T10:00:00Z' };
const MIRROR = { annotations: { 'kubernetes.io/config.mirror': 'x' } };

const ask = (of: Pod, consent: { readonly emptyDir?: 'keep' | 'delete'; readonly force?: boolean } = {}) =>
  drainAnswer(of, { consent: { emptyDir: 'keep', force: false, ...consent }, daemonSets: new Set(['shop/proxy']) });

test.each([
  ['an ordinary pod goes', pod(), { do: 'evict' }],
  ['one that is being deleted is waited for', pod({ metadata: DELETED }), { do: 'wait' }],
  ['one of a DaemonSet stays, also while it is deleted', pod({ owner: 'DaemonSet/proxy', metadata: DELETED }), { do: 'skip' }],
  ['one of a DaemonSet stays, with its emptyDir', pod({ owner: 'DaemonSet/proxy', spec: SCRATCH }), { do: 'skip' }],
  ['one whose DaemonSet is gone needs force', pod({ owner: 'DaemonSet/old' }), { do: 'refuse', allow: 'force: true' }],
  ['a finished one of a DaemonSet goes', pod({ owner: 'DaemonSet/old', status: { phase: 'Failed' } }), { do: 'evict' }],
  ['a static pod stays', pod({ owner: 'Node/w1', metadata: MIRROR, spec: SCRATCH }), { do: 'skip' }],
  ['an emptyDir needs consent', pod({ spec: SCRATCH }), { do: 'refuse', allow: 'emptyDir: delete' }],
  ['an emptyDir without a controller needs both, its data first', pod({ owner: 'none', spec: SCRATCH }), { do: 'refuse', allow: 'emptyDir: delete' }],
  ['what nothing makes again needs force', pod({ owner: 'none' }), { do: 'refuse', allow: 'force: true' }],
  ['what has finished goes, whatever it has', pod({ owner: 'none', spec: SCRATCH, status: { phase: 'Succeeded' } }), { do: 'evict' }],
])('%s', (_, of, expected) => {
  expect(ask(of)).toMatchObject(expected);
});

test('consent lets go what it names, and nothing else', () => {
  expect(ask(pod({ spec: SCRATCH }), { emptyDir: 'delete' })).toEqual({ do: 'evict' });
  expect(ask(pod({ owner: 'none' }), { force: true })).toEqual({ do: 'evict' });
  expect(ask(pod({ owner: 'DaemonSet/old' }), { force: true })).toEqual({ do: 'evict' });
  expect(ask(pod({ owner: 'none', spec: SCRATCH }), { emptyDir: 'delete' })).toMatchObject({ do: 'refuse', allow: 'force: true' });
  expect(ask(pod({ spec: SCRATCH }), { force: true })).toMatchObject({ do: 'refuse', allow: 'emptyDir: delete' });
  expect(ask(pod({ owner: 'DaemonSet/proxy' }), { force: true, emptyDir: 'delete' })).toMatchObject({ do: 'skip' });
});
