import { expect, test } from 'vitest';
import { isSound, rowsOf, type WorkReport, workText } from '../../../bench/report.ts';
import type { Line, Round } from '../../../bench/work.ts';

const ROUNDS: readonly Round[] = [
  { embedded: { ms: 3, lost: 0 }, express: { ms: 1 } },
  { embedded: { ms: 1, lost: 0 }, express: { ms: 2 } },
  { embedded: { ms: 2, lost: 0 }, express: { ms: 1 } },
];
const MS: Line = { figure: 'ms', what: 'POST to 200', unit: 'ms', floor: 'express' };

function reported(line: Line, rounds: readonly Round[] = ROUNDS): WorkReport {
  return { name: 'ack', about: 'A work.', tookS: 1, rounds: [...rounds], rows: [...rowsOf({ lines: [line], floors: ['express'] }, rounds)] };
}

test('a ratio is to the floor of the same round, and the floor itself has no target', () => {
  const { rows } = reported({ ...MS, targets: [{ atMost: 2, times: true }] });
  expect(rows.map(({ of, values, floor, verdict }) => ({ of, values, ratios: floor?.ratios, verdict }))).toEqual([
    { of: 'embedded', values: [3, 1, 2], ratios: [3, 0.5, 2], verdict: 'nearly' },
    { of: 'express', values: [1, 2, 1], ratios: undefined, verdict: undefined },
  ]);
});

test.each([
  [{ atMost: 3 }, 'met'],
  [{ atMost: 2 }, 'nearly'],
  [{ atMost: 1 }, 'missed'],
  [{ atLeast: 1 }, 'met'],
  [{ atLeast: 2 }, 'nearly'],
  [{ atLeast: 3 }, 'missed'],
] as const)('a target of %o is %s: in every round, by the median, or not', (target, verdict) => {
  expect(reported({ ...MS, targets: [target] }).rows[0]?.verdict).toBe(verdict);
});

test('one round in which something is lost breaks the promise and the bench; a time that is missed does not', () => {
  const lost: Line = { figure: 'lost', what: 'lost', unit: '', targets: [{ atMost: 0, always: true }] };
  const rounds = ROUNDS.map((round, at) => ({ embedded: { ...round['embedded'], lost: at === 1 ? 1 : 0 } }));
  const of = (work: WorkReport): Parameters<typeof isSound>[0] => ({ works: [work], format: 1, rounds: 3, quick: false, machine: MACHINE });
  expect(reported(lost, rounds).rows[0]?.verdict).toBe('missed');
  expect(isSound(of(reported(lost, rounds)))).toBe(false);
  expect(isSound(of(reported(lost)))).toBe(true);
  expect(isSound(of(reported({ ...MS, targets: [{ atMost: 0 }] })))).toBe(true);
  expect(isSound(of({ ...reported(MS), failed: 'did not end within 60 s' }))).toBe(false);
});

test('the table says what was measured, beside what, and whether that is enough', () => {
  const text = workText(reported({ ...MS, targets: [{ atMost: 2 }, { atMost: 5, times: true }] }));
  expect(text).toContain('| POST to 200 | embedded | 1.00..2.00..3.00 ms | 0.50..2.00..3.00 × express | at most 2, at most 5 × express | met by the median |');
  expect(workText({ ...reported(MS), rows: [], skipped: 'it is not installed' })).toContain('Not measured: it is not installed');
  expect(workText({ ...reported(MS), failed: 'it hung' })).toContain('FAILED: it hung');
});

const MACHINE = {
  at: '2026-11-21T12:00:00.000Z',
  cpu: 'a processor',
  cores: 2,
  memoryGb: 8,
  load: 0,
  node: '24.0.0',
  sqlite: '3.0.0',
  fdatasyncMs: { p50: 1, p99: 2 },
};
