import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Requirement } from '../../../src/model/approval.ts';
import type { RunMail } from '../../../src/model/mail.ts';
import { isOpen, OPEN_STATES, type Run } from '../../../src/model/run.ts';
import { advance, transitions } from '../../../src/run/advance.ts';
import type { About, Observation, Turn } from '../../../src/run/observation.ts';
import { NOW_MS, plan, playbook, policy, run, stepStates } from './samples.ts';

const about: About = { playbook: playbook(), policy, nowMs: NOW_MS };
const people: Requirement = {
  kind: 'people',
  need: [{ team: 'platform', count: 1 }],
  notRequester: false,
  withinMs: 900_000,
  remindMs: 300_000,
  words: 'needs 1 of platform',
};
const steps = ['one', 'two'];
const planned: Observation = { kind: 'planned', plan: plan(steps), steps: stepStates(steps), requirement: people };
const found = (finding: Extract<Observation, { kind: 'found' }>['finding']): Observation => ({ kind: 'found', finding, facts: {}, evidence: [], measured: {} });
const mail = (letter: RunMail, atMs = NOW_MS): Observation => ({ kind: 'mail', mail: letter, atMs });
const act = found({ kind: 'act', reason: 'it can be done again' });

/** Plays observations one after another and answers the last turn. */
function play(start: Run, seen: readonly Observation[], at: About = about): Turn {
  let turn: Turn = { run: start, effect: { kind: 'none' }, entries: [], tell: [] };
  for (const one of seen) turn = advance(turn.run, one, at);
  return turn;
}

const proposed = (): Run => play(run(), [{ kind: 'claimed' }, act, planned]).run;
const approve = mail({ kind: 'approve', by: 'ana', plan: plan(steps).digest, surface: 'api' });
const executing = (): Run => play(proposed(), [approve, { kind: 'started' }]).run;

describe('the straight way', () => {
  test('a new run diagnoses, plans, proposes, and executes only after the approval of that very digest', () => {
    const first = advance(run(), { kind: 'claimed' }, about);
    expect([first.run.state, first.effect.kind]).toEqual(['diagnosing', 'diagnose']);
    const second = advance(first.run, act, about);
    expect(second.effect).toEqual({ kind: 'plan' });
    const third = advance(second.run, planned, about);
    expect([third.run.state, third.effect.kind, third.run.generation]).toEqual(['proposed', 'none', 1]);
    const fourth = advance(third.run, approve, about);
    expect([fourth.run.state, fourth.effect.kind]).toEqual(['executing', 'start']);
    expect(advance(fourth.run, { kind: 'started' }, about).effect).toEqual({ kind: 'execute', step: 'one' });
  });

  test('steps follow one another, are verified together, and the next stage begins', () => {
    const after = play(executing(), [{ kind: 'step-done', step: 'one', result: { name: 'a' } }]);
    expect(after.effect).toEqual({ kind: 'execute', step: 'two' });
    const verifying = play(after.run, [{ kind: 'step-done', step: 'two', result: {} }]);
    expect([verifying.run.state, verifying.effect.kind]).toEqual(['verifying', 'verify']);
    const awaiting = play(verifying.run, [{ kind: 'verified', checks: {}, evidence: [], measured: {} }]);
    expect([awaiting.run.state, awaiting.run.waiting?.what, awaiting.effect.kind]).toEqual(['waiting', 'await', 'check']);
    const asking = play(awaiting.run, [{ kind: 'checked', facts: { ready: true }, evidence: [], measured: {} }]);
    expect([asking.run.waiting?.what, asking.run.checks]).toEqual(['ask', { back: { ready: true } }]);
    const answered = play(asking.run, [mail({ kind: 'answer', by: 'ana', surface: 'api', ask: 'sure', value: 'yes' })]);
    expect([answered.run.state, answered.effect.kind, answered.run.answers['sure']?.value]).toEqual(['diagnosing', 'plan', true]);
  });

  test('an empty plan asks nobody and still starts', () => {
    const turn = play(run(), [{ kind: 'claimed' }, act, { ...planned, requirement: { kind: 'none' } }]);
    expect([turn.run.state, turn.effect.kind]).toEqual(['executing', 'start']);
  });

  test('an automatic stage settles, looks again, and only then starts', () => {
    const settling = { ...about, playbook: playbook({ stages: [{ id: 'first', settle: '60s', steps: [{ id: 'one', action: 'test.write' }] }] }) };
    const auto = { ...planned, requirement: { kind: 'auto', limits: [] } } as Observation;
    const waiting = play(run(), [{ kind: 'claimed' }, act, auto], settling);
    expect([waiting.run.waiting?.what, waiting.run.dueMs]).toEqual(['settle', NOW_MS + 60_000]);
    expect(advance(waiting.run, { kind: 'claimed' }, settling).effect.kind).toBe('none');
    const looks = advance(waiting.run, { kind: 'claimed' }, { ...settling, nowMs: NOW_MS + 60_000 });
    expect(looks.effect.kind).toBe('diagnose');
    const starts = play(looks.run, [act, auto], { ...settling, nowMs: NOW_MS + 60_000 });
    expect([starts.run.state, starts.effect.kind]).toEqual(['executing', 'start']);
  });
});

