import { expect, test } from 'vitest';
import type { Incident } from '../../../src/model/incident.ts';
import { renderCard, renderEntry, renderProposal } from '../../../src/notify/render.ts';
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
    atMs: 0,
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
    steps: [{ step: 'cordon', action: 'node.cordon', cluster: 'prod', summary: 'Cordon w1', changes: 1, back: 'if it fails', diff: ['patch Node/w1'] }],
  },
};

test('a proposal that asks people becomes an approval: what, what changed, who, until when, and how without Slack', () => {
  const message = renderEntry(entry('run.proposed', proposal), incident);
  expect(message).toMatchObject({
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
  expect(message.approval?.asked).toEqual({
    summary: 'Cordon w1',
    risk: 'reversible',
    steps: [{ step: 'cordon', summary: 'Cordon w1', cluster: 'prod', risk: 'reversible', back: 'if it fails', diff: ['patch Node/w1'], changes: 1, told: [] }],
    moreSteps: 0,
    policy: 'needs 1 of platform, within 15m',
    expiresMs: Date.UTC(2026, 10, 21, 12, 20, 0),
    typed: false,
    changed: ['pod shop/pg-0 is now on the node'],
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
  const message = renderCard(incident, ['Proposed 3f9a01c2: Cordon w1'], 7);
  expect(message.card).toMatchObject({
    severity: 'SEV2',
    state: 'open',
    firing: 1,
    openRuns: 1,
    runs: 2,
    updatedMs: 7,
    latest: ['Proposed 3f9a01c2: Cordon w1'],
  });
  expect(message).toMatchObject({
    key: 'incident/a-1/card',
    thread: 'incident/a-1',
    kind: 'card',
    title: 'SEV2 KubeNodeNotReady on prod: open',
    lines: ['Cluster prod, open since 2026-11-21 12:04:31 UTC', '1 alert firing, 1 of 2 runs open', 'Proposed 3f9a01c2: Cordon w1'],
  });
});

test('the card of a closed incident says why; that of one nobody answers says who is called', () => {
  expect(renderCard({ ...incident, state: 'closed', closedMs: 0, closedBecause: 'Nothing fires any more' }, [], 0).lines).toContain('Nothing fires any more');
  const climbs = [{ key: 'k', ladder: 'default', reason: 'nobody decided', sinceMs: 0, walked: 1 }];
  expect(renderCard({ ...incident, climbs }, [], 0).lines).toContain('Calling people by ladder "default": nobody decided');
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

test('what failed, what nobody answers and what a person has to do is said aloud; the rest is for the thread', () => {
  const isAloud = (type: string, facts?: { readonly [name: string]: string | boolean }): boolean =>
    renderEntry(entry(type, { text: 'x', run: 'run/a-1', ...(facts === undefined ? {} : { facts }) }), incident).aloud === true;
  expect(isAloud('step.failed', { step: 'drain' })).toBe(true);
  expect(isAloud('run.ended', { end: 'failed' })).toBe(true);
  expect(isAloud('run.ended', { end: 'done' })).toBe(false);
  expect(isAloud('run.unverified', { again: true })).toBe(false);
  expect(isAloud('run.unverified', { again: false })).toBe(true);
  expect(isAloud('approval.escalated', {})).toBe(true);
  expect(isAloud('step.progress', {})).toBe(false);
  expect(isAloud('note')).toBe(false);
});

test('a proposal that is over says so first, and how to approve it no more', () => {
  const line = entry('run.proposed', proposal);
  const votes = [{ by: 'ana', surface: 'slack', atMs: Date.UTC(2026, 10, 21, 12, 10) }];
  const half = renderProposal(line, incident, { run: 'run/b-1', n: 4, digest: '3f9a', votes, missing: '1 of 2: ana; still needs 1 of ic' });
  expect(half.title).toBe('Approve 3f9a01c2? Cordon w1');
  expect(half.lines.slice(0, 2)).toEqual(['Approved so far: ana via slack at 2026-11-21 12:10:00 UTC', '1 of 2: ana; still needs 1 of ic']);
  const over = { how: 'rejected', text: 'Rejected by ben via console: not now', atMs: 0 } as const;
  const done = renderProposal(line, incident, { run: 'run/b-1', n: 4, digest: '3f9a', votes, over });
  expect(done.key).toBe('incident/a-1/entry/4');
  expect(done.title).toBe('Rejected by ben via console: not now. It was about 3f9a01c2: Cordon w1');
  expect(done.lines.join(' ')).not.toContain('salvor approve');
});
