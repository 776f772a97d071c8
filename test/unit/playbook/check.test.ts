import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { problemText } from '../../../src/model/problem.ts';
import { checkPlaybook, SHIPPED_NAMES } from '../../../src/playbook/check.ts';
import { parsePlaybook } from '../../../src/playbook/parse.ts';
import { actions } from './actions.ts';

const fixture = readFileSync(join(import.meta.dirname, '../../fixtures/playbooks/node-not-ready.yaml'), 'utf8');

function problemsOf(text: string, names = SHIPPED_NAMES): readonly string[] {
  const parsed = parsePlaybook({ id: 'p', text, file: 'p.yaml' });
  if (!parsed.ok) throw new Error(parsed.problems.map(problemText).join('\n'));
  return checkPlaybook(parsed.playbook, actions, { positionOf: parsed.positionOf, names }).map(problemText);
}

/** The whole example with one text replaced. */
function changed(from: string, to: string): readonly string[] {
  expect(fixture).toContain(from);
  return problemsOf(fixture.replace(from, to));
}

test('the whole example has no problem', () => {
  expect(problemsOf(fixture)).toEqual([]);
});

test('without the places of the file, the text that the playbook carries gives them', () => {
  const parsed = parsePlaybook({ id: 'p', text: fixture.replace('action: node.drain', 'action: node.drian'), file: 'other.yaml' });
  if (!parsed.ok) throw new Error('not parsed');
  expect(checkPlaybook(parsed.playbook, actions).map(problemText)).toEqual([
    'p.yaml:18:34: stages[1].steps[0].action: there is no action node.drian. Did you mean node.drain?',
  ]);
});

describe('a use of an action', () => {
  test.each([
    [
      'an action that is not there',
      'action: node.cordon',
      'action: node.cordn',
      'p.yaml:15:35: stages[0].steps[0].action: there is no action node.cordn. Did you mean node.cordon?',
    ],
    ['an action of another kind', 'action: node.ready', 'action: node.cordon', 'stages[2].await.action: node.cordon is a remediation, expected a check here'],
    [
      'a parameter that is not there',
      'gracePeriod: 2m',
      'gracePeriode: 2m',
      'stages[1].steps[0].with.gracePeriode: node.drain has no parameter gracePeriode. Did you mean gracePeriod?',
    ],
    [
      'a parameter that is missing',
      'with: { node: { from: params.node } } }]\n  - id: move',
      'with: {} }]\n  - id: move',
      'stages[0].steps[0]: node.cordon needs node (text), which is not given',
    ],
    [
      'a duration that is none',
      'gracePeriod: 2m',
      'gracePeriod: soon',
      'stages[1].steps[0].with.gracePeriod: expected a duration such as 30s, 15m or 4h, found "soon"',
    ],
    ['a number that is text', 'gracePeriod: 2m', 'keep: three', 'stages[1].steps[0].with.keep: found "three", expected a number'],
    ['a number that is too large', 'gracePeriod: 2m', 'keep: 12', 'stages[1].steps[0].with.keep: found 12, expected at most 9'],
    [
      'a value that is not offered',
      'gracePeriod: 2m',
      'mode: hrad',
      'stages[1].steps[0].with.mode: found "hrad", expected one of soft, hard. Did you mean hard?',
    ],
    ['a list with something else in it', 'gracePeriod: 2m', 'skip: [a, 3]', 'stages[1].steps[0].with.skip[1]: found 3, expected text'],
  ])('refuses %s', (_name, from, to, message) => {
    expect(changed(from, to)).toEqual([expect.stringContaining(message)]);
  });
});