describe('approvals', () => {
  test('an approval of another digest is refused and changes nothing', () => {
    const turn = play(proposed(), [mail({ kind: 'approve', by: 'ana', plan: 'f'.repeat(64), surface: 'api' })]);
    expect([turn.run.state, turn.run.approval?.votes]).toEqual(['proposed', []]);
    expect(turn.entries[0]).toMatchObject({ type: 'approval.refused', data: { code: 'approval.plan-changed' } });
  });

  test('somebody without the right is refused by name', () => {
    const turn = play(proposed(), [mail({ kind: 'approve', by: 'cleo', plan: plan(steps).digest, surface: 'api' })]);
    expect(turn.run.state).toBe('proposed');
    expect(turn.entries[0]).toMatchObject({ type: 'approval.refused', data: { by: 'cleo' } });
  });

  test('a press that was committed before the expiry counts, even when it is read after it', () => {
    const late: About = { ...about, nowMs: NOW_MS + 900_001 };
    expect(play(proposed(), [mail({ kind: 'approve', by: 'ana', plan: plan(steps).digest, surface: 'api' }, NOW_MS + 899_000)], late).run.state).toBe(
      'executing',
    );
    expect(play(proposed(), [mail({ kind: 'approve', by: 'ana', plan: plan(steps).digest, surface: 'api' }, NOW_MS + 900_001)], late).run.state).toBe(
      'proposed',
    );
  });

  test('nobody answers: reminded, the ladder once, then expired with nothing undone but what always is', () => {
    const reminded = advance(proposed(), { kind: 'claimed' }, { ...about, nowMs: NOW_MS + 300_000 });
    expect(reminded.entries.map(({ type }) => type)).toEqual(['approval.reminded']);
    const looks = advance(reminded.run, { kind: 'claimed' }, { ...about, nowMs: NOW_MS + 900_000 });
    expect([looks.run.state, looks.effect.kind, looks.tell]).toEqual(['proposed', 'diagnose', []]);
    const escalated = advance(looks.run, act, { ...about, nowMs: NOW_MS + 900_500 });
    expect(escalated.tell).toMatchObject([{ kind: 'escalate', ladder: 'default' }]);
    expect(escalated.run.state).toBe('proposed');
    const expired = advance(escalated.run, { kind: 'claimed' }, { ...about, nowMs: NOW_MS + 1_800_500 });
    expect([expired.run.state, expired.effect.kind]).toEqual(['expired', 'end']);
  });

  test('before people are called it is looked at once more: what is over calls nobody, a press still counts, and a look that fails calls them', () => {
    const late: About = { ...about, nowMs: NOW_MS + 900_000 };
    const { run } = advance(proposed(), { kind: 'claimed' }, late);
    const over = advance(run, found({ kind: 'recovered', reason: 'a newer one is fine' }), late);
    expect([over.run.state, over.tell.filter(({ kind }) => kind === 'escalate')]).toEqual(['recovered', []]);
    const press = mail({ kind: 'approve', by: 'ana', plan: plan(steps).digest, surface: 'api' }, NOW_MS + 900_100);
    expect(play(run, [press], { ...about, nowMs: NOW_MS + 900_100 }).run.state).toBe('executing');
    const failed = advance(run, { kind: 'trouble', code: 'kube.timeout', reason: 'away', afterMs: 1000 }, late);
    expect(failed.run.dueMs).toBeLessThanOrEqual(late.nowMs);
    expect(advance(failed.run, { kind: 'claimed' }, late).tell).toMatchObject([{ kind: 'escalate' }]);
  });

  test('a plan that changed is proposed again under a new generation, and says what changed', () => {
    const voided = play(executing(), [{ kind: 'voided', changed: ['uid was "a" and is "b"'] }]);
    expect([voided.run.state, voided.effect.kind, voided.run.plan]).toEqual(['diagnosing', 'diagnose', undefined]);
    const again = play(voided.run, [act, { ...planned, plan: plan(steps, 2), steps: stepStates(steps, { generation: 2 }) }]);
    expect([again.run.state, again.run.generation]).toEqual(['proposed', 2]);
    expect(again.entries.at(-1)).toMatchObject({ type: 'run.proposed', data: { changed: ['uid was "a" and is "b"'] } });
  });

  test('an approval that was held past its time is void', () => {
    const held = play(proposed(), [approve, { kind: 'held', hold: { kind: 'hold', gate: 'freeze', reason: 'frozen' } }]);
    const late = advance(held.run, { kind: 'claimed' }, { ...about, nowMs: NOW_MS + 900_001 });
    expect([late.run.state, late.effect.kind]).toEqual(['diagnosing', 'diagnose']);
  });

  test('a resolved alert makes a proposal look again; only "recovered" withdraws it', () => {
    const looks = play(proposed(), [mail({ kind: 'resolved', episode: 'e1' })]);
    expect([looks.run.state, looks.effect.kind]).toEqual(['proposed', 'diagnose']);
    const stays = advance(looks.run, act, about);
    expect([stays.run.state, stays.entries.at(-1)?.type]).toEqual(['proposed', 'proposal.stays']);
    const gone = advance(looks.run, found({ kind: 'recovered', reason: 'a newer one is fine' }), about);
    expect([gone.run.state, gone.effect.kind]).toEqual(['recovered', 'end']);
  });
});

