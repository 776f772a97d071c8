import { describe, expect, test } from 'vitest';
import type { Json } from '../../../src/model/json.ts';
import { makeLabels } from '../../../src/model/label.ts';
import { Param } from '../../../src/model/playbook.ts';
import { everyNamespace, outOfScope } from '../../../src/route/name-scope.ts';
import { type ParamSource, problemsText, readParams } from '../../../src/route/params.ts';
import { readTargets } from '../../../src/route/target.ts';

const base: ParamSource = { cluster: 'prod', namespaces: everyNamespace };
const one = (param: object, source: Partial<ParamSource> = {}): Json | string | undefined => {
  const read = readParams({ params: { it: Param.parse(param) } }, { ...base, found: {}, ...source });
  return read.ok ? read.params['it'] : problemsText(read.problems);
};

describe('a value', () => {
  test.each([
    ['node', 'worker-1.eu', 'worker-1.eu'],
    ['namespace', 'shop', 'shop'],
    ['schedule', 'velero/daily', 'velero/daily'],
    ['schedule', 'daily', 'daily'],
    ['pod', 'shop/api-0', 'shop/api-0'],
    ['volume', 'shop/data-0', 'shop/data-0'],
    ['number', '12', 12],
    ['number', 1.5, 1.5],
    ['duration', '1h30m', '1h30m'],
    ['yes-no', 'yes', true],
    ['yes-no', false, false],
    ['text', 'two\nlines', 'two\nlines'],
  ])('of type %s is taken: %j', (type, value, expected) => {
    expect(one({ type }, { given: { it: value } })).toBe(expected);
  });

  test.each([
    ['node', 'a b', 'found "a b" (given), expected the name of a node'],
    ['namespace', 'a/b', 'expected the name of a namespace'],
    ['namespace', 'a'.repeat(64), 'expected the name of a namespace'],
    ['schedule', 'a/b/c', 'expected the name of a schedule, such as daily or velero/daily'],
    ['schedule', '../daily', 'expected the name of a schedule'],
    ['pod', 'api-0', 'expected a pod as namespace/name'],
    ['pod', 'shop/../api-0', 'expected a pod as namespace/name'],
    ['volume', 'data-0', 'expected a volume claim as namespace/name'],
    ['number', 'NaN', 'expected a number'],
    ['number', '1e9', 'expected a number'],
    ['duration', '5 minutes', 'expected a duration such as 30s'],
    ['yes-no', 'maybe', 'expected yes or no'],
    ['text', 'a\u0000b', 'without control characters'],
    ['text', 'x'.repeat(1001), 'at most 1000 characters'],
    ['node', 7, 'found 7 (given), expected the name of a node'],
  ])('of type %s is refused: %j', (type, value, words) => {
    expect(one({ type }, { given: { it: value } })).toContain(words);
  });

  test('must be one of the choices', () => {
    expect(one({ type: 'choice', choose: ['fast', 'safe'] }, { given: { it: 'fast' } })).toBe('fast');
    expect(one({ type: 'choice', choose: ['fast', 'safe'] }, { given: { it: 'toString' } })).toBe('it: found "toString" (given), expected one of fast, safe');
    expect(one({ type: 'number', choose: ['1', '2'] }, { given: { it: '2' } })).toBe(2);
  });
});