describe('a reference', () => {
  const drainKeep = (reference: string): readonly string[] => changed('gracePeriod: 2m', `keep: { from: ${reference} }`);

  test.each([
    ['a parameter that is not there', 'params.nod', 'there is no parameter nod. Did you mean node?'],
    ['something below a parameter', 'params.node.name', 'params.node is node; there is nothing below it'],
    ['a fact that is not there', 'diagnosis.look.podz', 'diagnosis.look has no podz. Did you mean pods?'],
    ['a diagnosis that is not there', 'diagnosis.loook.pods', 'there is no diagnosis loook. Did you mean look?'],
    ['a value of another type', 'diagnosis.look.kubeletAnswers', 'diagnosis.look.kubeletAnswers is true or false, expected a number'],
    ['a step of the same stage', 'steps.drain.moved', 'drain is a step of the same stage: a stage is planned as one'],
    ['a step of a later stage', 'steps.uncordon.x', 'uncordon belongs to the stage return, which has not run yet here'],
    ['a result that is not there', 'steps.cordon.wasCordond', 'steps.cordon has no wasCordond. Did you mean wasCordoned?'],
    ['a question that nobody asks', 'answers.swap.value', 'there is no question swap'],
    ['something that a finder would find', 'found.keep', 'the playbook has no find'],
    ['a field of a run that does not exist', 'run.state', 'expected run.id or run.cluster'],
    ['an annotation', 'alert.annotations.x', 'expected alert.labels.<label>'],
    [
      'no root at all',
      'diagnoses.look.pods',
      'found the path "diagnoses.look.pods", expected one that begins with alert, params, found, run, diagnosis, steps, checks, answers. Did you mean diagnosis?',
    ],
  ])('to %s is refused', (_name, reference, message) => {
    expect(drainKeep(reference)).toEqual([expect.stringContaining(message)]);
  });

  test('to a fact, a list of facts and the earlier result of a step is fine where the type fits', () => {
    expect(drainKeep('diagnosis.look.pods')).toEqual([]);
    expect(changed('gracePeriod: 2m', 'skip: { from: diagnosis.look.names }')).toEqual([]);
    expect(changed('gracePeriod: 2m', 'skip: [{ from: params.node }, { from: diagnosis.look.cause }]')).toEqual([]);
    expect(changed('gracePeriod: 2m', 'skip: [{ from: steps.cordon.wasCordoned }]')).toEqual([
      expect.stringContaining('with.skip[0]: steps.cordon.wasCordoned is true or false, expected text'),
    ]);
  });

  test('that may be absent goes only where the parameter is optional', () => {
    const inDrain = (name: string, reference: string): readonly string[] =>
      changed('node: { from: params.node }, gracePeriod: 2m', `${name}: { from: ${reference} }${name === 'node' ? '' : ', node: w1'}`);
    expect(inDrain('node', 'diagnosis.look.zone')).toEqual([
      expect.stringContaining('diagnosis.look.zone may be absent, expected something that is always there'),
    ]);
    expect(inDrain('node', 'diagnosis.look.uid')).toEqual([expect.stringContaining('may be absent')]);
    expect(inDrain('node', 'alert.labels.node')).toEqual([expect.stringContaining('make it a parameter with from')]);
    expect(inDrain('mode', 'alert.labels.mode')).toEqual([]);
    expect(changed('type: node, from', 'type: node, optional: true, from').join('\n')).toContain('target: params.node may be absent');
  });

  test('to a step that can be skipped may be absent, unless the stage asks the same', () => {
    const stages = (when: string): string => `
summary: x
target: { from: run.cluster }
diagnose: [{ id: look, action: node.diagnose, with: { node: w1 } }]
stages:
  - id: first
    when: { from: diagnosis.look.kubeletAnswers, is: true }
    steps: [{ id: drain, action: node.drain, with: { node: w1 } }]
  - id: second
    ${when}
    steps: [{ id: again, action: node.drain, with: { node: w1, skip: [{ from: run.id }], keep: { from: steps.drain.moved } } }]
  - id: third
    ${when}
    steps: [{ id: more, action: node.drain, with: { node: w1, skip: [{ from: diagnosis.look.cause }] } }]
    verify: [{ id: proof, action: node.ready, with: { node: { from: steps.drain.moved } } }]
`;
    expect(problemsOf(stages('')).join('\n')).toContain(
      'verify[0].with.node: steps.drain.moved may be absent, expected something that is always there: it can be skipped, so give this stage the same when',
    );
    // With the same condition it is there, and then its type counts.
    for (const when of ['when: { from: diagnosis.look.kubeletAnswers, is: true, else: stop }', 'when: { from: steps.drain.moved, over: 0 }']) {
      expect(problemsOf(stages(when))).toEqual([expect.stringContaining('steps.drain.moved is a number, expected text')]);
    }
  });

  test('in a check of the stage sees the results of its steps', () => {
    const verify = 'verify: [{ action: workload.ready, with: { node: { from: ';
    expect(changed(`${verify}params.node`, `${verify}steps.drain.moved`)).toEqual([expect.stringContaining('steps.drain.moved is a number, expected text')]);
  });

  test('to a named check and to an answer is typed as well', () => {
    const back = '  - id: return';
    const asked = (ask: string, reference: string): readonly string[] =>
      changed(
        back,
        `  - id: swap\n    ask: { text: Swap?, role: owner, within: 1h, answer: ${ask} }\n  - id: next\n    steps: [{ id: other, action: node.drain, with: { node: w1, keep: { from: ${reference} } } }]\n${back}`,
      );
    expect(asked('{ type: number }', 'answers.swap.value')).toEqual([]);
    expect(asked('{ type: text }', 'answers.swap.value')).toEqual([expect.stringContaining('answers.swap.value is text, expected a number')]);
    expect(asked('{ type: number }', 'answers.swap.who')).toEqual([expect.stringContaining('expected answers.swap.value, answers.swap.by or answers.swap.at')]);
    expect(asked('{ type: number }', 'checks.back.since')).toEqual([expect.stringContaining('checks.back.since is text, expected a number')]);
  });
});

