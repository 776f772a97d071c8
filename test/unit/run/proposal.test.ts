import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decide } from '../../../src/approval/decide.ts';
import type { Requirement } from '../../../src/model/approval.ts';
import type { RunMail } from '../../../src/model/mail.ts';
import type { Run } from '../../../src/model/run.ts';
import { advance } from '../../../src/run/advance.ts';
import type { About, Observation } from '../../../src/run/observation.ts';
import { ballotOf } from '../../../src/run/state/ballot.ts';
import { NOW_MS, plan, playbook, policy, run, stepStates } from './samples.ts';

const MINUTE_MS = 60_000;
const WEEK_MS = 604_800_000;
const steps = ['one', 'two'];
const { digest } = plan(steps);

const asks = (change: Partial<Extract<Requirement, { kind: 'people' }>> = {}): Requirement => ({
  kind: 'people',
  need: [{ team: 'platform', count: 2 }],
  notRequester: false,
  withinMs: 15 * MINUTE_MS,
  remindMs: 0,
  words: '',
  ...change,
});
const at = (nowMs: number): About => ({ playbook: playbook(), policy, nowMs });
const proposedBy = (requirement: Requirement): Run => {
  const seen: readonly Observation[] = [
    { kind: 'claimed' },
    { kind: 'found', finding: { kind: 'act', reason: '' }, facts: {}, evidence: [], measured: {} },
    { kind: 'planned', plan: plan(steps), steps: stepStates(steps), requirement },
  ];
  return seen.reduce((now, one) => advance(now, one, at(NOW_MS)).run, run());
};
const told = (now: Run, mail: RunMail, nowMs: number) => advance(now, { kind: 'mail', mail, atMs: nowMs }, at(nowMs));
/** What was looked at once more is as it was: then its time counts. */
function timeUp(now: Run, nowMs: number) {
  const looks = advance(now, { kind: 'claimed' }, at(nowMs));
  if (looks.effect.kind !== 'diagnose') return looks;
  return advance(looks.run, { kind: 'found', finding: { kind: 'act', reason: '' }, facts: {}, evidence: [], measured: {} }, at(nowMs));
}

test('each stage adds people and calls somebody under the key of the proposal, and an answer stops them all', () => {
  const stages = [
    { addApprovers: ['incident-command'], page: 'second', withinMs: 10 * MINUTE_MS },
    { addApprovers: [], page: 'boss', withinMs: 5 * MINUTE_MS },
  ];
  const key = `run/0123456789abcdef-1/${digest.slice(0, 8)}`;
  const first = timeUp(proposedBy(asks({ stages })), NOW_MS + 15 * MINUTE_MS);
  expect(first.tell).toEqual([{ kind: 'escalate', key: `${key}/stage-1`, ladder: 'page:second', reason: expect.stringContaining('Nobody decided') }]);
  expect(first.run.approval).toMatchObject({ stage: 1, expiresMs: NOW_MS + 25 * MINUTE_MS });
  const second = timeUp(first.run, NOW_MS + 25 * MINUTE_MS);
  expect(second.tell).toMatchObject([{ key: `${key}/stage-2`, ladder: 'page:boss' }]);
  const one = told(second.run, { kind: 'approve', by: 'cleo', plan: digest, surface: 'api' }, NOW_MS + 26 * MINUTE_MS);
  const both = told(one.run, { kind: 'approve', by: 'ana', plan: digest, surface: 'api' }, NOW_MS + 27 * MINUTE_MS);
  expect(both.run.state).toBe('executing');
  expect(both.tell).toEqual([{ kind: 'calm', key, by: 'cleo, ana' }]);
});

test('a hold that nobody ends is over after a week, and so is a proposal that is kept', () => {
  const held = told(proposedBy(asks()), { kind: 'hold', by: 'ana', surface: 'api', reason: 'not yet' }, NOW_MS).run;
  expect(advance(held, { kind: 'claimed' }, at(NOW_MS + WEEK_MS - 1)).run.state).toBe('proposed');
  expect(advance(held, { kind: 'claimed' }, at(NOW_MS + WEEK_MS)).run).toMatchObject({
    state: 'expired',
    closing: { reason: expect.stringContaining('ana held it') },
  });

  const ladder = timeUp(proposedBy(asks({ onExpiry: 'hold' })), NOW_MS + 15 * MINUTE_MS).run;
  const kept = timeUp(ladder, NOW_MS + 30 * MINUTE_MS).run;
  expect(kept).toMatchObject({ state: 'proposed', approval: { keptMs: NOW_MS + 30 * MINUTE_MS } });
  expect(advance(kept, { kind: 'claimed' }, at(NOW_MS + 30 * MINUTE_MS + WEEK_MS)).run.state).toBe('expired');
});

