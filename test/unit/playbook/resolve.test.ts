import { describe, expect, test } from 'vitest';
import { makeLabels } from '../../../src/model/label.ts';
import { compare, lookUp, resolveWith, type Scope } from '../../../src/playbook/resolve.ts';

const scope: Scope = {
  labels: makeLabels([
    ['node', 'w1'],
    ['app.kubernetes.io/name', 'shop'],
    ['__proto__', 'odd'],
  ]),
  params: { node: 'w1', keep: 3, list: ['a', 'b'], nothing: null },
  found: { schedule: 'daily' },
  run: { id: 'run/1', cluster: 'prod' },
  diagnosis: { look: { kubeletAnswers: true, deep: { er: [{ name: 'x' }] } } },
  steps: { cordon: { wasCordoned: false } },
  checks: {},
  answers: { swap: { value: 'yes', by: 'ana', atMs: 0 } },
};

describe('lookUp', () => {
  test.each([
    ['alert.labels.node', 'w1'],
    ['alert.labels.app.kubernetes.io/name', 'shop'],
    ['params.keep', 3],
    ['params.list.1', 'b'],
    ['found.schedule', 'daily'],
    ['run.id', 'run/1'],
    ['run.cluster', 'prod'],
    ['diagnosis.look.deep.er.0.name', 'x'],
    ['steps.cordon.wasCordoned', false],
    ['answers.swap.value', 'yes'],
    ['answers.swap.by', 'ana'],
    ['answers.swap.at', '1970-01-01T00:00:00.000Z'],
  ])('finds %s', (path, value) => {
    expect(lookUp(path, scope)).toEqual(value);
  });

  test.each([
    'alert.labels.zone',
    'alert.annotations.node',
    'params.nothing',
    'params.list.9',
    'params.list.length',
    'steps.drain.moved',
    'nowhere.x',
    'params.node.length',
  ])('finds nothing at %s', (path) => {
    expect(lookUp(path, scope)).toBeUndefined();
  });

  test('sees own fields only, so names of JavaScript lead nowhere', () => {
    for (const path of [
      'params.__proto__',
      'params.constructor',
      'params.toString.name',
      'steps.constructor',
      'answers.__proto__',
      'params.list.constructor',
    ]) {
      expect(lookUp(path, scope), path).toBeUndefined();
    }
    expect(lookUp('alert.labels.__proto__', scope)).toBe('odd');
    expect(lookUp('alert.labels.constructor', scope)).toBeUndefined();
  });
});

describe('resolveWith', () => {
  test('puts values in place of references, also inside lists and maps', () => {
    const given = { node: { from: 'params.node' }, gracePeriod: '2m', deep: { of: [{ from: 'params.keep' }, 'as is'] } };
    expect(resolveWith(given, scope)).toEqual({ ok: true, params: { node: 'w1', gracePeriod: '2m', deep: { of: [3, 'as is'] } } });
  });

  test('leaves a parameter out whose reference is absent, and does not leave a null', () => {
    expect(resolveWith({ zone: { from: 'alert.labels.zone' }, node: 'w1' }, scope)).toEqual({ ok: true, params: { node: 'w1' } });
  });

  test('refuses where something deeper inside is absent, and says what', () => {
    expect(resolveWith({ a: [{ from: 'steps.drain.moved' }], b: { c: { from: 'found.x' } } }, scope)).toEqual({
      ok: false,
      absent: ['steps.drain.moved', 'found.x'],
    });
  });

  test('takes a map that has more than from as it is', () => {
    expect(resolveWith({ span: { from: 'params.node', to: 'x' } }, scope)).toEqual({ ok: true, params: { span: { from: 'params.node', to: 'x' } } });
  });

  test('keeps a value of an alert that looks like a reference as text', () => {
    const odd: Scope = { ...scope, labels: [['node', '{ from: params.keep }']] };
    expect(resolveWith({ node: { from: 'alert.labels.node' } }, odd)).toEqual({ ok: true, params: { node: '{ from: params.keep }' } });
  });
});

describe('compare', () => {
  test.each([
    [{ from: 'steps.cordon.wasCordoned', is: false }, true],
    [{ from: 'steps.cordon.wasCordoned', is: true }, false],
    [{ from: 'steps.cordon.wasCordoned', not: true }, true],
    [{ from: 'params.keep', over: 2 }, true],
    [{ from: 'params.keep', over: 3 }, false],
    [{ from: 'params.keep', under: 4 }, true],
    [{ from: 'params.node', over: 0 }, false],
    [{ from: 'params.node', in: ['w1', 'w2'] }, true],
    [{ from: 'params.node', in: ['w2'] }, false],
    [{ from: 'params.list', is: ['a', 'b'] }, true],
    [{ from: 'found.schedule', present: true }, true],
    [{ from: 'found.schedule', present: false }, false],
  ])('%j is %s', (when, answer) => {
    expect(compare(when, scope)).toBe(answer);
  });

  test('is false for whatever is absent, but for the question whether it is', () => {
    const from = 'steps.drain.moved';
    for (const when of [{ is: 1 }, { not: 1 }, { over: 0 }, { under: 9 }, { in: [1] }, { present: true }])
      expect(compare({ from, ...when }, scope), JSON.stringify(when)).toBe(false);
    expect(compare({ from, present: false }, scope)).toBe(true);
  });
});
