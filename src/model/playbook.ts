import { z } from 'zod';
import { Duration } from './duration.ts';
import type { Json } from './json.ts';

/**
 * The playbook language: ordered stages, no loops, no templates, no expression beyond one comparison.
 * The schema is strict: an unknown key stops the load. Durations are text in YAML and milliseconds here.
 */
const Path = z
  .string()
  .regex(
    /^(alert\.labels|params|found|run|diagnosis|steps|checks|answers)\.[^\s]+$/,
    'expected a path such as alert.labels.node, params.node, diagnosis.look.ready or steps.cordon.wasCordoned',
  );
export const Reference = z.strictObject({ from: Path });
export type Reference = z.infer<typeof Reference>;

const JsonValue: z.ZodType<Json> = z.lazy(() => z.union([z.null(), z.boolean(), z.number(), z.string(), z.array(JsonValue), z.record(z.string(), JsonValue)]));

/** Parameters of a use of an action: literals, references, or lists of them. */
export const With = z.record(z.string(), JsonValue);
export type With = z.infer<typeof With>;

const Id = z.string().regex(/^[a-z][a-z0-9-]*$/, 'expected lower-case letters, digits and dashes');
const ActionId = z.string().regex(/^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$/, 'expected an action id such as node.cordon');

/** One comparison; with an absent reference it is false. */
const Comparison = {
  is: JsonValue.optional(),
  not: JsonValue.optional(),
  over: z.number().optional(),
  under: z.number().optional(),
  in: z.array(JsonValue).optional(),
  present: z.boolean().optional(),
};
const oneComparison = (value: object): boolean => ['is', 'not', 'over', 'under', 'in', 'present'].filter((key) => Object.hasOwn(value, key)).length === 1;
export const When = z
  .strictObject({ from: Path, ...Comparison, else: z.enum(['skip', 'stop', 'hand-over']).default('skip') })
  .refine(oneComparison, 'expected exactly one of is, not, over, under, in, present');
export type When = z.infer<typeof When>;

const ClusterChoice = z.union([z.string(), Reference]);

export const Need = z
  .strictObject({ team: z.string().optional(), role: z.string().optional(), count: z.int().min(1).max(9) })
  .refine((need) => (need.team === undefined) !== (need.role === undefined), 'expected either a team or a role');
export type Need = z.infer<typeof Need>;

/** What a stage asks beyond the operator's policy; only stricter counts. */
export const StageApproval = z.strictObject({
  need: z.array(Need).optional(),
  notRequester: z.boolean().optional(),
  typedConfirmation: z.boolean().optional(),
  within: Duration.optional(),
  remind: Duration.optional(),
});
export type StageApproval = z.infer<typeof StageApproval>;

export const Step = z.strictObject({
  id: Id,
  action: ActionId,
  with: With.default({}),
  cluster: ClusterChoice.optional(),
  /** For the step with everything it observes. */
  within: Duration.default(3_600_000),
  undo: z.enum(['on-failure', 'always', 'never']).default('on-failure'),
  keepOnFailure: Duration.optional(),
});
export type Step = z.infer<typeof Step>;

export const VerifyCheck = z.strictObject({
  id: Id.optional(),
  action: ActionId,
  with: With.default({}),
  cluster: ClusterChoice.optional(),
  within: Duration.default(300_000),
});
export type VerifyCheck = z.infer<typeof VerifyCheck>;

export const DiagnoseStep = z.strictObject({ id: Id, action: ActionId, with: With.default({}), cluster: ClusterChoice.optional() });
export type DiagnoseStep = z.infer<typeof DiagnoseStep>;

const stageCommon = { id: Id, when: When.optional(), cluster: ClusterChoice.optional() };

export const StepsStage = z.strictObject({
  ...stageCommon,
  steps: z.array(Step).min(1),
  approval: StageApproval.optional(),
  settle: Duration.optional(),
  verify: z.array(VerifyCheck).default([]),
  onFailure: z.enum(['rollback', 'stop', 'propose']).default('rollback'),
  onReject: z.enum(['rollback', 'stop', 'escalate']).default('rollback'),
  onExpire: z.enum(['rollback', 'stop', 'escalate']).default('escalate'),
});
export type StepsStage = z.infer<typeof StepsStage>;

export const AwaitStage = z.strictObject({
  ...stageCommon,
  await: z.strictObject({
    action: ActionId,
    with: With.default({}),
    within: Duration,
    every: Duration.default(15_000),
    otherwise: z.enum(['stop', 'rollback', 'hand-over', 'escalate']).default('escalate'),
  }),
});
export type AwaitStage = z.infer<typeof AwaitStage>;