describe('where a value comes from', () => {
  const param = { type: 'text', from: 'alert.labels.who', default: 'playbook' };
  const labels = makeLabels([['who', 'alert']]);

  test('first what was given, then the alert, then the site, then the playbook', () => {
    expect(one(param, { given: { it: 'given' }, labels, defaults: { it: 'site' } })).toBe('given');
    expect(one(param, { labels, defaults: { it: 'site' } })).toBe('alert');
    expect(one(param, { defaults: { it: 'site' } })).toBe('site');
    expect(one(param)).toBe('playbook');
  });

  test('what is missing is said with where it was looked for', () => {
    expect(one({ type: 'node', from: 'alert.labels.node' }, { labels })).toBe('it: missing, expected a node: the alert has no label node');
    expect(one({ type: 'node' })).toBe('it: missing, expected a node: none was given');
    expect(one({ type: 'node', optional: true })).toBeUndefined();
  });

  test('an unknown name is refused with the one that was meant', () => {
    const read = readParams({ params: { node: Param.parse({ type: 'node' }) } }, { ...base, given: { nod: 'w1', node: 'w1' } });
    expect(read).toMatchObject({ ok: false, problems: [{ param: 'nod', text: 'the playbook has no parameter nod. Did you mean node?' }] });
  });

  test('names of JavaScript are names that were not given', () => {
    expect(one({ type: 'text', from: 'found.constructor' }, { found: {} })).toContain('missing');
    expect(one({ type: 'text', from: 'found.toString', optional: true }, { found: {} })).toBeUndefined();
  });

  test('what a finder is to find is left out until it has looked', () => {
    const playbook = { params: { it: Param.parse({ type: 'node', from: 'found.node' }) } };
    expect(readParams(playbook, base)).toEqual({ ok: true, params: {} });
    expect(readParams(playbook, { ...base, found: {} })).toMatchObject({ ok: false });
    expect(readParams(playbook, { ...base, found: { node: 'w1' } })).toEqual({ ok: true, params: { it: 'w1' } });
  });

  test("a pod of an alert lies in the alert's namespace, and is out of scope with it", () => {
    const alert = makeLabels([
      ['namespace', 'minio'],
      ['pod', 'api-0'],
    ]);
    expect(one({ type: 'pod', from: 'alert.labels.pod' }, { labels: alert })).toBe('minio/api-0');
    expect(one({ type: 'pod', from: 'alert.labels.pod' }, { labels: alert, namespaces: { include: ['shop'], exclude: [] } })).toContain('out of scope');
  });

  test("a volume of an alert lies in the alert's namespace", () => {
    const alert = makeLabels([
      ['persistentvolumeclaim', 'data-0'],
      ['namespace', 'minio'],
    ]);
    expect(one({ type: 'volume', from: 'alert.labels.persistentvolumeclaim' }, { labels: alert })).toBe('minio/data-0');
    const scope = { include: ['shop'], exclude: [] };
    expect(one({ type: 'volume', from: 'alert.labels.persistentvolumeclaim' }, { labels: alert, namespaces: scope })).toContain(
      'the namespace minio is out of scope: namespaces.include names only shop',
    );
  });
});

test.each([
  ['shop', ['*'], [], undefined],
  ['shop', ['shop'], [], undefined],
  ['shop-eu', ['shop-*'], [], undefined],
  ['team-a-prod', ['team-*-prod'], [], undefined],
  ['team-prod', ['team-*-prod'], [], 'out of scope'],
  ['kube-system', ['*'], ['kube-*'], 'exclude names kube-*'],
  ['shop', ['other'], [], 'include names only other'],
  ['shop', [], [], 'include names only nothing'],
  ['aa', ['a*a*a'], [], 'out of scope'],
])('namespace %s in %j without %j', (name, include, exclude, words) => {
  const problem = outOfScope(name, { include, exclude });
  if (words === undefined) expect(problem).toBeUndefined();
  else expect(problem).toContain(words);
});

test('of the unknown names that somebody gives, a few are told, and each is short', () => {
  const given = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`${'x'.repeat(5000)}${index}`, 1]));
  const text = one({ type: 'node', optional: true }, { given });
  expect(JSON.stringify(text).length).toBeLessThan(3000);
  expect(text).toContain('the playbook has no parameter xxx');
});

test('targets and locks take their kind from the type of their parameter', () => {
  const params = {
    vol: Param.parse({ type: 'volume' }),
    where: Param.parse({ type: 'cluster' }),
    free: Param.parse({ type: 'text' }),
    none: Param.parse({ type: 'node', optional: true }),
  };
  const source = { cluster: 'prod', params: { vol: 'shop/data-0', where: 'dr', free: 's3://a/b' } };
  const read = readTargets(
    { params, target: { from: 'params.vol' }, locks: [{ from: 'params.where' }, { from: 'params.free' }, { from: 'params.none' }, { from: 'run.cluster' }] },
    source,
  );
  expect(read).toEqual({
    target: { kind: 'PersistentVolumeClaim', value: 'shop/data-0' },
    locks: [
      { kind: 'Cluster', value: 'dr' },
      { kind: 'Target', value: 's3://a/b' },
      { kind: 'Cluster', value: 'prod' },
    ],
  });
  expect(readTargets({ params, target: { from: 'params.none' }, locks: [] }, source)).toEqual({ absent: 'params.none' });
});
