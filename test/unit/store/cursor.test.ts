import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCursor, writeCursor } from '../../../src/store/cursor.ts';

test('a cursor reads back as the place it was written from', () => {
  fc.assert(
    fc.property(fc.record({ createdMs: fc.integer(), partition: fc.string(), id: fc.string() }), (place) => {
      expect(readCursor(writeCursor(place))).toEqual(place);
    }),
  );
});

test('any other text is a bad request, never another fault', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json().map((text) => Buffer.from(text).toString('base64url')),
      ),
      (text) => {
        try {
          const { createdMs, partition, id } = readCursor(text);
          expect([typeof createdMs, typeof partition, typeof id]).toEqual(['number', 'string', 'string']);
        } catch (error) {
          expect(error).toMatchObject({ code: 'request.invalid', retry: 'never' });
        }
      },
    ),
  );
});
