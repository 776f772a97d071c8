import { z } from 'zod';
import { END_STATES, OPEN_STATES } from '../../model/run.ts';
import { AnyJson, AnyObject, At, Cluster, EntryView, listOf, pageOf } from './shape.ts';

/** A run as people and programs see it. */
export const RunStateName = z.enum([...OPEN_STATES, ...END_STATES]);

export const RiskName = z.enum(['read', 'reversible', 'destructive']);

export const HoldView = z.object({
  gate: z.string(),
  reason: z.string(),
  until: At.optional().describe('When it is looked at again; absent: when something changes'),
});

export const AskView = z.object({
  id: z.string().describe('What an answer names'),
  text: z.string(),
  role: z.string().describe('Who may answer'),
  type: z.enum(['text', 'number', 'choice', 'yes-no', 'duration', 'name']),
  choose: listOf(z.string()).optional(),
  confirmation: z.string().optional().describe('The word that must be typed with the answer'),
  show: listOf(z.object({ from: z.string(), value: AnyJson.optional() })).describe('What the person should look at; absent values are not known'),
});

export const WaitingView = z.object({
  for: z.enum(['world', 'person', 'time']),
  what: z.enum(['finding', 'settle', 'await', 'ask', 'settle-step']),
  reason: z.string(),
  since: At,
  until: At.describe('When the patience ends'),
  ask: AskView.optional(),
});

export const ChangeView = z.object({
  verb: z.enum(['create', 'patch', 'delete', 'evict']),
  object: z.string().describe('Kind/namespace/name or Kind/name'),
  field: z.string().optional(),
  from: AnyJson.optional(),
  to: AnyJson.optional(),
  risk: RiskName,
  note: z.string().optional(),
});

export const PlannedStepView = z.object({
  step: z.string(),
  action: z.string(),
  cluster: Cluster,
  summary: z.string(),
  risk: RiskName,
  changes: listOf(ChangeView),
  undo: listOf(ChangeView).describe('Every write that a rollback may make'),
  facts: AnyObject.describe('What voids the approval when it changes'),
  notes: listOf(z.string()),
});

export const PlanView = z.object({
  digest: z.string().describe('SHA-256; an approval is for exactly this'),
  risk: RiskName,
  stage: z.string(),
  generation: z.number(),
  steps: listOf(PlannedStepView),
});
export type PlanView = z.infer<typeof PlanView>;

export const VoteView = z.object({
  by: z.string(),
  plan: z.string(),
  surface: z.string(),
  at: At,
  breakGlass: z.string().optional().describe('Why the emergency rule was used'),
});

export const VoterView = z.object({
  name: z.string(),
  may: z.boolean().describe('Whether their approval counts, as people, groups and the configuration are now'),
  why: z.string().describe('By which team, or why not: the words of a refusal'),
});

export const GlassView = z.object({
  needs: z.string().describe('Whose word, of how many'),
  may: listOf(z.string()),
  page: z.string().optional().describe('Who is called each time'),
});

export const ApprovalView = z.object({
  asks: z.string().describe('What it asks of people, in words'),
  asked: At,
  expires: At,
  confirmation: z.string().optional().describe('The word that must be typed'),
  notRequester: z.boolean(),
  may: listOf(z.string()).describe('People whose approval counts, as the configuration is now; whoever voted is among them'),
  people: listOf(VoterView).describe('Everybody of the configuration: may they approve, and why, or why not'),
  mayReject: listOf(z.string()).describe('People who may say no'),
  mayHold: listOf(z.string()).describe('People who may hold and release it'),
  mayWithdraw: listOf(z.string()).describe('People whose yes can still be taken back, by themselves: nothing was begun'),
  glass: GlassView.optional().describe('The emergency rule: whose word alone is enough'),
  held: z.object({ by: z.string(), reason: z.string(), since: At }).optional().describe('Who keeps it from starting; its time stands still'),
  missing: z.string().optional().describe('What is missing to a yes, in words'),
  code: z.string().optional().describe('What a note in PagerDuty approves this plan by: approve CODE'),
  votes: listOf(VoteView),
  granted: At.optional(),
});

