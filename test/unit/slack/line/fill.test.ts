import { describe, expect, test } from 'vitest';
import { VERBS, type Verb } from '../../../../src/port/verb.ts';
import { fill, type LineParams } from '../../../../src/slack/line/fill.ts';
import { RUN_LINE } from '../../../../src/slack/line/find.ts';
import { wordsOf } from '../../../../src/slack/line/words.ts';
import { exampleLine } from '../../../../src/slack/reply/help.ts';

function filled(verb: Verb, line: string, params?: LineParams): unknown {
  const result = fill(
    verb,
    wordsOf(line, () => undefined),
    params,
  );
  return result.ok ? { ...Object.fromEntries(result.given.values), ...Object.fromEntries(result.given.params) } : result.problem;
}

describe('what a line gives to a verb', () => {
  test('comes by its place, and what is left over is the reason', () => {
    expect(filled(VERBS.reject, '3f9a01c2 the storage is being replaced')).toEqual({ run: '3f9a01c2', reason: 'the storage is being replaced' });
    expect(filled(VERBS.approve, '3f9a01c2 d1d1d1d1')).toEqual({ run: '3f9a01c2', plan: 'd1d1d1d1' });
    expect(filled(VERBS.approve, '3f9a01c2 d1d1d1d1 daily')).toEqual({ run: '3f9a01c2', plan: 'd1d1d1d1', confirm: 'daily' });
    expect(filled(VERBS.settle, '3f9a01c2 create NOT-DONE')).toEqual({ run: '3f9a01c2', step: 'create', as: 'not-done' });
  });

  test.each(['--for 2h storage move', 'storage move --for 2h', 'for=2h storage move', 'storage —for 2h move', '--for=2h "storage move"'])(
    'takes a name wherever it stands: %s',
    (line) => {
      expect(filled(VERBS.pause, line)).toEqual({ for: '2h', reason: 'storage move' });
    },
  );

  test('a named reason takes the words behind it, too', () => {
    expect(filled(RUN_LINE, 'daily --reason kernel update', { names: ['schedule'], required: ['schedule'] })).toEqual({
      schedule: 'daily',
      reason: 'kernel update',
    });
  });

  test('what was named keeps its value: no later word takes its place', () => {
    const params = { names: ['node', 'grace'], required: ['node'] };
    expect(filled(RUN_LINE, 'node=w1 grace=60 --reason kernel update', params)).toEqual({ node: 'w1', grace: '60', reason: 'kernel update' });
    expect(filled(RUN_LINE, '--reason "kernel update" w1', params)).toEqual({ node: 'w1', reason: 'kernel update' });
    expect(filled(RUN_LINE, 'node=w1 w2', params)).toBe('"w2" is one word too many');
    expect(filled(VERBS.approve, '3f9a01c2 plan=d1d1d1d1 daily')).toEqual({ run: '3f9a01c2', plan: 'd1d1d1d1', confirm: 'daily' });
  });

  test('flags take no value', () => {
    expect(filled(VERBS.cancel, '3f9a01c2 --keep I go on by hand')).toEqual({ run: '3f9a01c2', keep: 'yes', reason: 'I go on by hand' });
  });

  test('parameters come by name or, where they must be given, by their place', () => {
    const params = { names: ['schedule', 'namespace'], required: ['schedule'] };
    expect(filled(RUN_LINE, 'daily namespace=backup', params)).toEqual({ schedule: 'daily', namespace: 'backup' });
    expect(filled(RUN_LINE, 'schedule=daily', params)).toEqual({ schedule: 'daily' });
    expect(filled(RUN_LINE, 'daily nmespace=backup', params)).toBe('run knows no "nmespace". Did you mean namespace?');
  });

  test('a second word for one place starts nothing: two nodes are not one node with a reason', () => {
    expect(filled(RUN_LINE, 'w1 w2', { names: ['node'], required: ['node'] })).toBe('"w2" is one word too many');
  });

  test('what is missing, unknown, given twice or no choice is said', () => {
    expect(filled(VERBS.reject, '3f9a01c2')).toBe('reason is missing: why, for the timeline');
    expect(filled(VERBS.approve, '')).toMatch(/^run is missing/);
    expect(filled(VERBS.pause, 'x --forr 2h')).toBe('pause knows no "forr". Did you mean for?');
    expect(filled(VERBS.pause, 'x --for')).toBe('Nothing stands behind for');
    expect(filled(VERBS.pause, 'x for=1h --for 2h')).toBe('for is given twice');
    expect(filled(VERBS.severity, '70ee629d SEV9')).toBe('severity is one of SEV1, SEV2, SEV3; "SEV9" is none. Did you mean SEV1?');
  });

  test('every example of the declarations is understood as it is shown', () => {
    for (const verb of Object.values(VERBS)) {
      if (verb.name === 'run') continue;
      for (const example of verb.examples) {
        const [, , ...words] = exampleLine(verb, example).split(' ');
        const values = Object.entries<string | true>(example).map(([part, value]) => [part, value === true ? 'yes' : value]);
        expect(filled(verb, words.join(' ')), exampleLine(verb, example)).toEqual(Object.fromEntries(values));
      }
    }
  });
});
