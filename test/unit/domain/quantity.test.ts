import { expect, test } from 'vitest';
import { parseQuantity } from '../../../src/domain/quantity.ts';

test.each([
  ['500m', 0.5],
  ['2', 2],
  ['0.1', 0.1],
  ['2Gi', 2 * 1024 ** 3],
  ['128974848', 128_974_848],
  ['129e6', 129_000_000],
  ['1E', 1e18],
  ['64Ki', 65_536],
  ['-5', -5],
])('%s is %d', (text, number) => {
  expect(parseQuantity(text)).toBeCloseTo(number, 6);
});

test.each(['', 'm', '1 Gi', '1gi', '0x10', '1.2.3', 'NaN', 'Infinity', '1e'])('"%s" is no quantity', (text) => {
  expect(parseQuantity(text)).toBeUndefined();
});
