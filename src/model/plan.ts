import { digest } from './digest.ts';
import type { Json, JsonObject } from './json.ts';
import { highestRisk, type Risk } from './risk.ts';

export type Verb = 'create' | 'patch' | 'delete' | 'evict';

/** One write that a step would make. The guarded writer lets exactly these through. */
export type Change = {
  readonly verb: Verb;
  /** `Kind/namespace/name` or `Kind/name`. */
  readonly object: string;
  /** A path such as `spec.unschedulable`; a patch may write only at or below the fields named for its object. */
  readonly field?: string;
  readonly from?: Json;
  readonly to?: Json;
  /** Where it is not the action's own. */
  readonly risk?: Risk;
  /** Words for people, where the above does not say it. */
  readonly note?: string;
};

/** What a remediation's `plan` answers: data, made by reading only. */
export type StepPlan = {
  readonly summary: string;
  readonly changes: readonly Change[];
  /** Every write that a rollback may make. */
  readonly undo: readonly Change[];
  /** Only what should void an approval when it changes, and nothing that our own writes move. */
  readonly facts: JsonObject;
  /** More for the card: what is lost, how long it takes. Not part of the digest. */
  readonly notes?: readonly string[];
};

/** One step of a proposal: its plan, bound to the cluster, the parameters and the stepKey it was made with. */
export type PlannedStep = StepPlan & {
  readonly step: string;
  readonly action: string;
  readonly cluster: string;
  readonly params: JsonObject;
  readonly stepKey: string;
  readonly risk: Risk;
  /** Why it cannot be taken back, where it cannot. Not part of the digest. */
  readonly noUndo?: string;
};

/** The steps of one stage, planned together; what is approved is `digest` and nothing else. */
export type Plan = {
  readonly stage: string;
  readonly generation: number;
  readonly digest: string;
  readonly risk: Risk;
  readonly steps: readonly PlannedStep[];
};

/** A plan of more changes is refused with the advice to split. */
export const MOST_CHANGES = 500;

/** SHA-256 of the canonical JSON of everything that an approval is for. */
export function planDigest(of: {
  readonly playbookDigest: string;
  readonly params: JsonObject;
  readonly stage: string;
  readonly generation: number;
  readonly steps: readonly PlannedStep[];
}): string {
  return digest({
    playbook: of.playbookDigest,
    params: of.params,
    stage: of.stage,
    generation: of.generation,
    steps: of.steps.map((step) => ({
      step: step.step,
      action: step.action,
      cluster: step.cluster,
      params: step.params,
      risk: step.risk,
      changes: step.changes.map(changeJson),
      undo: step.undo.map(changeJson),
      facts: step.facts,
    })),
  });
}

/** A change as JSON, for digests, journals and the API. */
export function changeJson(change: Change): JsonObject {
  const { verb, object, field, from, to, risk, note } = change;
  return { verb, object, field, from, to, risk, note };
}

/** `patch Node/w1`: how a change is written in one short line. */
export function changeText(change: Pick<Change, 'verb' | 'object'>): string {
  return `${change.verb} ${change.object}`;
}

/** The highest risk of a step: its action's, raised by any change that says more. No changes: read. */
export function stepRisk(actionRisk: Risk, changes: readonly Change[]): Risk {
  if (changes.length === 0) return 'read';
  return highestRisk(changes.map((change) => change.risk ?? actionRisk));
}
