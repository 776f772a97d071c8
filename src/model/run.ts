import type { Approval } from './approval.ts';
import type { ChainHead } from './entry.ts';
import type { Finding, Measured } from './finding.ts';
import type { Hold } from './gate.ts';
import type { Json, JsonObject } from './json.ts';
import type { Labels } from './label.ts';
import type { Plan, PlannedStep } from './plan.ts';

export const OPEN_STATES = ['queued', 'diagnosing', 'waiting', 'proposed', 'executing', 'verifying', 'closing'] as const;
export const END_STATES = ['done', 'recovered', 'rejected', 'expired', 'cancelled', 'rolled-back', 'failed', 'handed-over', 'superseded'] as const;
export type OpenState = (typeof OPEN_STATES)[number];
export type EndState = (typeof END_STATES)[number];
export type RunState = OpenState | EndState;

export function isOpen(state: RunState): state is OpenState {
  return OPEN_STATES.some((open) => open === state);
}

/** Why a run exists. The requester of an alert's run is the alert's own source: any person may approve it. */
export type Start =
  | { readonly by: 'alert'; readonly episode: string; readonly labels: Labels; readonly startsAtMs: number; readonly receivedMs: number }
  | { readonly by: 'person'; readonly person: string; readonly surface: string; readonly reason: string }
  | { readonly by: 'schedule'; readonly slotMs: number }
  | { readonly by: 'storm'; readonly playbook: string; readonly runs: readonly string[] }
  | { readonly by: 'rehearsal' };

/** What is known of one step of the run. A step that is done stays done, with its stepKey and result, over all generations. */
export type StepState = {
  readonly step: string;
  readonly stage: string;
  readonly generation: number;
  readonly planned: PlannedStep;
  readonly undo: 'on-failure' | 'always' | 'never';
  readonly keepOnFailureMs?: number;
  readonly withinMs: number;
  readonly phase: 'planned' | 'started' | 'observing' | 'done' | 'failed' | 'unknown' | 'undoing' | 'undone' | 'not-undone' | 'written-off';
  readonly startedMs?: number;
  readonly endedMs?: number;
  readonly result?: JsonObject;
  /** Progress of `more` and `observe`, for people. */
  readonly progress?: string;
  readonly attempts: number;
  readonly reason?: string;
  /** False until its first write is announced: what never wrote needs no undo. */
  readonly wrote?: boolean;
  /** When its progress was last told in the journal. */
  readonly saidMs?: number;
};

export type Waiting = {
  readonly for: 'world' | 'person' | 'time';
  readonly what: 'finding' | 'settle' | 'await' | 'ask' | 'settle-step';
  readonly reason: string;
  readonly sinceMs: number;
  /** When the patience ends. */
  readonly untilMs: number;
  /** When to look or remind again. */
  readonly lookMs: number;
  readonly escalated?: boolean;
  /** When the journal last told why. */
  readonly saidMs?: number;
};

/** A run on its way to an end: what it undoes first. */
export type Closing = {
  readonly end: EndState;
  readonly reason: string;
  /** `rollback`: every step whose undo is not `never`; `stop`: only `always`. */
  readonly mode: 'rollback' | 'stop';
  readonly sinceMs: number;
  readonly attempts: number;
  readonly paged?: boolean;
};

export type Answer = { readonly value: Json; readonly by: string; readonly atMs: number };

/** One execution of one playbook, at one digest, for one target. The record's value; `version` of its format is RUN_VERSION. */
export type Run = {
  readonly id: string;
  readonly playbook: string;
  /** Names the blob that holds the exact text the run started with. */
  readonly playbookDigest: string;
  readonly cluster: string;
  /** The target's value, as people say it: `w1`, `shop/data-0`. */
  readonly target: string;
  /** Lock keys in order, the target's first. Taken when the first write stage starts. */
  readonly lockKeys: readonly string[];
  readonly ordinal: number;
  readonly incident: string;
  readonly start: Start;
  readonly params: JsonObject;
  readonly found: JsonObject;
  readonly state: RunState;
  /** In `diagnosing`: what is being made. In `executing`: whether gates and locks are passed. */
  readonly doing?: 'diagnose' | 'plan' | 'start' | 'step';
  /** Index into the playbook's stages. */
  readonly stage: number;
  readonly generation: number;
  readonly hold?: Hold;
  /** Since when the run is held, by whatever gate. */
  readonly heldSinceMs?: number;
  readonly waiting?: Waiting;
  readonly closing?: Closing;
  readonly finding?: Finding;
  /** By id: facts of diagnoses, of checks and named verifies, answers of asks. */
  readonly diagnosis: { readonly [id: string]: JsonObject };
  readonly checks: { readonly [id: string]: JsonObject };
  readonly answers: { readonly [id: string]: Answer };
  readonly measured: Measured;
  readonly plan?: Plan;
  readonly approval?: Approval;
  readonly steps: readonly StepState[];
  /** What the proposal before this one was, for the words "what changed". */
  readonly changed?: readonly string[];
  readonly voids: number;
  readonly settledStage?: number;
  readonly verifyingSinceMs?: number;
  readonly verifyFailures?: number;
  readonly escalated?: string;
  readonly locked: boolean;
  readonly clusterUids: { readonly [cluster: string]: string };
  /** Intents whose outcome is not known yet: `verb object` by stepKey. */
  readonly openIntents: readonly string[];
  /** Intents that were refused for now and are repeated: they are in the journal already. */
  readonly refusedIntents?: readonly string[];
  /** The generation whose automatic limits are charged. */
  readonly charged?: number;
  readonly refusals: number;
  /** The other side is away or refuses for now: since when, and what it said last. */
  readonly trouble?: { readonly reason: string; readonly sinceMs: number };
  readonly createdMs: number;
  readonly endedMs?: number;
  /** When the driver must come back by itself; absent: only mail or a person moves it. */
  readonly dueMs?: number;
  readonly chain: ChainHead;
};

export const RUN_VERSION = 1;

/** Parked for the world, or looking at work that goes on by itself. */
export function waitsForWorld({ waiting, steps }: Pick<Run, 'waiting' | 'steps'>): boolean {
  return waiting?.for === 'world' || steps.some(({ phase }) => phase === 'observing');
}
