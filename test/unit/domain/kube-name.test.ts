import { expect, test } from 'vitest';
import { isDnsLabel, isDnsSubdomain, isPathSegment } from '../../../src/domain/kube-name.ts';
import { processorMs } from '../../processor-time.ts';

test.each([
  ['shop', true],
  ['a', true],
  ['0-1', true],
  ['x'.repeat(63), true],
  ['x'.repeat(64), false],
  ['-a', false],
  ['a-', false],
  ['a.b', false],
  ['A', false],
  ['ä', false],
  ['a\n', false],
  ['', false],
])('%j as an RFC 1123 label: %s', (text, is) => {
  expect(isDnsLabel(text)).toBe(is);
});

test.each([
  ['node-1.example.com', true],
  ['a.b', true],
  ['x'.repeat(253), true],
  ['x'.repeat(254), false],
  ['a..b', false],
  ['.a', false],
  ['a.', false],
  ['a/b', false],
  ['a_b', false],
  ['', false],
])('%j as an RFC 1123 subdomain: %s', (text, is) => {
  expect(isDnsSubdomain(text)).toBe(is);
});

test.each([
  ['system:node', true],
  ['Anything_goes', true],
  ['.', false],
  ['..', false],
  ['a/b', false],
  ['a%2fb', false],
  ['a\u0000b', false],
  ['', false],
])('%j as a path segment: %s', (text, is) => {
  expect(isPathSegment(text)).toBe(is);
});

test('a long hostile name is judged in linear time', () => {
  const tookMs = processorMs(() => {
    expect(isDnsSubdomain(`${'-a'.repeat(50_000)}!`)).toBe(false);
    expect(isDnsLabel(`${'a-'.repeat(50_000)}!`)).toBe(false);
  });
  expect(tookMs).toBeLessThan(500);
});
