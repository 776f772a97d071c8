import { expect, test } from 'vitest';
import type { Incident } from '../../../src/model/incident.ts';
import { renderCard, renderEntry } from '../../../src/notify/render.ts';
import { renderPage } from '../../../src/notify/render-page.ts';

const incident: Incident = {
  id: 'incident/a-1',
  key: 'node-not-ready/prod',
  ordinal: 1,
  cluster: 'prod',
  playbook: 'node-not-ready',
  title: 'KubeNodeNotReady on prod',
  state: 'open',
  severity: 'SEV2',
  openedMs: Date.UTC(2026, 10, 21, 12, 4, 31),
  openRuns: ['run/b-1'],
  firing: ['episode/1'],
  runs: ['run/a-1', 'run/b-1'],
  climbs: [],
  parked: [],
  chain: { n: 3, hash: '0' },
};

const entry = (type: string, data: Parameters<typeof renderEntry>[0]['data']) => ({ n: 4, atMs: 0, type, data });

test('a line of the timeline becomes a message of the thread, whose first line is the answer', () => {
  expect(renderEntry(entry('note', { text: 'ana: looked at w1\nkubelet log is full of x509' }), incident)).toEqual({
    key: 'incident/a-1/entry/4',
    thread: 'incident/a-1',
    kind: 'timeline',
    title: 'ana: looked at w1',
    lines: ['kubelet log is full of x509'],
  });
});

test('hostile text in a line is made plain', () => {
  const message = renderEntry(entry('alert.joined', { text: `x fires: \u202Egnp.exe ${'a'.repeat(5000)} Bearer abcdefg1` }), incident);
  expect(message.title.startsWith('x fires: gnp.exe aaa')).toBe(true);
  expect(Array.from(message.title)).toHaveLength(1000);
});

test('a line without words shows its type', () => {
  expect(renderEntry(entry('run.odd', {}), incident)).toMatchObject({ title: 'run.odd', lines: [] });
});

const proposal = {
  text: 'Proposed 3f9a01c2: Cordon w1',
  run: 'run/b-1',
  state: 'proposed',
  facts: {
    digest: '3f9a01c2aaaaaaaa',
    risk: 'reversible',
    asks: 'needs 1 of platform, within 15m',
    expiresMs: Date.UTC(2026, 10, 21, 12, 20, 0),
    changed: ['pod shop/pg-0 is now on the node'],
    steps: [{ step: 'cordon', action: 'node.cordon', cluster: 'prod', summary: 'Cordon w1', changes: 1 }],
  },
};

test('a proposal that asks people becomes an approval: what, what changed, who, until when, and how without Slack', () => {
  expect(renderEntry(entry('run.proposed', proposal), incident)).toEqual({
    key: 'incident/a-1/entry/4',
    thread: 'incident/a-1',
    kind: 'approval',
    title: 'Approve 3f9a01c2? Cordon w1',
    lines: [
      'cordon on prod: Cordon w1 (1 change)',
      'Changed since the last proposal: pod shop/pg-0 is now on the node',
      'Risk: reversible; needs 1 of platform, within 15m; expires 2026-11-21 12:20:00 UTC',
      'Approve: salvor approve b-1 --plan 3f9a01c2',
    ],
    approval: { run: 'run/b-1', plan: '3f9a01c2aaaaaaaa' },
  });
});

test('a proposal that asks nobody is a line like others', () => {
  expect(renderEntry(entry('run.proposed', { ...proposal, state: 'executing' }), incident)).toMatchObject({
    kind: 'timeline',
    title: 'Proposed 3f9a01c2: Cordon w1',
  });
});

test('a plan of many steps is counted, not cut in silence', () => {
  const steps = Array.from({ length: 23 }, (_, index) => ({ step: `s${index}`, cluster: 'prod', summary: 'x', changes: 2 }));
  const { lines } = renderEntry(entry('run.proposed', { ...proposal, facts: { ...proposal.facts, steps } }), incident);
  expect(lines).toContain('and 3 steps more');
  expect(lines[0]).toBe('s0 on prod: x (2 changes)');
});

test('the end of an incident announces its report', () => {
  expect(renderEntry(entry('incident.closed', { text: 'Nothing fires any more' }), incident)).toMatchObject({ kind: 'report' });
});

test('the card says how it stands first, then what happened last', () => {
  expect(renderCard(incident, ['Proposed 3f9a01c2: Cordon w1'])).toEqual({
    key: 'incident/a-1/card',
    thread: 'incident/a-1',
    kind: 'card',
    title: 'SEV2 KubeNodeNotReady on prod: open',
    lines: ['Cluster prod, open since 2026-11-21 12:04:31 UTC', '1 alert firing, 1 of 2 runs open', 'Proposed 3f9a01c2: Cordon w1'],
  });
});

test('the card of a closed incident says why; that of one nobody answers says who is called', () => {
  expect(renderCard({ ...incident, state: 'closed', closedMs: 0, closedBecause: 'Nothing fires any more' }, []).lines).toContain('Nothing fires any more');
  const climbs = [{ key: 'k', ladder: 'default', reason: 'nobody decided', sinceMs: 0, walked: 1 }];
  expect(renderCard({ ...incident, climbs }, []).lines).toContain('Calling people by ladder "default": nobody decided');
});

test('a page fits what pagers take, whatever the names are', () => {
  const page = renderPage(
    { ...incident, cluster: 'c'.repeat(400), title: 't'.repeat(3000) },
    { action: 'trigger', target: 'platform-primary', reason: 'nobody decided' },
  );
  expect(page.dedupKey.length).toBeLessThanOrEqual(255);
  expect(page.dedupKey.endsWith('/incident/a-1')).toBe(true);
  expect(page.summary.length).toBeLessThanOrEqual(1024);
});

test('a page says what, where and why; the same incident has the same key', () => {
  const page = renderPage(incident, { action: 'trigger', target: 'platform-primary', reason: 'nobody decided' });
  expect(page).toEqual({
    action: 'trigger',
    dedupKey: 'salvor/prod/incident/a-1',
    target: 'platform-primary',
    severity: 'error',
    summary: 'SEV2 KubeNodeNotReady on prod: nobody decided',
    details: {
      incident: 'incident/a-1',
      cluster: 'prod',
      state: 'open',
      since: '2026-11-21 12:04:31 UTC',
      reason: 'nobody decided',
      playbook: 'node-not-ready',
    },
  });
  expect(renderPage({ ...incident, state: 'closed' }, { action: 'resolve', target: 'x', reason: 'y' }).dedupKey).toBe(page.dedupKey);
});

test('a hand-over shows what was seen, and what to do, first things first', () => {
  const facts = {
    finding: 'hand-over',
    reason: 'zone b is gone',
    evidence: ['zone b is gone', '12 pods are there'],
    hints: ['Look at the provider', 'Scale up'],
  };
  const entry = { n: 4, type: 'run.diagnosed', atMs: 0, data: { text: 'A person has to take over: zone b is gone. Fix: …', run: 'run/a-1', facts } };
  expect(renderEntry(entry, { id: 'incident/1' })).toMatchObject({
    kind: 'timeline',
    title: 'A person has to take over: zone b is gone',
    lines: ['12 pods are there', '1. Look at the provider', '2. Scale up'],
  });
});
