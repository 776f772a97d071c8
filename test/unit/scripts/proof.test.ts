import { expect, test } from 'vitest';
import { holds, type Row, tableOf } from '../../../scripts/prove/proof.ts';

const row: Row = {
  proof: 'random kills',
  counts: [['kills', 1000]],
  lost: 0,
  twice: 0,
  wrong: 0,
  lines: [],
  again: 'npm run prove -- --only kills',
  seconds: 61,
};

test('a proof holds where nothing is lost, twice or wrong, and where it was tried at all', () => {
  expect(holds(row)).toBe(true);
  for (const what of ['lost', 'twice', 'wrong']) expect(holds({ ...row, [what]: 1 }), what).toBe(false);
  expect(holds({ ...row, counts: [] })).toBe(false);
  expect(holds({ ...row, counts: [['kills', 0]] })).toBe(false);
});

test('what the papers say is lost breaks nothing; what is there twice does', () => {
  const honest: Row = { ...row, mayLose: true, lost: 4 };
  expect(holds(honest)).toBe(true);
  expect(holds({ ...honest, twice: 1 })).toBe(false);
});

test('the table has a row for each, says how to see a failure again, and ends with how many hold', () => {
  const table = tableOf([
    row,
    { ...row, proof: 'power cuts', lost: 2, lines: ['behind step 7: 2 lost'] },
    { ...row, proof: 'redis', counts: [], skipped: 'redis-server is not installed here' },
    { ...row, proof: 'failover', mayLose: true, lost: 3 },
  ]);
  expect(table.split('\n')).toEqual([
    expect.stringMatching(/^proof +how many, and what was counted +lost +twice +wrong +time$/),
    expect.stringMatching(/^random kills +1,000 kills +0 +0 +0 +61 s +holds$/),
    expect.stringMatching(/^power cuts +1,000 kills +2 +0 +0 +61 s +FAILS$/),
    expect.stringMatching(/^redis +redis-server is not installed here +- +- +- +- +not tried$/),
    expect.stringMatching(/^failover +1,000 kills +3 .*holds: the papers say so$/),
    '',
    'power cuts: behind step 7: 2 lost',
    'power cuts, again: npm run prove -- --only kills',
    '',
    '2 proofs hold, 1 fail, 1 not tried here',
  ]);
});
