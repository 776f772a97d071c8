// The diagram of a run's life, found by walking the transition table itself: from a new run, every kind of observation, until nothing new is seen.
import { emptyChain } from '../src/model/entry.ts';
import type { RunMail } from '../src/model/mail.ts';
import type { Plan, PlannedStep } from '../src/model/plan.ts';
import { isSteps, type Playbook, PlaybookFile } from '../src/model/playbook.ts';
import type { Policy } from '../src/model/policy.ts';
import { END_STATES, isOpen, type Run, type StepState } from '../src/model/run.ts';
import { advance } from '../src/run/advance.ts';
import { toUndo } from '../src/run/close.ts';
import type { Observation } from '../src/run/observation.ts';

const NOW_MS = 1_000_000;
const HOUR_MS = 3_600_000;

const ACT = { id: 'act', settle: '1m', steps: [{ id: 'one', action: 'some.action' }] };
const LAST = { id: 'last', onFailure: 'propose', steps: [{ id: 'two', action: 'some.action', undo: 'always' }] };
const END = { ...LAST, id: 'end', steps: [{ id: 'three', action: 'some.action', undo: 'always' }] };
const BACK = { id: 'back', await: { action: 'some.check', within: '1h', otherwise: 'hand-over' } };
const SURE = {
  id: 'sure',
  ask: { text: 'Sure?', role: 'approver', answer: { type: 'yes-no', goOn: [true] }, within: '1h', otherwise: 'hand-over' },
};

/** Playbooks with a stage of each kind before, behind and without each other. */
const playbooks: readonly Playbook[] = [[ACT, BACK, SURE], [SURE, BACK, LAST], [LAST, SURE, END, BACK], [BACK, ACT], [BACK], [ACT], [LAST], []].map(
  (stages) => {
    const file = PlaybookFile.parse({ summary: 'Any', target: { from: 'params.name' }, params: { name: { type: 'text' } }, stages });
    return { ...file, id: 'any', text: '', digest: 'p' };
  },
);

const approval = { need: [{ team: 'platform', count: 1 }], notRequester: false, typedConfirmation: false, withinMs: HOUR_MS, remindMs: 0 };
const policy: Policy = {
  people: [{ name: 'ana', teams: ['platform'] }],
  roles: { approver: ['platform'] },
  rights: { read: 'everyone', run: [], pause: [], supersede: [], configure: [] },
  approvals: { reversible: approval, destructive: approval, stricter: [], auto: [] },
  ladders: {},
  gates: { blastRadius: {}, windows: [], freezes: [] },
  unrouted: {},
  severities: {},
};

/** The plan of the stage that the run is in; a run without a stage of steps is never planned. */
function planOf(run: Run, { stages }: Playbook): { readonly plan: Plan; readonly steps: readonly StepState[] } {
  const stage = stages[run.stage];
  const [first] = stage !== undefined && isSteps(stage) ? stage.steps : [];
  const id = first?.id ?? 'one';
  const planned: PlannedStep = {
    step: id,
    action: 'some.action',
    cluster: 'prod',
    params: {},
    stepKey: 'key',
    risk: 'reversible',
    summary: '',
    changes: [{ verb: 'create', object: 'Thing/x' }],
    undo: [],
    facts: {},
  };
  const { undo = 'on-failure' } = first ?? {};
  return {
    plan: { stage: stage?.id ?? 'act', generation: 1, digest: 'd', risk: 'reversible', steps: [planned] },
    steps: [{ step: id, stage: stage?.id ?? 'act', generation: 1, planned, undo, withinMs: HOUR_MS, phase: 'planned', attempts: 0 }],
  };
}
const people = { kind: 'people', ...approval, words: '' } as const;

const found = (finding: Extract<Observation, { kind: 'found' }>['finding']): Observation => ({ kind: 'found', finding, facts: {}, evidence: [], measured: {} });
const mail = (letter: RunMail): Observation => ({ kind: 'mail', mail: letter, atMs: NOW_MS });

