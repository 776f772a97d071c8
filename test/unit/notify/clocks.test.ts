import { expect, test } from 'vitest';
import { PHASES } from '../../../src/model/clocks.ts';
import { recoveryOf } from '../../../src/notify/clocks.ts';
import { at, journal, run } from './story.ts';

test('every second belongs to one clock, waiting for people and cleanup apart', () => {
  expect(recoveryOf(run, journal, at(9999)).clocks).toEqual({ detect: 40_000, decide: 20_000, people: 240_000, act: 180_000, prove: 120_000, cleanup: 30_000 });
});

test('the RTO runs from the fact until it is proven: people are waited for while things are down', () => {
  const recovery = recoveryOf(run, journal, at(9999));
  expect(recovery).toMatchObject({ provenMs: at(600), rtoMs: 600_000, machineMs: 360_000, sinceDeclaredMs: 570_000 });
});

test('where the diagnosis knows when it happened, the clock starts there', () => {
  expect(recoveryOf({ ...run, measured: { factTimeMs: at(-60) } }, journal, at(9999)).rtoMs).toBe(660_000);
});

test('a run that a person asked for starts with the request', () => {
  const asked = { ...run, start: { by: 'person', person: 'ana', surface: 'cli', reason: 'x' } } as const;
  expect(recoveryOf(asked, journal, at(9999))).toMatchObject({ rtoMs: 570_000, sinceDeclaredMs: 570_000 });
});

test("a drill's RTO runs from its first write", () => {
  expect(recoveryOf({ ...run, playbook: 'drill-monthly' }, journal, at(9999)).rtoMs).toBe(290_000);
});

test.each([
  ['failed', journal],
  ['recovered', journal],
  ['done', journal.filter(({ type }) => type !== 'run.verified')],
] as const)('what was not proven has no RTO (%s)', (state, lines) => {
  expect(recoveryOf({ ...run, state }, lines, at(9999))).not.toHaveProperty('rtoMs');
});

test('the stretches follow each other without a gap and add up to the clocks', () => {
  const { stretches, clocks } = recoveryOf(run, journal, at(9999));
  expect(stretches.map(({ phase }) => phase)).toEqual(['detect', 'decide', 'people', 'act', 'prove', 'cleanup']);
  expect(stretches[0]?.fromMs).toBe(at(0));
  expect(stretches.at(-1)?.toMs).toBe(at(630));
  for (const [index, { fromMs }] of stretches.entries()) if (index > 0) expect(fromMs).toBe(stretches[index - 1]?.toMs);
  for (const phase of PHASES)
    expect(stretches.filter((one) => one.phase === phase).reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0)).toBe(clocks[phase]);
});

test('an open run is counted until now', () => {
  const { endedMs: _endedMs, ...open } = { ...run, state: 'proposed' as const };
  const waiting = recoveryOf(open, journal.slice(0, 4), at(160));
  expect(waiting.clocks.people).toBe(100_000);
  expect(waiting.stretches.at(-1)).toEqual({ phase: 'people', fromMs: at(60), toMs: at(160) });
});

test('a clock that was set back gives no negative time', () => {
  const back = journal.map((line, index) => (index > 6 ? { ...line, atMs: line.atMs - 3_600_000 } : line));
  const { clocks, stretches } = recoveryOf(run, back, at(9999));
  for (const phase of PHASES) expect(clocks[phase]).toBeGreaterThanOrEqual(0);
  for (const { fromMs, toMs } of stretches) expect(toMs).toBeGreaterThan(fromMs);
});