describe('waiting', () => {
  test('a wait looks again when it is due, and hands over when its patience is over, counted from the first wait', () => {
    const wait = found({ kind: 'wait', reason: 'storage away', lookAgainMs: 30_000, giveUpMs: 60_000 });
    const first = play(run(), [{ kind: 'claimed' }, wait]);
    expect([first.run.state, first.run.dueMs]).toEqual(['waiting', NOW_MS + 30_000]);
    const later: About = { ...about, nowMs: NOW_MS + 30_000 };
    const second = play(first.run, [{ kind: 'claimed' }, wait], later);
    expect(second.run.dueMs).toBe(NOW_MS + 60_000);
    const over = play(second.run, [{ kind: 'claimed' }, wait], { ...about, nowMs: NOW_MS + 60_000 });
    expect(over.run.state).toBe('handed-over');
  });

  test('an await that is never answered escalates once, waits once more, then is handed over', () => {
    const waiting = play(run({ stage: 1 }), [{ kind: 'claimed' }, act]).run;
    const no: Observation = { kind: 'unchecked', reason: 'still away', again: true };
    const escalated = advance(waiting, no, { ...about, nowMs: NOW_MS + 3_600_000 });
    expect(escalated.tell).toMatchObject([{ kind: 'escalate' }]);
    const over = advance(escalated.run, no, { ...about, nowMs: NOW_MS + 7_200_000 });
    expect(over.run.state).toBe('handed-over');
  });

  test('an answer that does not go on hands over', () => {
    const asking = play(run({ stage: 2 }), [{ kind: 'claimed' }, act]).run;
    const turn = play(asking, [mail({ kind: 'answer', by: 'ana', surface: 'api', ask: 'sure', value: 'no' })]);
    expect([turn.run.state, turn.run.answers['sure']?.value]).toEqual(['handed-over', false]);
  });
});

