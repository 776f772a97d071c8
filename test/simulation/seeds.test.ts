import { expect, test } from 'vitest';
import { playMany } from './many.ts';
import { drawScript, FAULTS } from './script.ts';

const SEEDS = 300;

test(`${SEEDS} histories keep every promise`, async () => {
  const sum = await playMany({ from: 1, count: SEEDS });
  const broken = sum.violations.map(({ seed, violation }) => `${violation?.invariant}: ${violation?.words}\n  again: npm run prove -- --seed ${seed}`);
  expect(broken).toEqual([]);
  expect(sum.histories).toBe(SEEDS);
  // What was to be met was met.
  expect([...sum.faults.keys()]).toEqual(
    expect.arrayContaining([
      'kill',
      'freeze',
      'clock jump',
      'failover',
      'pager suppressed',
      'press twice',
      ...['store', 'prod', 'chat'].flatMap((where) => [`${where} refused`, `${where} lost`, `${where} late`]),
    ]),
  );
  expect(sum.writes).toBeGreaterThan(5 * SEEDS);
});

test('most histories have faults, every kind of them is drawn, and some have channels', () => {
  const scripts = Array.from({ length: SEEDS }, (_, at) => drawScript(at + 1));
  expect(scripts.filter(({ channels }) => channels).length).toBeGreaterThan(SEEDS * 0.1);
  const all = scripts.map(({ happenings }) => happenings);
  const kinds = new Set(all.flatMap((happenings) => happenings.map(({ kind }) => kind)));
  expect([...FAULTS].filter((kind) => !kinds.has(kind))).toEqual([]);
  expect(all.filter((happenings) => happenings.some(({ kind }) => FAULTS.has(kind))).length).toBeGreaterThan(SEEDS * 0.7);
});