export const AskStage = z.strictObject({
  ...stageCommon,
  ask: z.strictObject({
    text: z.string().min(1),
    show: z.array(Reference).default([]),
    role: z.string(),
    answer: z.strictObject({
      type: z.enum(['text', 'number', 'choice', 'yes-no', 'duration', 'name']),
      choose: z.array(z.string()).optional(),
      goOn: z.array(JsonValue).optional(),
    }),
    confirm: z.literal('typed').optional(),
    within: Duration,
    remind: Duration.optional(),
    otherwise: z.enum(['stop', 'rollback', 'hand-over', 'escalate']).default('escalate'),
  }),
});
export type AskStage = z.infer<typeof AskStage>;

export type Stage = StepsStage | AwaitStage | AskStage;

export const PARAM_TYPES = [
  'cluster',
  'namespace',
  'node',
  'schedule',
  'backup',
  'restore',
  'pod',
  'volume',
  'storage-location',
  'duration',
  'text',
  'number',
  'choice',
  'yes-no',
] as const;
export const Param = z.strictObject({
  type: z.enum(PARAM_TYPES),
  summary: z.string().optional(),
  from: Path.optional(),
  default: JsonValue.optional(),
  choose: z.array(z.string()).optional(),
  optional: z.boolean().default(false),
});
export type Param = z.infer<typeof Param>;

const Script = z.union([
  z.strictObject({ after: Duration }),
  z.strictObject({ alert: z.record(z.string(), z.string()), status: z.enum(['firing', 'resolved']).default('firing') }),
  z.strictObject({ world: z.record(z.string(), JsonValue) }),
  z.strictObject({ run: z.record(z.string(), JsonValue), by: z.string() }),
  z.strictObject({ press: z.enum(['approve', 'reject', 'cancel']), by: z.string(), reason: z.string().optional(), confirmation: z.string().optional() }),
  z.strictObject({ answer: JsonValue, by: z.string(), ask: z.string().optional(), confirmation: z.string().optional() }),
  z.strictObject({ kill: z.literal(true) }),
  z.strictObject({ expect: z.record(z.string(), JsonValue) }),
]);
export type Script = z.infer<typeof Script>;

export const Rehearsal = z.strictObject({
  name: z.string().optional(),
  policy: z.record(z.string(), JsonValue).optional(),
  world: z.record(z.string(), JsonValue),
  script: z.array(Script).min(1),
  expect: z.record(z.string(), JsonValue).optional(),
});
export type Rehearsal = z.infer<typeof Rehearsal>;

/** The file. `match` and `command` are both optional: a playbook may be started by an alert, a person, a schedule, a storm. */
export const PlaybookFile = z.strictObject({
  summary: z.string().min(1),
  severity: z.enum(['SEV1', 'SEV2', 'SEV3']).optional(),
  objective: z.strictObject({ rto: Duration.optional(), rpo: Duration.optional() }).default({}),
  /** Alertmanager matchers, all must match one alert. */
  match: z.array(z.string()).default([]),
  require: z.strictObject({ labels: z.array(z.string()) }).default({ labels: [] }),
  command: z
    .string()
    .regex(/^[a-z-]+( [a-z-]+)?$/)
    .optional(),
  aliases: z.array(z.string()).default([]),
  schedule: z
    .strictObject({ cron: z.string(), timeZone: z.string().default('UTC'), clusters: z.union([z.literal('all'), z.array(z.string()).min(1)]) })
    .optional(),
  params: z.record(Id.or(z.string().regex(/^[a-z][A-Za-z0-9]*$/)), Param).default({}),
  find: z.strictObject({ action: ActionId, with: With.default({}) }).optional(),
  target: Reference,
  locks: z.array(Reference).default([]),
  correlate: z.array(z.string()).default(['cluster']),
  cooldown: Duration.default(900_000),
  diagnose: z.array(DiagnoseStep).default([]),
  stages: z.array(z.union([StepsStage, AwaitStage, AskStage])).default([]),
  /** So many runs of one incident start another playbook in their place. Without a number it starts none, and what fires while one is on joins it. */
  storm: z.strictObject({ atLeast: z.int().min(2).optional(), within: Duration.default(120_000), start: Id, with: With.default({}) }).optional(),
  escalate: z.string().default('default'),
  rehearsal: z.array(Rehearsal).default([]),
});

/** A playbook as the engine uses it: the file with its name, its exact text and the digest of the text. */
export type Playbook = z.output<typeof PlaybookFile> & { readonly id: string; readonly text: string; readonly digest: string };

export function isSteps(stage: Stage): stage is StepsStage {
  return 'steps' in stage;
}

export function isAwait(stage: Stage): stage is AwaitStage {
  return 'await' in stage;
}

/** True for `{ from: path }` inside `with`. */
export function isReference(value: Json | undefined): value is { readonly from: string } {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 1 && 'from' in value && typeof value.from === 'string'
  );
}