test('a yes is taken back until the first step is begun, and not after', () => {
  const vote = (now: Run, by: string): Run => told(now, { kind: 'approve', by, plan: digest, surface: 'api' }, NOW_MS).run;
  const granted = vote(vote(proposedBy(asks()), 'ana'), 'ben');
  expect(granted).toMatchObject({ state: 'executing', doing: 'start' });
  const open = told(granted, { kind: 'withdraw', by: 'ben', surface: 'api' }, NOW_MS);
  expect(open.run).toMatchObject({ state: 'proposed', approval: { votes: [{ by: 'ana' }] } });
  expect(open.run.approval?.grantedMs).toBeUndefined();
  const begun = advance(granted, { kind: 'started' }, at(NOW_MS)).run;
  const late = told(begun, { kind: 'withdraw', by: 'ben', surface: 'api' }, NOW_MS);
  expect(late.run.state).toBe('executing');
  expect(late.entries).toMatchObject([{ type: 'withdraw.refused', data: { reason: expect.stringContaining('salvor cancel') } }]);
});

const who = fc.constantFrom('ana', 'ben', 'cleo', 'mallory');
const anyMail: fc.Arbitrary<RunMail> = fc.oneof(
  who.map((by): RunMail => ({ kind: 'approve', by, plan: digest, surface: 'api' })),
  who.map((by): RunMail => ({ kind: 'approve', by, plan: digest, surface: 'slack' })),
  who.map((by): RunMail => ({ kind: 'approve', by, plan: 'f'.repeat(64), surface: 'api' })),
  who.map((by): RunMail => ({ kind: 'approve', by, plan: digest, surface: 'api', breakGlass: 'a flood' })),
  who.map((by): RunMail => ({ kind: 'withdraw', by, surface: 'api' })),
  who.map((by): RunMail => ({ kind: 'hold', by, surface: 'api', reason: 'wait' })),
  who.map((by): RunMail => ({ kind: 'release', by, surface: 'api' })),
);
const anyRequirement = fc.constantFrom(
  asks(),
  asks({ stages: [{ addApprovers: ['incident-command'], withinMs: 5 * MINUTE_MS }] }),
  asks({ need: [{ role: 'approver', count: 1 }], onExpiry: 'hold' }),
  asks({ breakGlass: { need: [{ team: 'incident-command', count: 1 }] } }),
  asks({
    need: [
      { team: 'platform', count: 1 },
      { team: 'incident-command', count: 1 },
    ],
    distinctTeams: true,
  }),
);

test('whatever people say in whatever order: it starts only with enough votes that stand, never while it is held, and never by time', () => {
  fc.assert(
    fc.property(
      anyRequirement,
      fc.array(fc.tuple(fc.option(anyMail, { nil: undefined }), fc.integer({ min: 0, max: 9 * MINUTE_MS })), { maxLength: 25 }),
      (requirement, story) => {
        let now = proposedBy(requirement);
        let nowMs = NOW_MS;
        for (const [mail, laterMs] of story) {
          nowMs += laterMs;
          const before = now;
          const turn = mail === undefined ? timeUp(now, nowMs) : told(now, mail, nowMs);
          now = turn.run;
          if (now.state === 'proposed' || now.state === 'executing') {
            const votes = now.approval?.votes ?? [];
            expect(new Set(votes.map(({ by }) => by)).size).toBe(votes.length);
            expect(votes.every(({ by, plan: of }) => by !== 'mallory' && of === digest)).toBe(true);
          }
          if (before.state === 'proposed' && now.state === 'executing') {
            expect(mail?.kind === 'approve' || mail?.kind === 'release').toBe(true);
            if (now.approval === undefined) throw new Error('it starts without an approval');
            expect(now.approval.held).toBeUndefined();
            expect(decide({ ...ballotOf({ ...now, approval: now.approval }, { policy }), votes: now.approval.votes }).kind).toBe('granted');
          }
          if (before.state === 'executing' && now.state === 'proposed') expect(mail?.kind).toBe('withdraw');
        }
      },
    ),
    { numRuns: 300 },
  );
});
