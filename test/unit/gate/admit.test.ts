import { expect, test } from 'vitest';
import { admitStart, admitWrite } from '../../../src/gate/admit.ts';
import { drawsOf } from '../../../src/gate/blast-radius.ts';
import { KubeObject } from '../../../src/model/object.ts';

const nowMs = Date.UTC(2026, 10, 21, 12);
const frozen = { name: 'release', fromMs: 0, untilMs: nowMs + 1, clusters: [] };
const nightly = { name: 'nightly', cron: '0 2 * * *', timeZone: 'UTC', lastsMs: 60_000, clusters: [], playbooks: [] };
const gates = { blastRadius: { nodes: 1 }, windows: [], freezes: [] };
const asked = { run: { id: 'run/a-1', playbook: 'node-not-ready' }, cluster: 'prod', nowMs, policy: { gates }, pauses: [], undo: false };
const paused = [{ by: 'ana', reason: 'x', sinceMs: 0 }];

test('with nothing in the way a write goes out', () => {
  expect(admitWrite(asked)).toEqual({ kind: 'admit' });
});

test('a write waits for pause, freeze and window', () => {
  expect(admitWrite({ ...asked, pauses: paused })).toMatchObject({ gate: 'pause' });
  expect(admitWrite({ ...asked, policy: { gates: { ...gates, freezes: [frozen] } } })).toMatchObject({ gate: 'freeze' });
  expect(admitWrite({ ...asked, policy: { gates: { ...gates, windows: [nightly] } } })).toMatchObject({ gate: 'window' });
});

test('a freeze by hand holds a write as one of the configuration does, and lets an undo through', () => {
  const byHand = [{ name: 'storage-move', by: 'ana', reason: 'hands off', sinceMs: nowMs, untilMs: nowMs + 1000 }];
  expect(admitWrite({ ...asked, frozen: byHand })).toMatchObject({ gate: 'freeze', reason: expect.stringContaining('hands off') });
  expect(admitWrite({ ...asked, frozen: byHand, undo: true })).toEqual({ kind: 'admit' });
});

test('an undo passes freeze and window; only a pause holds it', () => {
  const closed = { gates: { ...gates, freezes: [frozen], windows: [nightly] } };
  expect(admitWrite({ ...asked, undo: true, policy: closed })).toEqual({ kind: 'admit' });
  expect(admitWrite({ ...asked, undo: true, policy: closed, pauses: paused })).toMatchObject({ gate: 'pause' });
});

const start = { ...asked, keys: ['prod/Node//w1'], locks: [], draws: drawsOf(['prod/Node//w1'], gates.blastRadius), touched: [0], objects: [] };

test('a start waits for other owners, locks and the blast radius as well', () => {
  expect(admitStart(start)).toEqual({ kind: 'admit' });
  const kured = KubeObject.parse({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'w1', annotations: { 'weave.works/kured-reboot-in-progress': 'x' } } });
  expect(admitStart({ ...start, objects: [kured] })).toMatchObject({ gate: 'other-owner' });
  expect(admitStart({ ...start, locks: [{ key: 'prod/Cluster//prod', seq: 1, run: 'run/b-1', sinceMs: 0, waiting: [] }] })).toMatchObject({ gate: 'lock' });
  expect(admitStart({ ...start, touched: [1] })).toMatchObject({ gate: 'blast-radius' });
  expect(admitStart({ ...start, pauses: paused })).toMatchObject({ gate: 'pause' });
});

test('a run that holds its locks is not kept out by its own share', () => {
  expect(admitStart({ ...start, keys: [], touched: [1] })).toEqual({ kind: 'admit' });
});
