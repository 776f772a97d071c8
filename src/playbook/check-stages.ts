import type { Action } from '../action/contract.ts';
import { type AskStage, isAwait, isSteps, type Playbook, type Stage, type StepsStage } from '../model/playbook.ts';
import { type FieldPath, type Problem, problemAt, suggestion } from '../model/problem.ts';
import { checkCluster, checkUse, checkWhen, type Ground, referenceFault } from './check-use.ts';
import { answerType } from './params.ts';
import { ALL_ROOTS, type Sight, START_ROOTS } from './reference-type.ts';
import { fits, typeOf } from './value-type.ts';

/** Names that a site's configuration gives, where they are known. */
export type SiteNames = { readonly ladders: readonly string[]; readonly roles: readonly string[]; readonly teams: readonly string[] };

type Source = Sight['steps'] extends ReadonlyMap<string, infer S> ? S : never;
type Check = { readonly playbook: Playbook; readonly ground: Ground; readonly names?: SiteNames | undefined };

/** Diagnoses and stages in their order: each sees what those before it leave behind. */
export function checkStages(check: Check): readonly Problem[] {
  const { playbook, ground } = check;
  const problems: Problem[] = [];
  const diagnosis = new Map<string, Source>();
  const nothing = new Map<string, Source>();
  const start = { playbook, diagnosis, steps: nothing, checks: nothing, answers: nothing, hidden: new Map<string, string>() };
  for (const [index, step] of playbook.diagnose.entries()) {
    const sight: Sight = { ...start, roots: [...START_ROOTS, 'diagnosis'] };
    const path: FieldPath = ['diagnose', index];
    problems.push(...checkUse({ ...step, kind: 'diagnosis', path, sight }, ground), ...checkCluster({ cluster: step.cluster, path, sight }, ground));
    diagnosis.set(step.id, sourceOf(ground.catalog.get(step.action), undefined));
  }

  const steps = new Map<string, Source>();
  const checks = new Map<string, Source>();
  const answers = new Map<string, Source>();
  for (const [index, stage] of playbook.stages.entries()) {
    const path: FieldPath = ['stages', index];
    const before: Sight = { playbook, roots: ALL_ROOTS, diagnosis, steps, checks, answers, hidden: laterIds(playbook.stages, index) };
    const sight: Sight = stage.when === undefined ? before : { ...before, when: stage.when };
    problems.push(...checkWhen({ when: stage.when, path, sight: before }, ground), ...checkCluster({ cluster: stage.cluster, path, sight }, ground));
    problems.push(...checkStage({ ...check, stage, path, sight }));
    const after = leftBehind(stage, ground);
    for (const [map, more] of [
      [steps, after.steps],
      [checks, after.checks],
      [answers, after.answers],
    ] as const)
      for (const [id, source] of more) map.set(id, source);
  }
  return problems;
}

type Here = Check & { readonly stage: Stage; readonly path: FieldPath; readonly sight: Sight };

function checkStage({ stage, ...here }: Here): readonly Problem[] {
  const { ground, path, sight } = here;
  if (isSteps(stage)) return checkSteps({ ...here, stage });
  if (isAwait(stage)) return checkUse({ ...stage.await, kind: 'check', path: [...path, 'await'], sight }, ground);
  return checkAsk({ ...here, stage });
}

function checkSteps({ stage, ground, path, sight, names }: Omit<Here, 'stage'> & { readonly stage: StepsStage }): readonly Problem[] {
  const ofStage = stage.steps.map(
    ({ id }) => [id, `${id} is a step of the same stage: a stage is planned as one, so only steps of earlier stages have a result`] as const,
  );
  const inside: Sight = { ...sight, hidden: new Map([...sight.hidden, ...ofStage]) };
  const problems = stage.steps.flatMap((step, index) => {
    const at: FieldPath = [...path, 'steps', index];
    return [
      ...checkUse({ ...step, kind: 'remediation', path: at, sight: inside }, ground),
      ...checkCluster({ cluster: step.cluster, path: at, sight: inside }, ground),
    ];
  });
  // Checks look when every step of the stage is done, so they see its results.
  const done: Sight = { ...sight, steps: new Map([...sight.steps, ...leftBehind({ ...stage, when: undefined }, ground).steps]) };
  const verified = stage.verify.flatMap((check, index) => {
    const at: FieldPath = [...path, 'verify', index];
    return [
      ...checkUse({ ...check, kind: 'check', path: at, sight: done }, ground),
      ...checkCluster({ cluster: check.cluster, path: at, sight: done }, ground),
    ];
  });
  const approvers = (stage.approval?.need ?? []).flatMap((need, index) => {
    const at: FieldPath = [...path, 'approval', 'need', index];
    if (need.role !== undefined) return nameFault({ name: need.role, known: names?.roles, what: 'role', at: [...at, 'role'], ground });
    return nameFault({ name: need.team ?? '', known: names?.teams, what: 'team', at: [...at, 'team'], ground });
  });
  const longest = stage.approval?.within ?? 0;
  const tooLong =
    longest > WEEK_MS ? [problemAt(ground.positionOf, { path: [...path, 'approval', 'within'], message: 'found more than 7d, expected at most 7d' })] : [];
  return [...problems, ...verified, ...approvers, ...tooLong];
}

