import type { Catalog } from '../action/catalog.ts';
import { parseMatcher } from '../domain/alertmanager/matcher.ts';
import { isAwait, isSteps, type Playbook } from '../model/playbook.ts';
import { type FieldPath, type PositionOf, type Problem, problemAt } from '../model/problem.ts';
import { checkStages, nameFault, type SiteNames } from './check-stages.ts';
import { checkUse, type Ground, referenceFault } from './check-use.ts';
import { cronFault, timeZoneFault } from './cron.ts';
import { readDocument, topOf } from './document.ts';
import { parseParam } from './params.ts';
import { type Root, referenceType, type Sight, START_ROOTS } from './reference-type.ts';
import { text } from './value-type.ts';

export type CheckOptions = {
  /** Where its fields are written; without it the text that the playbook carries is read again. */
  readonly positionOf?: PositionOf;
  /** Ladders, roles and teams that may be named; absent: not asked. */
  readonly names?: SiteNames;
};

/** What shipped playbooks may name, whatever the site: the configuration maps them. */
export const SHIPPED_NAMES: SiteNames = { ladders: ['default'], roles: ['approver', 'commander', 'owner'], teams: [] };

/** Do the names in a playbook mean something, and do the types fit? Every problem, at its place. */
export function checkPlaybook(playbook: Playbook, catalog: Catalog, options: CheckOptions = {}): readonly Problem[] {
  const ground: Ground = { catalog, positionOf: options.positionOf ?? positionsOf(playbook) };
  return [
    ...checkMatch(playbook, ground),
    ...checkParams(playbook, ground),
    ...checkTarget(playbook, ground),
    ...checkSchedule(playbook, ground),
    ...checkIds(playbook, ground),
    ...nameFault({ name: playbook.escalate, known: options.names?.ladders, what: 'ladder', at: ['escalate'], ground }),
    ...checkStages({ playbook, ground, names: options.names }),
  ];
}

function positionsOf({ id, text: written }: Playbook): PositionOf {
  const file = `${id}.yaml`;
  const document = readDocument({ text: written, file });
  return document.ok ? document.positionOf : topOf(file);
}

function checkMatch({ match }: Playbook, { positionOf }: Ground): readonly Problem[] {
  return match.flatMap((one, index) => {
    const matcher = parseMatcher(one);
    return 'error' in matcher
      ? [problemAt(positionOf, { path: ['match', index], message: `found ${JSON.stringify(one)}, which is no matcher: ${matcher.error}` })]
      : [];
  });
}

function checkParams(playbook: Playbook, { positionOf }: Ground): readonly Problem[] {
  const sight = sightFor(playbook, ['alert', 'found', 'run']);
  return Object.entries(playbook.params).flatMap(([name, param]) => {
    const put = (at: FieldPath, message: string): readonly Problem[] => [problemAt(positionOf, { path: ['params', name, ...at], message })];
    if (param.type === 'choice' && (param.choose === undefined || param.choose.length === 0))
      return put([], 'a choice needs choose: the values to choose from');
    const odd = param.choose?.findIndex((one) => !parseParam({ type: param.type }, one).ok) ?? -1;
    if (odd >= 0) return put(['choose', odd], `found ${JSON.stringify(param.choose?.[odd])}, which is no value of the type ${param.type}`);
    if (param.from !== undefined) {
      const from = referenceType(param.from, sight);
      if (!from.ok) return put(['from'], from.message);
    }
    if (param.default === undefined) return [];
    const parsed = parseParam(param, param.default);
    return parsed.ok ? [] : put(['default'], parsed.reason);
  });
}

/** What names the run has to be known, as text, when the run starts; locks may also wait for the diagnosis. */
function checkTarget(playbook: Playbook, ground: Ground): readonly Problem[] {
  const { find } = playbook;
  const found = find === undefined ? [] : checkUse({ ...find, kind: 'finder', path: ['find'], sight: sightFor(playbook, ['alert', 'run', 'params']) }, ground);
  const put = (path: FieldPath, message: string | undefined): readonly Problem[] =>
    message === undefined ? [] : [problemAt(ground.positionOf, { path, message })];
  const sight = sightFor(playbook, START_ROOTS);
  const target = put(['target'], referenceFault({ from: playbook.target.from, sight, place: text, optional: false }));
  const diagnosis = new Map(
    playbook.diagnose.map(({ id, action: name }) => {
      const action = ground.catalog.get(name);
      return [id, action?.kind === 'diagnosis' ? { schema: action.facts } : {}] as const;
    }),
  );
  const locks = playbook.locks.flatMap(({ from }, index) =>
    put(['locks', index], referenceFault({ from, sight: { ...sight, roots: [...START_ROOTS, 'diagnosis'], diagnosis }, place: text, optional: true })),
  );
  return [...found, ...target, ...locks];
}

function checkSchedule(playbook: Playbook, { positionOf }: Ground): readonly Problem[] {
  const { schedule } = playbook;
  if (schedule === undefined) return [];
  const put = (field: string, message: string | undefined): readonly Problem[] =>
    message === undefined ? [] : [problemAt(positionOf, { path: ['schedule', field], message })];
  const unfilled = Object.entries(playbook.params)
    .filter(([, param]) => !param.optional && param.default === undefined && (param.from === undefined || param.from.startsWith('alert.')))
    .flatMap(([name]) => [problemAt(positionOf, { path: ['params', name], message: `a scheduled start has nobody to give ${name}: it needs a default` })]);
  return [...put('cron', cronFault(schedule.cron)), ...put('timeZone', timeZoneFault(schedule.timeZone)), ...unfilled];
}

/** Stages, steps, diagnoses and named checks share one set of names: journals and rehearsals speak of them by it. */
function checkIds(playbook: Playbook, { positionOf }: Ground): readonly Problem[] {
  const all: (readonly [string, FieldPath])[] = playbook.diagnose.map(({ id }, index) => [id, ['diagnose', index, 'id']]);
  for (const [index, stage] of playbook.stages.entries()) {
    all.push([stage.id, ['stages', index, 'id']]);
    if (isAwait(stage) || !isSteps(stage)) continue;
    for (const [number, step] of stage.steps.entries()) all.push([step.id, ['stages', index, 'steps', number, 'id']]);
    for (const [number, check] of stage.verify.entries()) if (check.id !== undefined) all.push([check.id, ['stages', index, 'verify', number, 'id']]);
  }
  const seen = new Set<string>();
  return all.flatMap(([id, path]) => {
    if (!seen.has(id)) {
      seen.add(id);
      return [];
    }
    return [problemAt(positionOf, { path, message: `the name ${id} is used twice; stages, steps, diagnoses and checks need names of their own` })];
  });
}

function sightFor(playbook: Playbook, roots: readonly Root[]): Sight {
  const nothing = new Map<string, never>();
  return { playbook, roots, diagnosis: nothing, steps: nothing, checks: nothing, answers: nothing, hidden: nothing };
}
