import { emptyChain } from '../../../src/model/entry.ts';
import type { Plan, PlannedStep } from '../../../src/model/plan.ts';
import { type Playbook, PlaybookFile } from '../../../src/model/playbook.ts';
import type { Policy } from '../../../src/model/policy.ts';
import type { Run, StepState } from '../../../src/model/run.ts';

/** Values that the tests of the state machine start from: a run of a playbook with a stage of each kind. */
export const NOW_MS = 1_000_000;

export const policy: Policy = {
  people: [
    { name: 'ana', teams: ['platform'] },
    { name: 'ben', teams: ['platform'] },
    { name: 'cleo', teams: ['incident-command'] },
  ],
  roles: { approver: ['platform'], commander: ['incident-command'], owner: ['platform'] },
  rights: { read: 'everyone', run: ['platform'], pause: ['platform'], supersede: ['incident-command'], configure: ['platform'] },
  approvals: {
    reversible: { need: [{ team: 'platform', count: 1 }], notRequester: false, typedConfirmation: false, withinMs: 900_000, remindMs: 300_000 },
    destructive: {
      need: [
        { team: 'platform', count: 1 },
        { team: 'incident-command', count: 1 },
      ],
      notRequester: true,
      typedConfirmation: true,
      withinMs: 900_000,
      remindMs: 300_000,
    },
    stricter: [],
    auto: [],
  },
  ladders: { default: [{ page: 'platform-primary', afterMs: 0 }] },
  gates: { blastRadius: {}, windows: [], freezes: [] },
  unrouted: { default: 'count' },
  severities: { default: 'SEV3' },
};

/** Two stages of steps around an await and an ask. */
export function playbook(change: object = {}): Playbook {
  const file = PlaybookFile.parse({
    summary: 'A playbook with a stage of each kind',
    target: { from: 'params.name' },
    params: { name: { type: 'text' } },
    stages: [
      {
        id: 'first',
        steps: [
          { id: 'one', action: 'test.write' },
          { id: 'two', action: 'test.write', undo: 'always' },
        ],
      },
      { id: 'back', await: { action: 'test.ready', within: '1h' } },
      { id: 'sure', ask: { text: 'Is it so?', role: 'approver', answer: { type: 'yes-no', goOn: [true] }, within: '1h', remind: '10m' } },
      { id: 'last', steps: [{ id: 'three', action: 'test.write', undo: 'never' }] },
    ],
    ...change,
  });
  return { ...file, id: 'sample', text: 'summary: sample', digest: 'p'.repeat(64) };
}

export function run(change: Partial<Run> = {}): Run {
  return {
    id: 'run/0123456789abcdef-1',
    playbook: 'sample',
    playbookDigest: 'p'.repeat(64),
    cluster: 'prod',
    target: 'thing',
    lockKeys: ['prod/Target//thing'],
    ordinal: 1,
    incident: 'incident/0123456789abcdef-1',
    start: { by: 'rehearsal' },
    params: { name: 'thing' },
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
    dueMs: NOW_MS,
    chain: emptyChain,
    ...change,
  };
}

export function plannedStep(step: string): PlannedStep {
  const change = { verb: 'create', object: `ConfigMap/app/${step}` } as const;
  return {
    step,
    action: 'test.write',
    cluster: 'prod',
    params: {},
    stepKey: `key-${step}`,
    risk: 'reversible',
    summary: `Write ${step}`,
    changes: [change],
    undo: [{ ...change, verb: 'delete' }],
    facts: {},
  };
}

export function plan(steps: readonly string[], generation = 1): Plan {
  return { stage: 'first', generation, digest: `digest-${generation}`.padEnd(64, '0'), risk: 'reversible', steps: steps.map(plannedStep) };
}

export function stepStates(steps: readonly string[], change: Partial<StepState> = {}): readonly StepState[] {
  return steps.map((step) => ({
    step,
    stage: 'first',
    generation: 1,
    planned: plannedStep(step),
    undo: step === 'two' ? 'always' : 'on-failure',
    withinMs: 3_600_000,
    phase: 'planned',
    attempts: 0,
    ...change,
  }));
}