const WEEK_MS = 7 * 86_400_000;

function checkAsk({ stage, ground, path, sight, names }: Omit<Here, 'stage'> & { readonly stage: AskStage }): readonly Problem[] {
  const { ask } = stage;
  const { type, choose, goOn } = ask.answer;
  const put = (at: FieldPath, message: string): Problem => problemAt(ground.positionOf, { path: [...path, 'ask', ...at], message });
  const problems: Problem[] = ask.show.flatMap(({ from }, index) => {
    const message = referenceFault({ from, sight, optional: true });
    return message === undefined ? [] : [put(['show', index], message)];
  });
  if (type === 'choice' && (choose === undefined || choose.length === 0)) problems.push(put(['answer'], 'a choice needs choose: the answers to choose from'));
  if (type !== 'choice' && choose !== undefined) problems.push(put(['answer', 'choose'], `choose belongs to the type choice, found the type ${type}`));
  for (const [index, good] of (goOn ?? []).entries()) {
    if (!fits(typeOf(good), answerType(ask.answer)))
      problems.push(
        put(
          ['answer', 'goOn', index],
          `found ${JSON.stringify(good)}, which is no answer of the type ${type}.${typeof good === 'string' ? suggestion(good, choose ?? []) : ''}`,
        ),
      );
  }
  return [...problems, ...nameFault({ name: ask.role, known: names?.roles, what: 'role', at: [...path, 'ask', 'role'], ground })];
}

type Name = { readonly name: string; readonly known: readonly string[] | undefined; readonly what: string; readonly at: FieldPath; readonly ground: Ground };

/** A name that the configuration has to have. */
export function nameFault({ name, known, what, at, ground }: Name): readonly Problem[] {
  if (known === undefined || known.includes(name)) return [];
  return [problemAt(ground.positionOf, { path: at, message: `there is no ${what} ${name}.${suggestion(name, known)}` })];
}

function sourceOf(action: Action | undefined, when: Stage['when']): Source {
  const schema = action === undefined ? undefined : action.kind === 'remediation' ? action.result : action.kind === 'finder' ? undefined : action.facts;
  return { ...(schema === undefined ? {} : { schema }), ...(when === undefined ? {} : { when }) };
}

type LeftBehind = { readonly [K in 'steps' | 'checks' | 'answers']: readonly (readonly [string, Source])[] };

/** What later stages can see of this one. */
function leftBehind(stage: Stage, { catalog }: Ground): LeftBehind {
  const { when } = stage;
  if (isSteps(stage)) {
    const checks = stage.verify.flatMap(({ id, action }) => (id === undefined ? [] : [[id, sourceOf(catalog.get(action), when)] as const]));
    return { steps: stage.steps.map(({ id, action }) => [id, sourceOf(catalog.get(action), when)]), checks, answers: [] };
  }
  if (isAwait(stage)) return { steps: [], checks: [[stage.id, sourceOf(catalog.get(stage.await.action), when)]], answers: [] };
  return { steps: [], checks: [], answers: [[stage.id, { ask: stage.ask, ...(when === undefined ? {} : { when }) }]] };
}

/** Ids of this and later stages, which cannot be seen yet. */
function laterIds(stages: readonly Stage[], index: number): ReadonlyMap<string, string> {
  return new Map(
    stages.slice(index).flatMap((stage) => {
      const ids = isSteps(stage) ? [...stage.steps.map(({ id }) => id), ...stage.verify.flatMap(({ id }) => id ?? [])] : [stage.id];
      return ids.map((id) => [id, `${id} belongs to the stage ${stage.id}, which has not run yet here`] as const);
    }),
  );
}