describe('ends', () => {
  test('a failed step rolls back what was begun, latest first, and then ends rolled back', () => {
    const failed = play(executing(), [
      { kind: 'step-done', step: 'one', result: {} },
      { kind: 'step-failed', step: 'two', reason: 'no' },
    ]);
    expect([failed.run.state, failed.effect]).toEqual(['closing', { kind: 'undo', step: 'two', generation: 1 }]);
    const next = play(failed.run, [{ kind: 'undone', step: 'two', generation: 1, evidence: '' }]);
    expect(next.effect).toEqual({ kind: 'undo', step: 'one', generation: 1 });
    const end = play(next.run, [{ kind: 'undone', step: 'one', generation: 1, evidence: '' }]);
    expect([end.run.state, end.effect.kind]).toEqual(['rolled-back', 'end']);
  });

  test('with --keep a cancel undoes only what must always be undone', () => {
    const done = play(executing(), [
      { kind: 'step-done', step: 'one', result: {} },
      { kind: 'step-observing', step: 'two', result: {} },
    ]).run;
    const kept = play(done, [mail({ kind: 'cancel', by: 'ana', surface: 'api', keep: true, reason: 'enough' })]);
    expect(kept.effect).toEqual({ kind: 'undo', step: 'two', generation: 1 });
    expect(play(kept.run, [{ kind: 'undone', step: 'two', generation: 1, evidence: '' }]).run.state).toBe('cancelled');
  });

  test('an undo that fails keeps the run closing, is tried again ever more slowly, and pages at the third time', () => {
    const closing = play(executing(), [{ kind: 'step-failed', step: 'one', reason: 'no' }]).run;
    const fails: Observation = { kind: 'undo-failed', step: 'one', reason: 'forbidden' };
    const turns = [advance(closing, fails, about)];
    for (let at = 0; at < 3; at += 1) turns.push(advance(turns.at(-1)?.run ?? closing, fails, about));
    expect(turns.map((turn) => turn.run.state)).toEqual(['closing', 'closing', 'closing', 'closing']);
    expect(turns.map((turn) => turn.tell.length)).toEqual([0, 0, 1, 0]);
    expect(turns.map((turn) => (turn.run.dueMs ?? 0) - NOW_MS)).toEqual([2000, 4000, 8000, 16_000]);
  });

  test('a storm takes over what nobody has approved, and leaves what has begun', () => {
    const storm = mail({ kind: 'supersede', by: 'storm', surface: 'storm', reason: 'three nodes' });
    expect(play(proposed(), [storm]).run.state).toBe('superseded');
    expect(play(executing(), [storm]).run.state).toBe('executing');
    // Nobody was asked about an automatic change, so it gives way, and what it did is undone.
    const automatic = play(run(), [{ kind: 'claimed' }, act, { ...planned, requirement: { kind: 'auto', limits: [] } }, { kind: 'started' }]).run;
    expect(automatic.state).toBe('executing');
    const given = play(automatic, [{ kind: 'step-done', step: 'one', result: {} }, storm]);
    expect([given.run.state, given.effect]).toEqual(['closing', { kind: 'undo', step: 'two', generation: 1 }]);
  });
});

describe('every state', () => {
  test('has an entry, and knows what to do when it is taken up again after a crash', () => {
    const samples: { readonly [S in (typeof OPEN_STATES)[number]]: Run } = {
      queued: run(),
      diagnosing: run({ state: 'diagnosing', doing: 'diagnose' }),
      waiting: play(run({ stage: 1 }), [{ kind: 'claimed' }, act]).run,
      proposed: proposed(),
      executing: executing(),
      verifying: play(executing(), [
        { kind: 'step-done', step: 'one', result: {} },
        { kind: 'step-done', step: 'two', result: {} },
      ]).run,
      closing: play(executing(), [{ kind: 'step-failed', step: 'one', reason: 'no' }]).run,
    };
    expect(Object.keys(transitions).sort()).toEqual([...OPEN_STATES].sort());
    for (const state of OPEN_STATES) {
      expect(samples[state].state, state).toBe(state);
      const turn = advance(samples[state], { kind: 'claimed' }, about);
      expect(turn.effect.kind !== 'none' || turn.run.dueMs !== undefined, `${state} goes on or comes back`).toBe(true);
    }
  });

  test('ends and ignores what comes too late', () => {
    const ended = play(proposed(), [mail({ kind: 'reject', by: 'ana', surface: 'api', reason: 'no' })]).run;
    expect(ended.state).toBe('rejected');
    for (const late of [approve, { kind: 'claimed' } as const, act, planned])
      expect(advance(ended, late, about)).toEqual({ run: ended, effect: { kind: 'none' }, entries: [], tell: [] });
  });
});

