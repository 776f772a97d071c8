import type { JsonObject } from './json.ts';

/** What a diagnosis concludes. */
export type Finding =
  | { readonly kind: 'act'; readonly reason: string }
  /** Parked; `giveUpMs` is an age, counted from the first `wait` in a row, then a hand-over. */
  | { readonly kind: 'wait'; readonly reason: string; readonly lookAgainMs: number; readonly giveUpMs: number }
  /** The run rolls back what it did, and ends. */
  | { readonly kind: 'recovered'; readonly reason: string }
  /** A person is paged, the run keeps what it knows. `hints`: what to look at or fix, first things first. */
  | { readonly kind: 'hand-over'; readonly reason: string; readonly hints: readonly string[] };

/** Feeds the report: when the recovered data was made, and when the fact itself happened. */
export type Measured = { readonly recoveryPointMs?: number; readonly factTimeMs?: number };

/** A sentence for the timeline with what was seen; long text goes to a blob by the engine. */
export type Evidence = readonly string[];

export type Diagnosis = { readonly finding: Finding; readonly facts: JsonObject; readonly evidence: Evidence; readonly measured?: Measured };

/** The answer of a check or of a verification. */
export type Verdict =
  | { readonly ok: true; readonly facts?: JsonObject; readonly evidence: Evidence; readonly measured?: Measured }
  /** `again`: it may still become true; look again until the time is over. */
  | { readonly ok: false; readonly reason: string; readonly again?: boolean; readonly facts?: JsonObject; readonly evidence?: Evidence };
