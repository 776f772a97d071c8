import { describe, expect, test } from 'vitest';
import type { Json } from '../../../src/model/json.ts';
import { jsonPatch, mergePatch, strategicPatch } from '../../../src/world/patch.ts';

describe('a merge patch', () => {
  test.each<readonly [Json, Json, Json]>([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('turns %j with %j into %j, as RFC 7386 has it', (target, patch, wanted) => {
    expect(mergePatch(target, patch)).toEqual(wanted);
  });
});

describe('a strategic patch', () => {
  test('joins lists by their key', () => {
    const pod = { spec: { containers: [{ name: 'a', image: '1' }, { name: 'b' }] } };
    expect(strategicPatch(pod, { spec: { containers: [{ name: 'a', image: '2' }] } })).toEqual({
      spec: { containers: [{ name: 'a', image: '2' }, { name: 'b' }] },
    });
  });

  test('removes an entry that says so, and replaces a list without a key', () => {
    const pod = { spec: { volumes: [{ name: 'x' }, { name: 'y' }], other: [1, 2] } };
    expect(strategicPatch(pod, { spec: { volumes: [{ name: 'x', $patch: 'delete' }], other: [3] } })).toEqual({
      spec: { volumes: [{ name: 'y' }], other: [3] },
    });
  });
});

describe('a JSON patch', () => {
  const run = (target: Json, ...operations: readonly Json[]): Json | undefined => {
    const done = jsonPatch(target, operations);
    return done.kind === 'patched' ? done.value : undefined;
  };

  test('adds, replaces, removes, moves, copies and tests', () => {
    expect(run({ a: [1, 3] }, { op: 'add', path: '/a/1', value: 2 })).toEqual({ a: [1, 2, 3] });
    expect(run({ a: [1] }, { op: 'add', path: '/a/-', value: 2 })).toEqual({ a: [1, 2] });
    expect(run({ a: { b: 1 } }, { op: 'replace', path: '/a/b', value: 2 })).toEqual({ a: { b: 2 } });
    expect(run({ a: { 'x/y': 1 } }, { op: 'remove', path: '/a/x~1y' })).toEqual({ a: {} });
    expect(run({ a: 1 }, { op: 'move', from: '/a', path: '/b' })).toEqual({ b: 1 });
    expect(run({ a: 1 }, { op: 'copy', from: '/a', path: '/b' })).toEqual({ a: 1, b: 1 });
    expect(run({ a: 1 }, { op: 'test', path: '/a', value: 1 })).toEqual({ a: 1 });
  });

  test('fails as a whole when one operation fails', () => {
    expect(run({ a: 1 }, { op: 'replace', path: '/a', value: 2 }, { op: 'test', path: '/a', value: 3 })).toBeUndefined();
    expect(run({ a: 1 }, { op: 'remove', path: '/b' })).toBeUndefined();
    expect(run({ a: 1 }, { op: 'replace', path: '/b', value: 1 })).toBeUndefined();
    expect(run({ a: [1] }, { op: 'add', path: '/a/5', value: 1 })).toBeUndefined();
  });
});