const letters: readonly RunMail[] = [
  { kind: 'approve', by: 'ana', plan: plan(steps).digest, surface: 'api' },
  { kind: 'approve', by: 'cleo', plan: plan(steps).digest, surface: 'api' },
  { kind: 'approve', by: 'ana', plan: 'wrong', surface: 'api' },
  { kind: 'reject', by: 'ben', surface: 'api', reason: 'no' },
  { kind: 'cancel', by: 'ana', surface: 'api', keep: false, reason: 'stop' },
  { kind: 'cancel', by: 'ana', surface: 'api', keep: true, reason: 'stop' },
  { kind: 'resolved', episode: 'e1' },
  { kind: 'joined', episode: 'e2' },
  { kind: 'look', why: 'news' },
  { kind: 'supersede', by: 'storm', surface: 'storm', reason: 'storm' },
  { kind: 'answer', by: 'ana', surface: 'api', ask: 'sure', value: true },
];
const observations: readonly Observation[] = [
  { kind: 'claimed' },
  act,
  found({ kind: 'wait', reason: 'away', lookAgainMs: 1000, giveUpMs: 10_000 }),
  found({ kind: 'recovered', reason: 'fine' }),
  found({ kind: 'hand-over', reason: 'permanent', hints: [] }),
  planned,
  { ...planned, requirement: { kind: 'auto', limits: [] } },
  { kind: 'unplannable', reason: 'no', hints: [] },
  { kind: 'started' },
  { kind: 'voided', changed: ['x'] },
  { kind: 'held', hold: { kind: 'hold', gate: 'pause', reason: 'paused' } },
  ...steps.flatMap((step): Observation[] => [
    { kind: 'step-done', step, result: {} },
    { kind: 'step-observing', step, result: {} },
    { kind: 'step-pending', step, afterMs: 1000, progress: 'p' },
    { kind: 'step-failed', step, reason: 'f' },
    { kind: 'undone', step, generation: 1, evidence: '' },
    { kind: 'undo-failed', step, reason: 'f' },
    { kind: 'undo-more', step, generation: 1, afterMs: 1000, progress: 'p' },
    { kind: 'undo-impossible', step, generation: 1, reason: 'gone' },
    { kind: 'step-unknown', step, reason: 'silence' },
  ]),
  { kind: 'verified', checks: {}, evidence: [], measured: {} },
  { kind: 'unverified', reason: 'no', again: true },
  { kind: 'unverified', reason: 'no', again: false, step: 'one' },
  { kind: 'interrupted' },
  { kind: 'checked', facts: {}, evidence: [], measured: {} },
  { kind: 'trouble', code: 'kube.unavailable', reason: 'away', afterMs: 1000 },
  ...letters.map((letter) => mail(letter)),
];

describe('whatever is seen, in whatever order', () => {
  test('nothing is executed without a granted approval of the current plan, and an end is an end', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...observations), { maxLength: 40 }), fc.array(fc.nat(400_000), { maxLength: 40 }), (seen, waits) => {
        let current = run();
        let nowMs = NOW_MS;
        for (const [at, one] of seen.entries()) {
          nowMs += waits[at] ?? 0;
          const turn = advance(current, one, { ...about, nowMs });
          if (turn.effect.kind === 'execute' || turn.effect.kind === 'start') {
            expect(turn.run.approval?.grantedMs).toBeDefined();
            expect(turn.run.plan).toBeDefined();
          }
          if (!isOpen(current.state)) expect(turn.run).toEqual(current);
          // Whatever it waits for has an end: nothing is parked without a time to come back.
          if (turn.run.state === 'waiting' || turn.run.state === 'proposed') expect(turn.run.dueMs ?? turn.effect.kind).not.toBe('none');
          if (turn.effect.kind === 'end')
            expect(turn.run.steps.filter((step) => step.undo === 'always' && !['planned', 'undone', 'not-undone', 'written-off'].includes(step.phase))).toEqual(
              [],
            );
          current = turn.run;
        }
      }),
      { numRuns: 2000 },
    );
  });
});
