import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SHIPPED } from '../../../src/config/site.ts';
import { sha256 } from '../../../src/model/digest.ts';
import { problemText } from '../../../src/model/problem.ts';
import { parsePlaybook } from '../../../src/playbook/parse.ts';

const fixture = readFileSync(join(import.meta.dirname, '../../fixtures/playbooks/node-not-ready.yaml'), 'utf8');

function problemsOf(text: string): readonly string[] {
  const parsed = parsePlaybook({ id: 'p', text, file: 'p.yaml' });
  return parsed.ok ? [] : parsed.problems.map(problemText);
}

const head = 'summary: x\ntarget: { from: run.cluster }\n';

describe('parsePlaybook', () => {
  test('reads a whole playbook, with durations in milliseconds, its text and the digest of the text', () => {
    const parsed = parsePlaybook({ id: 'node-not-ready', text: fixture, file: 'p.yaml' });
    if (!parsed.ok) throw new Error(parsed.problems.map(problemText).join('\n'));
    const { playbook } = parsed;
    expect(playbook.id).toBe('node-not-ready');
    expect(playbook.objective.rto).toBe(900_000);
    expect(playbook.stages.map(({ id }) => id)).toEqual(['isolate', 'move', 'back', 'return']);
    expect(playbook.text).toBe(fixture);
    expect(playbook.digest).toBe(sha256(fixture));
  });

  test('gives every mistake its place, what was found and the nearest right name', () => {
    const wrong = fixture
      .replace('settle: 60s', 'settel: 60s')
      .replace('action: node.drain', 'actoin: node.drain')
      .replace('within: 24h', 'within: 24 hours')
      .replace('SEV2', 'SEV4')
      .replace('press: approve', 'press: approv');
    expect(problemsOf(wrong)).toEqual([
      'p.yaml:4:11: severity: found "SEV4", expected one of SEV1, SEV2, SEV3. Did you mean SEV1?',
      'p.yaml:14:5: stages[0].settel: unknown field. Did you mean settle?',
      'p.yaml:18:13: stages[1].steps[0].action: missing, expected text',
      'p.yaml:18:26: stages[1].steps[0].actoin: unknown field. Did you mean action?',
      'p.yaml:23:81: stages[2].await.within: expected a duration such as 30s, 15m or 4h, found "24 hours"',
      'p.yaml:35:16: rehearsal[0].script[3].press: found "approv", expected one of approve, reject, cancel. Did you mean approve?',
    ]);
  });

  test.each([
    ['a stage that does nothing', 'stages: [{ id: a }]', 'stages[0]: expected one of steps, await, ask'],
    [
      'a stage that does two things',
      'stages: [{ id: a, steps: [{ id: b, action: a.b }], await: { action: a.b, within: 3m } }]',
      'stages[0]: found await and steps together, expected only one of them',
    ],
    ['a stage that is no map', 'stages: [7]', 'stages[0]: found 7, expected a map'],
    ['steps that are no list', 'stages: [{ id: a, steps: 3 }]', 'stages[0].steps: found 3, expected a list'],
    [
      'two comparisons',
      'stages: [{ id: a, when: { from: params.x, is: 3, over: 2 }, steps: [{ id: b, action: a.b }] }]',
      'expected exactly one of is, not, over, under, in, present',
    ],
    ['a misspelt reference', 'locks: [{ form: params.x }]', 'locks[0].form: unknown field. Did you mean from?'],
    ['a path that begins nowhere', 'locks: [{ from: labels.node }]', 'locks[0].from: found "labels.node", expected a path such as'],
    ['a name with capitals', 'params: { Node-Name: { type: node } }', 'params.Node-Name: not a name that fits here: expected lower-case'],
    ['a number that is too small', 'storm: { atLeast: 1, within: 2m, start: x }', 'storm.atLeast: found 1, expected at least 2'],
  ])('refuses %s', (_name, line, message) => {
    expect(problemsOf(head + line).join('\n')).toContain(message);
  });

  test.each([
    ['code of JavaScript', 'summary: !!js/function "x"\n', 'p.yaml:1:10: not the YAML that is expected: Unresolved tag'],
    ['a name used twice', `${head}summary: y\n`, 'p.yaml:3:1: not the YAML that is expected: Map keys must be unique'],
    ['several documents', `${head}---\nsummary: y\n`, 'found several documents, expected one'],
    ['an empty file', '\n', 'p.yaml:1:1: the file is empty'],
    ['names that JavaScript gave a meaning', `${head}params: { __proto__: { type: node } }`, 'p.yaml:3:11: __proto__: this name is not allowed'],
    ['a name that is a list', `${head}? [a]\n: 1\n`, 'expected text'],
    ['nesting deeper than the stack', `${head}match: ${'['.repeat(100_000)}`, 'not the YAML that is expected'],
    ['a file without end', 'x'.repeat(1024 * 1024 + 1), 'expected at most 1048576'],
  ])('refuses %s', (_name, text, message) => {
    const problems = problemsOf(text);
    expect(problems.join('\n')).toContain(message);
    expect(problems.length).toBeLessThan(5);
  });

  test('refuses aliases that multiply, quickly', () => {
    const lines = ['a: &a [x,x,x,x,x,x,x,x,x,x]'];
    for (const [before, name] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg', 'gh', 'hi'].map((pair) => pair.split('')))
      lines.push(`${name}: &${name} [${Array.from({ length: 10 }, () => `*${before}`).join(',')}]`);
    expect(problemsOf(lines.join('\n'))).toEqual([expect.stringContaining('alias')]);
  });
});

describe('without its rehearsals', () => {
  const shipped = globSync('*.yaml', { cwd: SHIPPED.playbooks }).map((name) => [name, readFileSync(join(SHIPPED.playbooks, name), 'utf8')] as const);
  const read = (text: string, rehearsals: boolean) => parsePlaybook({ id: 'p', text, file: 'p.yaml', rehearsals });

  test.each(shipped)('%s is the same playbook, with its whole text and digest', (_name, text) => {
    const [whole, short] = [read(text, true), read(text, false)];
    if (!whole.ok || !short.ok) throw new Error('it cannot be read');
    expect(whole.playbook.rehearsal.length).toBeGreaterThan(0);
    expect(short.playbook).toEqual({ ...whole.playbook, rehearsal: [] });
    for (const path of [['summary'], ['stages', 0, 'id'], ['escalate']] as const) expect(short.positionOf(path)).toEqual(whole.positionOf(path));
  });

  const HEAD = 'summary: One\ntarget: { from: run.cluster }\n';
  const BLOCK = 'rehearsal:  # plays\n- name: one\n\n# a remark\n  nonsense: [\n';

  test('what stands behind them keeps its place, and what is wrong with them stops nothing', () => {
    const short = read(`${HEAD}${BLOCK}severity: SEV3\n`, false);
    expect(short).toMatchObject({ ok: true, playbook: { severity: 'SEV3', rehearsal: [] } });
    expect(short.ok && short.positionOf(['severity'], 'key')).toMatchObject({ line: 8 });
    expect(read(`${HEAD}${BLOCK}severity: SEV3\n`, true).ok).toBe(false);
  });

  test('a mistake is told with its line, and rehearsals on one line are read like the rest', () => {
    expect(read(`${HEAD}${BLOCK}severty: SEV3\n`, false)).toMatchObject({ ok: false, problems: [{ line: 8, field: 'severty' }] });
    expect(read(`${HEAD}rehearsal: [1]\n`, false).ok).toBe(false);
  });
});
