import { expect, test } from 'vitest';
import { freeze, frozenByHand, readFreezes } from '../../../src/gate/freeze.ts';

const from = Date.UTC(2026, 11, 20);
const until = Date.UTC(2027, 0, 2);
const holidays = { name: 'holidays', fromMs: from, untilMs: until, clusters: [] };

test('a freeze holds from its first to before its last moment', () => {
  expect(freeze('prod', [holidays], from - 1)).toEqual({ kind: 'admit' });
  expect(freeze('prod', [holidays], from)).toEqual({
    kind: 'hold',
    gate: 'freeze',
    reason: 'prod is frozen by "holidays" until 2027-01-02 00:00:00 UTC',
    untilMs: until,
  });
  expect(freeze('prod', [holidays], until - 1)).toMatchObject({ kind: 'hold' });
  expect(freeze('prod', [holidays], until)).toEqual({ kind: 'admit' });
});

test('a freeze of one cluster leaves the others alone', () => {
  expect(freeze('staging', [{ ...holidays, clusters: ['prod'] }], from)).toEqual({ kind: 'admit' });
});

test('of two freezes the one that ends last tells until when', () => {
  const release = { name: 'release', fromMs: from, untilMs: until + 1000, clusters: ['prod'] };
  expect(freeze('prod', [release, holidays], from)).toMatchObject({ untilMs: until + 1000 });
  expect(freeze('prod', [holidays, release], from)).toMatchObject({ untilMs: until + 1000 });
});

const byHand = { name: 'storage-move', by: 'ana', reason: 'the storage team works', sinceMs: from, untilMs: until };

test('a freeze by hand says who froze it, why and until when; of several the one that ends last', () => {
  expect(frozenByHand('prod', [], from)).toEqual({ kind: 'admit' });
  expect(frozenByHand('prod', [{ ...byHand, name: 'short', untilMs: from + 1000 }, byHand], from)).toEqual({
    kind: 'hold',
    gate: 'freeze',
    reason: expect.stringMatching(/^ana froze prod \("storage-move"\): the storage team works, until 20/),
    untilMs: until,
  });
});

test('a freeze by hand past its time holds until its record is gone, and a record that nobody can read freezes, too', () => {
  expect(frozenByHand('prod', [byHand], until + 5000)).toMatchObject({ kind: 'hold', untilMs: until + 6000 });
  for (const value of [null, {}, { freezes: [] }, { freezes: [{ name: 'x' }] }])
    expect(frozenByHand('prod', readFreezes(value), from)).toMatchObject({ gate: 'freeze', reason: expect.stringContaining('cannot be read') });
});
