// The diagram of a run's life, found by walking the transition table itself: from a new run, every kind of observation, until nothing new is seen.
import { emptyChain } from '../src/model/entry.ts';
import type { RunMail } from '../src/model/mail.ts';
import type { Plan, PlannedStep } from '../src/model/plan.ts';
import { type Playbook, PlaybookFile } from '../src/model/playbook.ts';
import type { Policy } from '../src/model/policy.ts';
import { END_STATES, isOpen, type Run, type StepState } from '../src/model/run.ts';
import { advance } from '../src/run/advance.ts';
import type { About, Observation } from '../src/run/observation.ts';

const NOW_MS = 1_000_000;
const HOUR_MS = 3_600_000;

/** One playbook with a stage of each kind. */
const file = PlaybookFile.parse({
  summary: 'A stage of each kind',
  target: { from: 'params.name' },
  params: { name: { type: 'text' } },
  stages: [
    { id: 'act', settle: '1m', steps: [{ id: 'one', action: 'some.action' }] },
    { id: 'back', await: { action: 'some.check', within: '1h', otherwise: 'hand-over' } },
    { id: 'sure', ask: { text: 'Sure?', role: 'approver', answer: { type: 'yes-no', goOn: [true] }, within: '1h', otherwise: 'hand-over' } },
  ],
});
const playbook: Playbook = { ...file, id: 'any', text: '', digest: 'p' };

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

const planned: PlannedStep = {
  step: 'one',
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
const plan: Plan = { stage: 'act', generation: 1, digest: 'd', risk: 'reversible', steps: [planned] };
const step: StepState = { step: 'one', stage: 'act', generation: 1, planned, undo: 'on-failure', withinMs: HOUR_MS, phase: 'planned', attempts: 0 };
const people = { kind: 'people', ...approval, words: '' } as const;

const found = (finding: Extract<Observation, { kind: 'found' }>['finding']): Observation => ({ kind: 'found', finding, facts: {}, evidence: [], measured: {} });
const mail = (letter: RunMail): Observation => ({ kind: 'mail', mail: letter, atMs: NOW_MS });

/** Every kind of observation, with the word it has in the diagram. */
const SEEN: readonly (readonly [label: string, seen: Observation, laterMs?: number])[] = [
  ['taken up', { kind: 'claimed' }],
  ['its time is over', { kind: 'claimed' }, 3 * HOUR_MS],
  ['finding: act', found({ kind: 'act', reason: '' })],
  ['finding: wait', found({ kind: 'wait', reason: '', lookAgainMs: 1000, giveUpMs: HOUR_MS })],
  ['finding: recovered', found({ kind: 'recovered', reason: '' })],
  ['finding: hand-over', found({ kind: 'hand-over', reason: '', hints: [] })],
  ['planned, people decide', { kind: 'planned', plan, steps: [step], requirement: people }],
  ['planned, automatic', { kind: 'planned', plan, steps: [step], requirement: { kind: 'auto', limits: [] } }],
  ['planned, nothing to change', { kind: 'planned', plan, steps: [step], requirement: { kind: 'none' } }],
  ['cannot be planned', { kind: 'unplannable', reason: '', hints: [] }],
  ['gates, locks and digest hold', { kind: 'started' }],
  ['the plan changed', { kind: 'voided', changed: ['x'] }],
  ['step done', { kind: 'step-done', step: 'one', result: {} }],
  ['step failed', { kind: 'step-failed', step: 'one', reason: '' }],
  ['outcome unknown', { kind: 'step-unknown', step: 'one', reason: '' }],
  ['verified', { kind: 'verified', checks: {}, evidence: [], measured: {} }],
  ['not verified', { kind: 'unverified', reason: '', again: false }],
  ['await: yes', { kind: 'checked', facts: {}, evidence: [], measured: {} }],
  ['approved', mail({ kind: 'approve', by: 'ana', plan: 'd', surface: 'api' })],
  ['rejected', mail({ kind: 'reject', by: 'ana', surface: 'api', reason: '' })],
  ['cancelled', mail({ kind: 'cancel', by: 'ana', surface: 'api', keep: false, reason: '' })],
  ['superseded', mail({ kind: 'supersede', by: 'ana', surface: 'api', reason: '' })],
  ['answered', mail({ kind: 'answer', by: 'ana', surface: 'api', ask: 'sure', value: true })],
  ['settled', mail({ kind: 'settle', by: 'ana', surface: 'api', step: 'one', as: 'done' })],
  ['undone', { kind: 'undone', step: 'one', generation: 1, evidence: '' }],
];

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
  return [run.state, run.doing, run.stage, run.waiting?.what, run.settledStage, run.closing?.end, run.steps.at(-1)?.phase].join(' ');
}

/** A Mermaid state diagram of every move between states that the table makes. */
export function stateDiagram(): string {
  const moves = new Map<string, Set<string>>();
  const places = new Set([placeOf(first)]);
  const open: Run[] = [first];
  for (let run = open.shift(); run !== undefined; run = open.shift()) {
    for (const [label, seen, laterMs = 0] of SEEN) {
      const about: About = { playbook, policy, nowMs: NOW_MS + laterMs };
      const next = advance(run, seen, about).run;
      // What ends without anything to undo passes `closing` in one turn.
      const from = run.state;
      const to = isOpen(next.state) ? next.state : 'ended';
      if (from !== to) {
        const words = moves.get(`${from} --> ${to}`) ?? new Set();
        moves.set(`${from} --> ${to}`, words.add(label));
      }
      if (isOpen(next.state) && !places.has(placeOf(next))) {
        places.add(placeOf(next));
        open.push(next);
      }
    }
  }
  const lines = [...moves].sort(([a], [b]) => (a < b ? -1 : 1)).map(([move, words]) => `  ${move}: ${[...words].sort().join(', ')}`);
  return ['```mermaid', 'stateDiagram-v2', '  [*] --> queued', ...lines, `  ended: ended (${END_STATES.join(', ')})`, '  ended --> [*]', '```', ''].join('\n');
}

/** A page with its diagram brought up to date, between its two marks. */
export function withDiagram(page: string): string {
  return page.replace(/(<!-- diagram -->\n)[\s\S]*?(<!-- \/diagram -->)/, (_all, begin: string, end: string) => `${begin}${stateDiagram()}${end}`);
}
