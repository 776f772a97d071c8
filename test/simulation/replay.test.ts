import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { minimise } from './minimise.ts';
import { MUTANTS, plant } from './mutants.ts';
import { play } from './play.ts';
import { drawScript } from './script.ts';

describe('a history', () => {
  test.each([1, 2, 3, 4])(
    'of seed %i is the same each time, to the last task',
    async (seed) => {
      const first = await play(drawScript(seed));
      const second = await play(drawScript(seed));
      expect(second).toEqual(first);
      expect(first.violation).toBeUndefined();
      expect(first.commits).toBeGreaterThan(20);
    },
    60_000,
  );

  test('of another seed is another one', async () => {
    const [one, other] = [await play(drawScript(5)), await play(drawScript(6))];
    expect(other.hash).not.toBe(one.hash);
  }, 60_000);

  test.each([...Array(12).keys()].map((at) => at + 7))(
    'of seed %i keeps every promise',
    async (seed) => {
      expect((await play(drawScript(seed))).violation).toBeUndefined();
    },
    60_000,
  );
});

test('what breaks a promise is left, and what has nothing to do with it is left out', async () => {
  const script = drawScript(1);
  // A person who writes past Salvor is what no plan has announced.
  const stranger = { atMs: 20_000, kind: 'stranger' } as const;
  const spoiled = { ...script, happenings: [...script.happenings, stranger].toSorted((a, b) => a.atMs - b.atMs) };
  const { violation } = await play(spoiled);
  expect(violation?.invariant).toBe('no write without a stored intent');
  const { happenings } = await minimise(spoiled, violation?.invariant ?? '');
  expect(happenings).toEqual([stranger]);
}, 120_000);

test('a failing seed says what broke, with the shortest history that still breaks it and how to see it again', async () => {
  const program = join(import.meta.dirname, '../../scripts/prove.ts');
  const told = await promisify(execFile)(process.execPath, [program, '--seed', '2', '--bug', 'thread-order']).then(
    () => 'nothing broke',
    (error: unknown) => (typeof error === 'object' && error !== null && 'stdout' in error ? String(error.stdout) : ''),
  );
  expect(told).toMatch(/^seed 2: \d+ tasks, /);
  expect(told).toContain('messages come in order');
  const [, left, all] = /it still breaks with these (\d+) of (\d+)/.exec(told) ?? [];
  expect(Number(left)).toBeLessThan(Number(all) / 4);
  expect(told).toContain('again: npm run prove -- --seed 2 --bug thread-order');
}, 120_000);

test('a bug that does not fit the source any more says so, and plants nothing', () => {
  expect(() => plant('no-such-bug')).toThrow('There is no bug "no-such-bug"');
  expect(MUTANTS.length).toBeGreaterThanOrEqual(15);
});