/** Every kind of observation of a run, with the word it has in the diagram. */
function seenIn(run: Run, playbook: Playbook): readonly (readonly [label: string, seen: Observation, laterMs?: number])[] {
  const { plan, steps } = planOf(run, playbook);
  // What is undone next, else what the plan does.
  const [step = ''] = [...(run.state === 'closing' ? toUndo(run) : []), ...plan.steps].map((one) => one.step);
  const waits = found({ kind: 'wait', reason: '', lookAgainMs: 1000, giveUpMs: HOUR_MS });
  const undoing = { step, generation: 1, evidence: '', reason: '' };
  return [
    ['taken up', { kind: 'claimed' }],
    ['its time is over', { kind: 'claimed' }, 3 * HOUR_MS],
    ['its time is over', { kind: 'claimed' }, 30 * HOUR_MS],
    ['finding: act', found({ kind: 'act', reason: '' })],
    ['finding: wait', waits],
    ['waited in vain', waits, 3 * HOUR_MS],
    ['finding: recovered', found({ kind: 'recovered', reason: '' })],
    ['finding: hand-over', found({ kind: 'hand-over', reason: '', hints: [] })],
    ['planned, people decide', { kind: 'planned', plan, steps, requirement: people }],
    ['planned, automatic', { kind: 'planned', plan, steps, requirement: { kind: 'auto', limits: [] } }],
    ['planned, nothing to change', { kind: 'planned', plan, steps, requirement: { kind: 'none' } }],
    ['cannot be planned', { kind: 'unplannable', reason: '', hints: [] }],
    ['gates, locks and digest hold', { kind: 'started' }],
    ['the plan changed', { kind: 'voided', changed: ['x'] }],
    ['step done', { kind: 'step-done', step, result: {} }],
    ['step goes on by itself', { kind: 'step-observing', step, result: {} }],
    ['step failed', { kind: 'step-failed', step, reason: '' }],
    ['outcome unknown', { kind: 'step-unknown', step, reason: '' }],
    ['verified', { kind: 'verified', checks: {}, evidence: [], measured: {} }],
    ['not verified', { kind: 'unverified', reason: '', again: false }],
    ['not verified', { kind: 'unverified', reason: '', again: false, step }],
    ['await: yes', { kind: 'checked', facts: {}, evidence: [], measured: {} }],
    ['await: no', { kind: 'unchecked', reason: '', again: false }],
    ['waited in vain', { kind: 'unchecked', reason: '', again: true }, 3 * HOUR_MS],
    ['approved', mail({ kind: 'approve', by: 'ana', plan: 'd', surface: 'api' })],
    ['taken back', mail({ kind: 'withdraw', by: 'ana', surface: 'api' })],
    ['held', mail({ kind: 'hold', by: 'ana', surface: 'api', reason: '' })],
    ['released', mail({ kind: 'release', by: 'ana', surface: 'api' })],
    ['rejected', mail({ kind: 'reject', by: 'ana', surface: 'api', reason: '' })],
    ['cancelled', mail({ kind: 'cancel', by: 'ana', surface: 'api', keep: false, reason: '' })],
    ['superseded', mail({ kind: 'supersede', by: 'ana', surface: 'api', reason: '' })],
    ['answered', mail({ kind: 'answer', by: 'ana', surface: 'api', ask: 'sure', value: true })],
    ['answered no', mail({ kind: 'answer', by: 'ana', surface: 'api', ask: 'sure', value: false })],
    ['settled', mail({ kind: 'settle', by: 'ana', surface: 'api', step, as: 'done' })],
    ['settled as not done', mail({ kind: 'settle', by: 'ana', surface: 'api', step, as: 'not-done' })],
    ['undone', { kind: 'undone', ...undoing }],
    ['cannot be undone', { kind: 'undo-impossible', ...undoing }],
    ['undo failed', { kind: 'undo-failed', ...undoing }],
  ];
}

const first: Run = {
  id: 'run/x-1',
  playbook: 'any',
  playbookDigest: 'p',
  cluster: 'prod',
  target: 'x',
  lockKeys: [],
  ordinal: 1,
  incident: 'incident/x-1',
  start: { by: 'rehearsal' },
  params: { name: 'x' },
  found: {},
  state: 'queued',
  stage: 0,
  generation: 0,
  diagnosis: {},
  checks: {},
  answers: {},
  measured: {},
  steps: [],
  voids: 0,
  locked: false,
  clusterUids: {},
  openIntents: [],
  refusals: 0,
  createdMs: NOW_MS,
  chain: emptyChain,
};

/** What tells two places of the walk apart. */
function placeOf(run: Run): string {
  const { state, doing, stage, waiting, settledStage, closing, steps, approval } = run;
  const asked = [approval?.lookedMs, approval?.escalatedMs, approval?.held, approval?.votes[0]].map((one) => one !== undefined);
  return [state, doing, stage, waiting?.what, settledStage, closing?.end, steps.at(-1)?.phase, toUndo(run).length > 0, ...asked].join(' ');
}

/** A move of the walk: what was seen in a run, and what became of the run by it. */
export type RunMove = { readonly from: Run; readonly seen: Observation; readonly to: Run; readonly label: string };

/** Every move that the table makes from a place that can be reached, found by walking it. */
export function runMoves(): readonly RunMove[] {
  return playbooks.flatMap((playbook) => {
    const moves: RunMove[] = [];
    const places = new Set([placeOf(first)]);
    const open: Run[] = [first];
    for (let from = open.shift(); from !== undefined; from = open.shift()) {
      for (const [label, seen, laterMs = 0] of seenIn(from, playbook)) {
        const to = advance(from, seen, { playbook, policy, nowMs: NOW_MS + laterMs }).run;
        moves.push({ from, seen, to, label });
        if (isOpen(to.state) && !places.has(placeOf(to))) {
          places.add(placeOf(to));
          open.push(to);
        }
      }
    }
    return moves;
  });
}

/** A Mermaid state diagram of every move between states that the table makes. */
export function stateDiagram(): string {
  const moves = new Map<string, Set<string>>();
  for (const { from, to: next, label } of runMoves()) {
    // What ends without anything to undo passes `closing` in one turn.
    const to = isOpen(next.state) ? next.state : 'ended';
    if (from.state === to) continue;
    const words = moves.get(`${from.state} --> ${to}`) ?? new Set();
    moves.set(`${from.state} --> ${to}`, words.add(label));
  }
  const lines = [...moves].sort(([a], [b]) => (a < b ? -1 : 1)).map(([move, words]) => `  ${move}: ${[...words].sort().join(', ')}`);
  return ['```mermaid', 'stateDiagram-v2', '  [*] --> queued', ...lines, `  ended: ended (${END_STATES.join(', ')})`, '  ended --> [*]', '```', ''].join('\n');
}

/** A page with its diagram brought up to date, between its two marks. */
export function withDiagram(page: string): string {
  return page.replace(/(<!-- diagram -->\n)[\s\S]*?(<!-- \/diagram -->)/, (_all, begin: string, end: string) => `${begin}${stateDiagram()}${end}`);
}
