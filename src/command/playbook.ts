import type { Action } from '../action/contract.ts';
import { declaredRisk, stepsRisk } from '../action/declared-risk.ts';
import { SalvorError } from '../model/error.ts';
import { isAwait, isSteps, type Playbook, type Stage } from '../model/playbook.ts';
import { suggestion } from '../model/problem.ts';
import { highestRisk, type Risk } from '../model/risk.ts';
import { paramsJsonSchema } from '../playbook/params.ts';
import type { Commands } from '../port/commands.ts';
import type { PlaybookSummary, PlaybookView } from '../port/view/playbook.ts';
import type { Intake } from '../run/intake.ts';
import { stageRequirement } from '../run/who-approves.ts';
import { assertMayRead } from './access.ts';
import { type CommandDeps, playbooksOf } from './deps.ts';
import { requirementText } from './requirement-text.ts';

type Actions = { get(id: string): Action | undefined };

/** What playbooks there are, and what each may do. */
export function playbookViews(deps: CommandDeps): Pick<Commands, 'playbooks' | 'playbook'> {
  return {
    async playbooks(caller) {
      assertMayRead(caller);
      return { items: playbooksOf(deps).map((playbook) => playbookSummary(deps, playbook)) };
    },
    async playbook(caller, id) {
      assertMayRead(caller);
      return playbookView(deps, playbookNamed(deps, id));
    },
  };
}

/** Throws `playbook.unknown`, with the nearest name. */
export function playbookNamed({ intake }: { readonly intake: Pick<Intake, 'catalog'> }, id: string): Playbook {
  const all = intake.catalog().map(({ playbook }) => playbook);
  const playbook = all.find((one) => one.id === id);
  if (playbook !== undefined) return playbook;
  const known = all.map((one) => one.id);
  throw new SalvorError('playbook.unknown', `There is no playbook "${id.slice(0, 80)}".${suggestion(id, known)}`);
}

function playbookSummary(deps: CommandDeps, playbook: Playbook): PlaybookSummary {
  const { actions } = deps;
  const isStorm = playbooksOf(deps).some(({ storm }) => storm?.start === playbook.id);
  const ways = { alert: playbook.match.length > 0, command: true, schedule: playbook.schedule !== undefined, storm: isStorm };
  return {
    id: playbook.id,
    digest: playbook.digest,
    summary: playbook.summary,
    severity: playbook.severity,
    command: playbook.command,
    aliases: playbook.aliases,
    risk: highestRisk(playbook.stages.map((stage) => stageRisk(stage, actions))),
    startedBy: (['alert', 'command', 'schedule', 'storm'] as const).filter((way) => ways[way]),
    params: Object.keys(playbook.params),
  };
}

function playbookView(deps: CommandDeps, playbook: Playbook): PlaybookView {
  const { actions } = deps;
  const { schedule } = playbook;
  const known = { policy: deps.policy(), actions, nowMs: deps.clock.nowMs() };
  return {
    ...playbookSummary(deps, playbook),
    match: playbook.match,
    schedule: schedule === undefined ? undefined : { cron: schedule.cron, timeZone: schedule.timeZone, clusters: schedule.clusters },
    parameters: paramsJsonSchema(playbook),
    needs: neededByHand(deps, playbook),
    actions: usesOf(playbook).map(({ id, stage }) => {
      const action = actions.get(id);
      // An action that nobody knows could do anything.
      return { action: id, summary: action?.summary, kind: action?.kind, risk: declaredRisk(actions, { action: id }) ?? 'destructive', stage };
    }),
    stages: playbook.stages.map((stage) => ({
      id: stage.id,
      kind: isSteps(stage) ? 'steps' : isAwait(stage) ? 'await' : 'ask',
      risk: stageRisk(stage, actions),
      asks: isSteps(stage) ? requirementText(stageRequirement(playbook, stage, known)) : undefined,
    })),
    text: playbook.text,
  };
}

/** What an alert brings, a person has to give; what the site or the playbook has as a default, or finds, nobody has to. */
function neededByHand({ intake }: CommandDeps, { id, params }: Playbook): readonly string[] {
  const defaults = intake.catalog().find(({ playbook }) => playbook.id === id)?.defaults ?? {};
  return Object.entries(params)
    .filter(([name, { optional, default: own, from }]) => {
      const brought = from !== undefined && !from.startsWith('alert.labels.');
      return !optional && (own === undefined || own === null) && !brought && !Object.hasOwn(defaults, name);
    })
    .map(([name]) => name);
}

function usesOf(playbook: Playbook): readonly { readonly id: string; readonly stage?: string }[] {
  const inStages = playbook.stages.flatMap((stage) => {
    if (isAwait(stage)) return [{ id: stage.await.action, stage: stage.id }];
    return isSteps(stage) ? [...stage.steps, ...stage.verify].map(({ action }) => ({ id: action, stage: stage.id })) : [];
  });
  const finder = playbook.find === undefined ? [] : [{ id: playbook.find.action }];
  const seen = new Set<string>();
  return [...finder, ...playbook.diagnose.map(({ action }) => ({ id: action })), ...inStages].filter((use) => {
    const key = JSON.stringify(use);
    return !seen.has(key) && seen.add(key);
  });
}

function stageRisk(stage: Stage, actions: Actions): Risk {
  return isSteps(stage) ? stepsRisk(actions, stage.steps) : 'read';
}
