/**
 * The contract that handlers implement: four kinds of action, each a plain object made by one function.
 * What is handed a reader cannot write; a remediation without a rollback does not compile.
 */
import { z } from 'zod';
import type { Diagnosis, Evidence, Finding, Measured, Verdict } from '../model/finding.ts';
import type { Json, JsonObject } from '../model/json.ts';
import type { Change, StepPlan } from '../model/plan.ts';
import type { Risk } from '../model/risk.ts';
import type { Prober, Reader, Writer } from '../port/kube.ts';

export type { Diagnosis, Finding, Verdict } from '../model/finding.ts';
export type { KubeObject, Manifest, ObjectRef } from '../model/object.ts';
export type { Change, StepPlan } from '../model/plan.ts';
export { z };

type Shape = z.ZodObject;

/** What every function of an action is told about where and when it runs. */
export type About = {
  /** The run's id: actions of one stage agree on a name by deriving it from this with the same function. */
  readonly run: string;
  readonly cluster: string;
  /** Wall time now by the cluster's own clock, for ages of what the cluster wrote. */
  readonly nowMs: number;
  /** Aborts when the step's time is over or the lease is lost. */
  readonly signal: AbortSignal;
};

/** By what a run knows its own work again. Its id alone is not enough: ids begin again where a store was lost. */
export type Begun = {
  /** The stepKeys of every step that it has begun, of all generations. */
  readonly begun: readonly string[];
};

type Common<P extends Shape> = {
  /** `node.cordon`; the file is `node-cordon.ts`. */
  readonly id: string;
  readonly summary: string;
  /**
   * `verb resource[.group]`, as RBAC names them: `patch nodes`, `create backups.velero.io`. They make the ClusterRole, and nothing starts without them.
   * Of an action with a parameter `namespace` they are for that namespace only.
   */
  readonly needs: readonly string[];
  /**
   * Rights that an operator gives on purpose: they are in no ClusterRole unless it is made by `salvor rbac --with <id>`. The action asks by `mayI`
   * whether it has them, and leaves the work to a person where it has not.
   */
  readonly offByDefault?: readonly string[];
  /**
   * Rights that make it know more, written alike. They are in the ClusterRole, too, and nothing is refused without them: a kind may not be served, or its
   * right not given, and the action says in its evidence what it could not see.
   */
  readonly optional?: readonly string[];
  /** The same two for every namespace, also of an action with a parameter `namespace`: what it looks at elsewhere. */
  readonly everywhere?: { readonly needs?: readonly string[]; readonly optional?: readonly string[] };
  /** For one call of one function; default 30 s. */
  readonly timeoutMs?: number;
  readonly params: P;
};

export type DiagnosisAction<P extends Shape = Shape, F extends Shape = Shape> = Common<P> & {
  readonly kind: 'diagnosis';
  readonly facts: F;
  readonly run: (about: About & Begun & { readonly params: z.output<P>; readonly kube: Prober }) => Promise<{
    readonly finding: Finding;
    readonly facts: z.input<F>;
    readonly evidence: Evidence;
    readonly measured?: Measured;
  }>;
};

export type CheckAction<P extends Shape = Shape, F extends Shape = Shape> = Common<P> & {
  readonly kind: 'check';
  readonly facts: F;
  readonly run: (
    about: About & { readonly params: z.output<P>; readonly kube: Reader },
  ) => Promise<
    | { readonly ok: true; readonly facts: z.input<F>; readonly evidence: Evidence; readonly measured?: Measured }
    | { readonly ok: false; readonly reason: string; readonly again?: boolean; readonly evidence?: Evidence }
  >;
};

export type FinderAction<P extends Shape = Shape> = Common<P> & {
  readonly kind: 'finder';
  /** 0..n targets, each the `found.*` of one run. No target: hand-over. */
  readonly run: (about: About & { readonly params: z.output<P>; readonly kube: Reader }) => Promise<readonly JsonObject[]>;
};