describe('a condition', () => {
  const when = (text: string): readonly string[] =>
    changed('when: { from: diagnosis.look.kubeletAnswers, is: true }', `when: { from: diagnosis.look.${text} }`);

  test.each([
    ['kubeletAnswers, is: yes', 'diagnosis.look.kubeletAnswers is true or false, so it is never "yes"'],
    ['cause, over: 3', 'diagnosis.look.cause is one of "network", "disk", expected a number to compare with over'],
    ['cause, in: [disk, dsik]', 'so it is never "dsik"'],
    ['pods, not: none', 'diagnosis.look.pods is a number, so it is never "none"'],
    ['podz, over: 3', 'diagnosis.look has no podz'],
  ])('that can never hold is refused: %s', (text, message) => {
    expect(when(text)).toEqual([expect.stringContaining(message)]);
  });

  test('that can hold is fine, also about what may be absent', () => {
    for (const text of ['pods, over: 3', 'cause, in: [disk]', 'cause, not: network', 'zone, present: false', 'uid, is: x'])
      expect(when(text), text).toEqual([]);
  });
});

describe('the head', () => {
  test.each([
    ['a matcher that is none', `match: ['alertname =~ "KubeNodeNotReady|`, `match: ['alertname ~= "KubeNodeNotReady|`, 'match[0]: found "alertname ~= '],
    ['a ladder of its own', 'escalate: default', 'escalate: nights', 'escalate: there is no ladder nights. Known: default.'],
    [
      'a target that is known only later',
      'target: { from: params.node }',
      'target: { from: steps.cordon.wasCordoned }',
      'target: steps.* is not known yet here',
    ],
    ['a lock that is no text', 'correlate: [cluster]', 'locks: [{ from: diagnosis.look.pods }]', 'locks[0]: diagnosis.look.pods is a number, expected text'],
    ['a parameter that comes from a step', 'from: alert.labels.node', 'from: steps.cordon.x', 'params.node.from: steps.* is not known yet here'],
    [
      'a default of another type',
      'type: node, from: alert.labels.node',
      'type: duration, default: soon',
      'params.node.default: found "soon", expected a duration',
    ],
    ['a choice without choices', 'type: node, from', 'type: choice, from', 'params.node: a choice needs choose'],
    [
      'choices of another type',
      'type: node, from',
      'type: node, choose: [w1, "w 2"], from',
      'params.node.choose[1]: found "w 2", which is no value of the type node',
    ],
    ['a name that is used twice', 'id: uncordon', 'id: drain', 'stages[3].steps[0].id: the name drain is used twice'],
    [
      'a cluster that is no name',
      '- id: back',
      '- id: back\n    cluster: { from: diagnosis.look.pods }',
      'stages[2].cluster: diagnosis.look.pods is a number, expected text',
    ],
  ])('refuses %s', (_name, from, to, message) => {
    expect(changed(from, to)).toEqual([expect.stringContaining(message)]);
  });

  test('refuses a schedule that never comes, and one that nobody can fill in', () => {
    const schedule = (text: string): readonly string[] => changed('correlate: [cluster]', `schedule: { ${text}, clusters: all }`);
    expect(schedule('cron: "61 * * * *"')).toEqual([
      expect.stringContaining('schedule.cron: expected a cron expression of five fields'),
      expect.stringContaining('params.node: a scheduled start has nobody to give node'),
    ]);
    expect(schedule('cron: "0 3 1 * *", timeZone: Europe/Berln').join('\n')).toContain('schedule.timeZone: expected a time zone such as UTC or Europe/Berlin');
    expect(schedule('cron: "0 3 * * * *"').join('\n')).toContain('schedule.cron');
  });

  test('refuses a finder that is none, and lets parameters come from a finder', () => {
    expect(changed('correlate: [cluster]', 'find: { action: node.diagnose, with: { node: x } }').join('\n')).toContain(
      'find.action: node.diagnose is a diagnosis, expected a finder here',
    );
    expect(problemsOf(fixture.replace('correlate: [cluster]', 'find: { action: node.find }').replace('from: alert.labels.node', 'from: found.node'))).toEqual(
      [],
    );
  });
});

