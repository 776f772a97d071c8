import { expect, test } from 'vitest';
import { openingOf, window } from '../../../src/gate/window.ts';

const at = (text: string): number => Date.parse(text);
const nightly = { name: 'nightly', cron: '0 2 * * *', timeZone: 'Europe/Berlin', lastsMs: 2 * 3_600_000, clusters: [], playbooks: [] };
const run = { cluster: 'prod', playbook: 'node-not-ready' };

test('where no window covers the run, nothing waits', () => {
  expect(window(run, [], at('2026-11-21T12:00:00Z'))).toEqual({ kind: 'admit' });
  expect(window(run, [{ ...nightly, clusters: ['staging'] }], at('2026-11-21T12:00:00Z'))).toEqual({ kind: 'admit' });
  expect(window(run, [{ ...nightly, playbooks: ['backup-failed'] }], at('2026-11-21T12:00:00Z'))).toEqual({ kind: 'admit' });
});

test('a window is open from its first to before its last moment, in its own time zone', () => {
  expect(window(run, [nightly], at('2026-11-21T00:59:59.999Z'))).toMatchObject({ kind: 'hold', untilMs: at('2026-11-21T01:00:00Z') });
  expect(window(run, [nightly], at('2026-11-21T01:00:00Z'))).toEqual({ kind: 'admit' });
  expect(window(run, [nightly], at('2026-11-21T02:59:59.999Z'))).toEqual({ kind: 'admit' });
  expect(window(run, [nightly], at('2026-11-21T03:00:00Z'))).toMatchObject({ kind: 'hold', untilMs: at('2026-11-22T01:00:00Z') });
});

test('the hold says which window opens next, in the time of its place', () => {
  const weekly = { ...nightly, name: 'weekly', cron: '0 5 * * 1', timeZone: 'America/New_York' };
  const decision = window(run, [weekly, nightly], at('2026-11-21T12:00:00Z'));
  expect(decision).toEqual({
    kind: 'hold',
    gate: 'window',
    reason: 'outside every window of prod: "nightly" opens 2026-11-22 02:00 Europe/Berlin',
    untilMs: at('2026-11-22T01:00:00Z'),
  });
});

test('one open window is enough', () => {
  const noon = { ...nightly, name: 'noon', cron: '0 12 * * *', timeZone: 'UTC' };
  expect(window(run, [nightly, noon], at('2026-11-21T12:30:00Z'))).toEqual({ kind: 'admit' });
});

test('in summer the same window opens an hour earlier by UTC', () => {
  expect(openingOf(nightly, at('2026-07-01T00:00:00Z'))).toEqual({ kind: 'open', untilMs: at('2026-07-01T02:00:00Z') });
});

test('a start in the hour that spring skips is moved behind the gap, and lasts its full time', () => {
  // Berlin, 2026-03-29: 02:00 becomes 03:00 at 01:00 UTC.
  const gap = { ...nightly, cron: '30 2 * * *' };
  expect(openingOf(gap, at('2026-03-29T00:45:00Z'))).toEqual({ kind: 'closed', opensMs: at('2026-03-29T01:00:00Z') });
  expect(openingOf(gap, at('2026-03-29T02:59:00Z'))).toEqual({ kind: 'open', untilMs: at('2026-03-29T03:00:00Z') });
  expect(openingOf(gap, at('2026-03-29T03:00:00Z'))).toEqual({ kind: 'closed', opensMs: at('2026-03-30T00:30:00Z') });
});

test('in the hour that autumn repeats the window opens once', () => {
  // Berlin, 2026-10-25: 03:00 becomes 02:00 at 01:00 UTC, so 02:30 comes twice.
  const twice = { ...nightly, cron: '30 2 * * *', lastsMs: 600_000 };
  expect(openingOf(twice, at('2026-10-25T00:35:00Z'))).toEqual({ kind: 'open', untilMs: at('2026-10-25T00:40:00Z') });
  expect(openingOf(twice, at('2026-10-25T01:35:00Z'))).toEqual({ kind: 'closed', opensMs: at('2026-10-26T01:30:00Z') });
});

test('a window that covers the change of clocks stays as long as it is', () => {
  const long = { ...nightly, cron: '0 0 * * *', lastsMs: 6 * 3_600_000 };
  expect(openingOf(long, at('2026-10-25T03:59:00Z'))).toEqual({ kind: 'open', untilMs: at('2026-10-25T04:00:00Z') });
  expect(openingOf(long, at('2026-03-29T04:30:00Z'))).toEqual({ kind: 'open', untilMs: at('2026-03-29T05:00:00Z') });
});

test('a window that never opens again holds without a time', () => {
  const never = { ...nightly, name: 'leap', cron: '0 0 30 2 *' };
  expect(window(run, [never], at('2026-11-21T12:00:00Z'))).toEqual({
    kind: 'hold',
    gate: 'window',
    reason: 'outside every window of prod, and none opens again: leap',
  });
});

test('a window that cannot be evaluated holds, even beside an open one', () => {
  const noon = { ...nightly, cron: '0 12 * * *', timeZone: 'UTC' };
  const broken = { ...nightly, name: 'broken', timeZone: 'Mars/Base' };
  expect(window(run, [noon, broken], at('2026-11-21T12:30:00Z'))).toMatchObject({
    kind: 'hold',
    reason: expect.stringContaining('window "broken" cannot be evaluated'),
  });
});