export const StepView = z.object({
  step: z.string(),
  stage: z.string(),
  action: z.string(),
  cluster: Cluster,
  generation: z.number(),
  phase: z.enum(['planned', 'started', 'observing', 'done', 'failed', 'unknown', 'undoing', 'undone', 'not-undone', 'written-off']),
  undo: z.enum(['on-failure', 'always', 'never']),
  attempts: z.number(),
  started: At.optional(),
  ended: At.optional(),
  progress: z.string().optional(),
  reason: z.string().optional(),
  result: AnyObject.optional(),
});

const summary = {
  id: z.string(),
  playbook: z.string(),
  cluster: Cluster,
  target: z.string(),
  state: RunStateName,
  stage: z.string().optional().describe('The id of the stage it is in; absent behind the last one'),
  generation: z.number().describe('Goes up with every new proposal'),
  hold: HoldView.optional(),
  trouble: z.object({ reason: z.string(), since: At }).optional().describe('What it is trying again, because the other side is away or refuses for now'),
  waiting: WaitingView.optional(),
  digest: z.string().optional().describe('Of the current plan'),
  asks: z.string().optional().describe('Whose decision it waits for, in words'),
  incident: z.string(),
  createdAt: At,
  endedAt: At.optional(),
  end: z.string().optional().describe('Why it ended, or is ending'),
  undone: z.number().optional().describe('Steps that were undone'),
};

export const RunSummary = z.object(summary).describe('A run in a list');
export type RunSummary = z.infer<typeof RunSummary>;

export const RunView = z
  .object({
    ...summary,
    playbookDigest: z.string(),
    params: AnyObject,
    requestedBy: z.string().describe('A person, or alert, schedule, storm, rehearsal'),
    reason: z.string().optional().describe('What the person who started it said'),
    finding: z.object({ kind: z.enum(['act', 'wait', 'recovered', 'hand-over']), reason: z.string(), hints: listOf(z.string()) }).optional(),
    facts: AnyObject.describe('By diagnosis'),
    plan: PlanView.optional(),
    changed: listOf(z.string()).describe('What differs from the proposal before'),
    approval: ApprovalView.optional(),
    approvals: listOf(VoteView).describe('The votes for the current plan'),
    steps: listOf(StepView),
    answers: listOf(z.object({ ask: z.string(), value: AnyJson, by: z.string(), at: At })),
    locks: listOf(z.string()).describe('What it holds, or will hold when it writes'),
    locked: z.boolean(),
    openIntents: listOf(z.string()).describe('Writes whose outcome is not known yet'),
    clocks: z
      .object({ detectMs: z.number(), decideMs: z.number(), actMs: z.number(), proveMs: z.number(), peopleMs: z.number(), cleanupMs: z.number() })
      .describe('Where the time went so far'),
    journal: listOf(EntryView),
  })
  .describe('A run with its plan, approvals and journal');
export type RunView = z.infer<typeof RunView>;

export const RunPage = pageOf(RunSummary);

export const Pressed = z
  .object({
    run: z.string(),
    state: z.union([RunStateName, z.literal('recorded')]).describe('recorded: stored, and not read by the run yet'),
    changed: z.boolean().describe('false: a repeat, nothing was changed'),
    text: z.string().describe('What came of it, in words'),
  })
  .describe('The answer to a decision');
export type Pressed = z.infer<typeof Pressed>;

export const Started = z
  .object({
    run: z.string(),
    runs: listOf(z.string()).describe('All of them, where a finder found several targets'),
    joined: z.boolean().describe('An open run with equal parameters was there'),
    incident: z.string().optional(),
    text: z.string(),
  })
  .describe('A run that was started');
export type Started = z.infer<typeof Started>;

export const DryRun = z
  .object({
    playbook: z.string(),
    cluster: Cluster,
    target: z.string(),
    finding: z.object({ kind: z.enum(['act', 'wait', 'recovered', 'hand-over']), reason: z.string(), hints: listOf(z.string()) }),
    evidence: listOf(z.string()),
    plan: PlanView.optional(),
    asks: z.string().optional().describe('Whom it would ask'),
    holds: listOf(HoldView).describe('Gates as they stand'),
  })
  .describe('What a run would find and propose; nothing is stored or written');
export type DryRun = z.infer<typeof DryRun>;