describe('people', () => {
  const ask = (text: string): readonly string[] => changed('  - id: return', `  - id: swap\n    ask: { text: Swap?, within: 1h, ${text} }\n  - id: return`);

  test.each([
    ['a choice without choices', 'role: owner, answer: { type: choice }', 'ask.answer: a choice needs choose'],
    ['choices of no choice', 'role: owner, answer: { type: text, choose: [a] }', 'ask.answer.choose: choose belongs to the type choice'],
    [
      'an answer to go on with that nobody can give',
      'role: owner, answer: { type: choice, choose: [swap, keep], goOn: [swpa] }',
      'ask.answer.goOn[0]: found "swpa", which is no answer of the type choice. Did you mean swap?',
    ],
    ['yes as text', 'role: owner, answer: { type: yes-no, goOn: ["yes"] }', 'goOn[0]: found "yes", which is no answer of the type yes-no'],
    ['a role of its own', 'role: boss, answer: { type: text }', 'ask.role: there is no role boss. Known: approver, commander, owner.'],
    [
      'something to show that is not there',
      'role: owner, show: [{ from: steps.cordn.x }], answer: { type: text }',
      'ask.show[0]: there is no step cordn. Did you mean cordon?',
    ],
  ])('refuses %s', (_name, text, message) => {
    expect(ask(text)).toEqual([expect.stringContaining(message)]);
  });

  test('approve by role in shipped playbooks, by team in a site’s own', () => {
    const approval = fixture.replace('settle: 60s', 'approval: { need: [{ team: storage, count: 1 }] }');
    expect(problemsOf(approval)).toEqual([expect.stringContaining('approval.need[0].team: there is no team storage')]);
    expect(problemsOf(approval, { ...SHIPPED_NAMES, teams: ['storage'] })).toEqual([]);
    expect(changed('settle: 60s', 'approval: { within: 8d }')).toEqual([expect.stringContaining('approval.within: found more than 7d')]);
  });
});
