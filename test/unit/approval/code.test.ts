import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readNoteVote, voteCode } from '../../../src/approval/code.ts';
import { sha256 } from '../../../src/model/digest.ts';

test('the code of a plan is what people type back, in any case, with anything behind it', () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom('approve', 'reject', 'Approve', 'REJECT'), (text, verb) => {
      const code = voteCode(sha256(text));
      expect(code).toMatch(/^[2-9A-HJ-NP-Z]{4}$/);
      expect(readNoteVote(` ${verb} ${code.toLowerCase()}\n`)).toEqual({ verb: verb.toLowerCase(), code });
      expect(readNoteVote(`${verb} ${code}: shop/data-0`)).toEqual({ verb: verb.toLowerCase(), code, rest: 'shop/data-0' });
    }),
  );
});

test('another plan has another code', () => {
  const codes = new Set(Array.from({ length: 200 }, (_, at) => voteCode(sha256(String(at)))));
  expect(codes.size).toBeGreaterThan(198);
});

test.each(['I approve 7QK2', 'approve', 'approve 7QK2X', 'approve7QK2', 'Salvor: To approve: a note "approve 7QK2" here', 'approved 7QK2', ''])(
  '%o is a note like any other',
  (text) => {
    expect(readNoteVote(text)).toBeUndefined();
  },
);
