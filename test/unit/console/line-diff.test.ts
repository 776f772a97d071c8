import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diffLines } from '../../../src/console/page/line-diff.ts';

const common = (lines: readonly { readonly text: string; readonly isCommon: boolean }[]): readonly string[] =>
  lines.filter(({ isCommon }) => isCommon).map(({ text }) => text);

test('a line that is there once more is marked, though its like was there before', () => {
  const { before, after } = diffLines(['{', 'effect: NoSchedule', '}'], ['{', 'effect: NoSchedule', '}', '{', 'effect: NoSchedule', '}']);
  expect(common(before)).toEqual(['{', 'effect: NoSchedule', '}']);
  expect(after.filter(({ isCommon }) => !isCommon)).toHaveLength(3);
});

test('what is not marked is the same on both sides, in the same order, and nothing is lost', () => {
  const texts = fc.array(fc.constantFrom('a', 'b', 'c', '{', '}'), { maxLength: 12 });
  fc.assert(
    fc.property(texts, texts, (one, other) => {
      const { before, after } = diffLines(one, other);
      expect(before.map(({ text }) => text)).toEqual(one);
      expect(after.map(({ text }) => text)).toEqual(other);
      expect(common(before)).toEqual(common(after));
      if (one.join() === other.join()) expect(common(before)).toEqual(one);
    }),
  );
});

test('two texts that are too long to compare are marked whole', () => {
  const long = Array.from({ length: 1001 }, () => 'same');
  expect(common(diffLines(long, long).after)).toEqual([]);
});
