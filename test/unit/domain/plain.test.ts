import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plain, plainLines } from '../../../src/domain/plain.ts';

test('text stays as it is where nothing is wrong with it', () => {
  expect(plain('Pod shop/api-0 can’t start: größer als erlaubt ✓')).toBe('Pod shop/api-0 can’t start: größer als erlaubt ✓');
});

test('marks that turn text around, characters without a width, and controls are taken out', () => {
  expect(plain('safe\u202Egnp.exe\u202C \u200Bzero\u2060\uFEFF \u0007bell\u001b[31mred')).toBe('safegnp.exe zero bell[31mred');
});

test('a line stays one line', () => {
  expect(plain('first\r\nsecond\n\n\tthird ')).toBe('first second third');
});

test('long text is cut at a thousand characters, and no character is cut in two', () => {
  expect(Array.from(plain('😀'.repeat(1500)))).toHaveLength(1000);
  expect(plain('😀'.repeat(1500)).endsWith('😀…')).toBe(true);
  expect(plain('a'.repeat(1000))).toHaveLength(1000);
});

test('lines are kept where they are asked for, cut together', () => {
  expect(plainLines('one\r\ntwo\n\n')).toEqual(['one', 'two']);
  expect(plainLines(`${'a'.repeat(990)}\n${'b'.repeat(100)}\nc`).map(({ length }) => length)).toEqual([990, 9]);
});

test('secrets do not come through', () => {
  expect(plain('token xoxb-1234-5678-abcdef')).toBe('token xoxb-***');
});

test('whatever is handed in, what comes out is one visible line of at most a thousand characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 3000 }), (text) => {
      const clean = plain(text);
      expect(Array.from(clean).length).toBeLessThanOrEqual(1000);
      // oxlint-disable-next-line no-control-regex
      expect(clean).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u);
      expect(plain(clean)).toBe(clean);
    }),
  );
});
