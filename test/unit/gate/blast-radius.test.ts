import { expect, test } from 'vitest';
import { blastGuards, blastHeld, blastRadius, blastReturn, budgetOf, drawsOf } from '../../../src/gate/blast-radius.ts';

test('a kind draws on the budget that carries its plural', () => {
  expect(budgetOf('prod/Node//w1')).toBe('nodes');
  expect(budgetOf('prod/Namespace//shop')).toBe('namespaces');
  expect(budgetOf('prod/PersistentVolumeClaim/shop/data-0')).toBe('volumes');
  expect(budgetOf('prod/BackupStorageLocation/velero/default')).toBe('storage-locations');
  expect(budgetOf('prod/ReplicationSource/shop/data')).toBe('replication-sources');
  expect(budgetOf('w1')).toBeUndefined();
});

test('a start takes its share and is guarded by the limit; the end gives the same share back', () => {
  const draws = drawsOf(['prod/Node//w1', 'prod/Node//w2', 'prod/Node//w2', 'prod/Namespace//shop'], { nodes: 3 });
  expect(blastGuards(draws)).toEqual({
    guards: [{ is: 'room', count: 'blast/nodes', add: 2, limit: 3 }],
    changes: [
      { do: 'count', id: 'blast/namespaces', add: 1 },
      { do: 'count', id: 'blast/nodes', add: 2 },
    ],
  });
  expect(blastReturn(drawsOf(['prod/Node//w1', 'prod/Node//w2', 'prod/Namespace//shop'], {}))).toEqual([
    { do: 'count', id: 'blast/namespaces', add: -1 },
    { do: 'count', id: 'blast/nodes', add: -2 },
  ]);
});

test('a write of a run that holds its share asks that the limit still allows it', () => {
  expect(blastHeld(drawsOf(['prod/Node//w1'], { nodes: 1 }))).toEqual([{ is: 'room', count: 'blast/nodes', add: 0, limit: 1 }]);
});

test('no room is a hold that says how many are being worked on', () => {
  const draws = drawsOf(['prod/Node//w1'], { nodes: 1 });
  expect(blastRadius('prod', draws, [0])).toEqual({ kind: 'admit' });
  expect(blastRadius('prod', draws, [1])).toEqual({ kind: 'hold', gate: 'blast-radius', reason: '1 of at most 1 nodes of prod is being worked on' });
});

test('a run that alone is more than the limit holds, whatever else goes on', () => {
  expect(blastRadius('prod', drawsOf(['prod/Node//w1', 'prod/Node//w2'], { nodes: 1 }), [0])).toMatchObject({
    reason: 'this run touches 2 nodes of prod, more than the 1 that may be touched at once',
  });
});

test('a count that is not known holds', () => {
  expect(blastRadius('prod', drawsOf(['prod/Node//w1'], { nodes: 1 }), [])).toMatchObject({ kind: 'hold', reason: expect.stringContaining('is not known') });
});

test('a limit named like a property of every object is not there', () => {
  expect(drawsOf(['prod/constructor//x'], {})).toEqual([{ budget: 'constructors', count: 'blast/constructors', add: 1 }]);
});
