import type { Requirement } from '../model/approval.ts';
import type { ErrorCode } from '../model/error.ts';
import type { Evidence, Finding, Measured } from '../model/finding.ts';
import type { Hold } from '../model/gate.ts';
import type { JsonObject } from '../model/json.ts';
import type { IncidentMail, RunMail } from '../model/mail.ts';
import type { Plan } from '../model/plan.ts';
import type { Playbook } from '../model/playbook.ts';
import type { Policy } from '../model/policy.ts';
import type { Run, StepState } from '../model/run.ts';

/** What a run sees: that it was taken up, what it was told, and what came of the effect it asked for. */
export type Observation =
  | { readonly kind: 'claimed' }
  | { readonly kind: 'mail'; readonly mail: RunMail; readonly atMs: number }
  | {
      readonly kind: 'found';
      readonly finding: Finding;
      readonly facts: { readonly [id: string]: JsonObject };
      readonly evidence: Evidence;
      readonly measured: Measured;
    }
  | { readonly kind: 'planned'; readonly plan: Plan; readonly steps: readonly StepState[]; readonly requirement: Requirement; readonly hold?: Hold }
  /** The stage cannot be planned, and trying again would not help. */
  | { readonly kind: 'unplannable'; readonly reason: string; readonly hints: readonly string[] }
  /** Gates admit, the plan is still the same, the locks are held. */
  | { readonly kind: 'started' }
  /** The approval is void: what it was given for is not what would be done. */
  | { readonly kind: 'voided'; readonly changed: readonly string[] }
  | { readonly kind: 'held'; readonly hold: Hold }
  /** What an upgrade had taken away is there again. */
  | { readonly kind: 'fits' }
  | { readonly kind: 'step-done'; readonly step: string; readonly result: JsonObject }
  | { readonly kind: 'step-observing'; readonly step: string; readonly result: JsonObject }
  | { readonly kind: 'step-pending'; readonly step: string; readonly afterMs: number; readonly progress: string }
  | { readonly kind: 'step-failed'; readonly step: string; readonly reason: string }
  /** Whether it happened is not known, and a repeat is not harmless. */
  | { readonly kind: 'step-unknown'; readonly step: string; readonly reason: string }
  | { readonly kind: 'verified'; readonly checks: { readonly [id: string]: JsonObject }; readonly evidence: Evidence; readonly measured: Measured }
  /** `step`: the step whose own verification said no; absent: a check of the stage did. */
  | { readonly kind: 'unverified'; readonly reason: string; readonly again: boolean; readonly step?: string }
  | { readonly kind: 'checked'; readonly facts: JsonObject; readonly evidence: Evidence; readonly measured: Measured }
  | { readonly kind: 'unchecked'; readonly reason: string; readonly again: boolean }
  | { readonly kind: 'undone'; readonly step: string; readonly generation: number; readonly evidence: string }
  | { readonly kind: 'undo-more'; readonly step: string; readonly generation: number; readonly afterMs: number; readonly progress: string }
  | { readonly kind: 'undo-impossible'; readonly step: string; readonly generation: number; readonly reason: string }
  | { readonly kind: 'undo-failed'; readonly step: string; readonly reason: string }
  /** A person ended the run while a handler was at work: it wrote nothing more, and the mail says what follows. */
  | { readonly kind: 'interrupted' }
  /** The other side is away or refuses for now: the same effect again later. */
  | { readonly kind: 'trouble'; readonly code: ErrorCode; readonly reason: string; readonly afterMs: number };

/** The one thing to do next. Doing is `perform`'s; what comes of it is the next observation. */
export type Effect =
  | { readonly kind: 'none' }
  | { readonly kind: 'diagnose' }
  | { readonly kind: 'plan' }
  | { readonly kind: 'start' }
  | { readonly kind: 'execute'; readonly step: string }
  | { readonly kind: 'observe'; readonly step: string }
  | { readonly kind: 'verify' }
  | { readonly kind: 'check' }
  /** A step may have been begun in several generations; each is undone with its own stepKey. */
  | { readonly kind: 'undo'; readonly step: string; readonly generation: number }
  /** Locks and budgets are given back in the commit that ends the run. */
  | { readonly kind: 'end' };

/** What a decision is made with, beside the run and the observation. */
export type About = { readonly playbook: Playbook; readonly policy: Policy; readonly nowMs: number };

export type Draft = { readonly type: string; readonly data: JsonObject };

/** One turn: the next run, the next effect, the journal's new lines, and what the incident is told beside them. */
export type Turn = { readonly run: Run; readonly effect: Effect; readonly entries: readonly Draft[]; readonly tell: readonly IncidentMail[] };

export const none: Effect = { kind: 'none' };

/** A turn with nothing but a next effect. */
export function turn(run: Run, effect: Effect = none, entries: readonly Draft[] = []): Turn {
  return { run, effect, entries, tell: [] };
}

/** A turn that starts the playbook's ladder, too. The same key starts it once. */
export function paging(said: Turn, about: About, cause: { readonly key: string; readonly reason: string }): Turn {
  return { ...said, tell: [...said.tell, { kind: 'escalate', ladder: about.playbook.escalate, ...cause }] };
}

/** Stops the ladder that the run has started, if any. `by`: who answered it; the pager is told, so that its own escalation stops, too. */
export function calming(run: Run, by?: string): readonly IncidentMail[] {
  return run.escalated === undefined ? [] : [{ kind: 'calm', key: run.escalated, ...(by === undefined || by === '' ? {} : { by }) }];
}

export function entry(type: string, data: JsonObject = {}): Draft {
  return { type, data };
}

/** Puts what a turn already said before what the next one says. */
export function after(before: Pick<Turn, 'entries' | 'tell'>, next: Turn): Turn {
  return { ...next, entries: [...before.entries, ...next.entries], tell: [...before.tell, ...next.tell] };
}