/** `execute` is called again with the same key after `more` ms. */
export type More = { readonly more: number; readonly progress: string };

export type Observed =
  | { readonly state: 'pending'; readonly progress: string }
  | { readonly state: 'done' }
  | { readonly state: 'failed'; readonly reason: string };

/** Undone, not ours any more (fine too), called again later, or failed: then the run keeps its locks, retries and pages. */
export type Undone =
  | { readonly kind: 'undone'; readonly evidence?: string }
  | ({ readonly kind: 'more' } & More)
  | { readonly kind: 'failed'; readonly reason: string };

export type RemediationAction<P extends Shape = Shape, R extends Shape = Shape> = Common<P> & {
  readonly kind: 'remediation';
  readonly risk: Exclude<Risk, 'read'>;
  /** A parameter that, fixed to this value by a playbook, makes all of its changes reversible. For words about playbooks: each plan says its own risk. */
  readonly reversibleWith?: { readonly param: string; readonly is: Json };
  /** Read back after a crash and after an upgrade: it only grows. */
  readonly result: R;
  /** Set where a repeat cannot be made harmless: a person settles an unknown outcome. */
  readonly onUnknown?: 'ask';
  readonly plan: (about: About & { readonly params: z.output<P>; readonly kube: Prober; readonly stepKey: string }) => Promise<StepPlan>;
  /** The plan's facts alone, for work of many rounds whose whole plan is dear: they are compared before each. Default: `plan` is asked. */
  readonly facts?: (about: About & { readonly params: z.output<P>; readonly kube: Reader }) => Promise<JsonObject>;
  /** `approved`: the changes of the plan, which the engine always gives. The writer lets exactly these through. */
  readonly execute: (
    about: About & { readonly params: z.output<P>; readonly kube: Writer; readonly stepKey: string; readonly approved?: readonly Change[] },
  ) => Promise<z.input<R> | More>;
  /** For work that goes on without us. */
  readonly observe?: (about: About & { readonly params: z.output<P>; readonly kube: Reader; readonly result: z.output<R> }) => Promise<Observed>;
  readonly verify: (about: About & { readonly params: z.output<P>; readonly kube: Reader; readonly result: z.output<R> }) => Promise<Verdict>;
  readonly rollback:
    | { readonly impossible: string }
    /** Without a result (killed before it was known) it finds what is ours by the stepKey. It undoes only what is still ours. */
    | ((about: About & { readonly params: z.output<P>; readonly kube: Writer; readonly stepKey: string; readonly result?: z.output<R> }) => Promise<Undone>);
};

export type Action = DiagnosisAction | CheckAction | FinderAction | RemediationAction;

/**
 * The four makers check an action against its own schemas and forget the schema's type, so that the catalog can hold all of them.
 * The engine parses parameters and results with the schemas before it calls.
 */
export function diagnosis<P extends Shape, F extends Shape>(action: Omit<DiagnosisAction<P, F>, 'kind'>): DiagnosisAction {
  return { ...action, kind: 'diagnosis' } as unknown as DiagnosisAction;
}

export function check<P extends Shape, F extends Shape>(action: Omit<CheckAction<P, F>, 'kind'>): CheckAction {
  return { ...action, kind: 'check' } as unknown as CheckAction;
}

export function finder<P extends Shape>(action: Omit<FinderAction<P>, 'kind'>): FinderAction {
  return { ...action, kind: 'finder' } as unknown as FinderAction;
}

export function remediation<P extends Shape, R extends Shape>(action: Omit<RemediationAction<P, R>, 'kind'>): RemediationAction {
  return { ...action, kind: 'remediation' } as unknown as RemediationAction;
}

/** True for the answer `{ more, progress }` of `execute`. */
export function isMore(answer: unknown): answer is More {
  return typeof answer === 'object' && answer !== null && 'more' in answer && typeof answer.more === 'number';
}

export type { Diagnosis as DiagnosisAnswer, Json, JsonObject };
