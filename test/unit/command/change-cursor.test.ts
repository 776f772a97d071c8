import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCursor, writeCursor } from '../../../src/command/change-cursor.ts';

test('a cursor comes back as it was written', () => {
  expect(readCursor(writeCursor({ kind: 'one', n: 17 }))).toEqual({ kind: 'one', n: 17 });
  fc.assert(
    fc.property(fc.integer({ min: 0 }), fc.uniqueArray(fc.tuple(fc.string(), fc.nat()), { maxLength: 50, selector: ([id]) => id }), (atMs, heads) => {
      const cursor = { kind: 'all', atMs, heads: new Map(heads) } as const;
      expect(readCursor(writeCursor(cursor))).toEqual(cursor);
    }),
  );
});

test('it stays small whatever happened, and keeps what moved last', () => {
  const heads = new Map(Array.from({ length: 5000 }, (_, index) => [`0123456789abcdef-${index}`, index] as const));
  const text = writeCursor({ kind: 'all', atMs: 1, heads });
  expect(text.length).toBeLessThan(16_000);
  const read = readCursor(text);
  expect(read.kind === 'all' && read.heads.get('0123456789abcdef-4999')).toBe(4999);
});

test('any other text is a bad request, never a fault of ours', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.base64String().map((text) => `t${text}`),
        fc.json().map((text) => `t${Buffer.from(text).toString('base64url')}`),
      ),
      (text) => {
        try {
          readCursor(text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'request.invalid' });
        }
      },
    ),
  );
  expect(() => readCursor('nonsense')).toThrow('is no cursor');
});
