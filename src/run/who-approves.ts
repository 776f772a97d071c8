import type { Action } from '../action/contract.ts';
import { declaredRisk, stepsRisk } from '../action/declared-risk.ts';
import { needWords, type Proposal, requirementFor } from '../approval/require.ts';
import { ruleWords } from '../approval/rule-words.ts';
import { fits, slotsOf } from '../approval/slot.ts';
import { glassBreakersOf, teamWords, votersOf } from '../approval/voters.ts';
import type { Requirement } from '../model/approval.ts';
import type { JsonObject } from '../model/json.ts';
import type { PlannedStep } from '../model/plan.ts';
import { type AskStage, isAwait, isSteps, type Playbook, type StepsStage } from '../model/playbook.ts';
import type { Policy } from '../model/policy.ts';

type Known = { readonly policy: Policy; readonly actions: { get(id: string): Action | undefined }; readonly nowMs: number };

/** The word that a plan will ask for, where it is not planned yet. */
const TARGET = 'the target';

/** For each stage: what it does, its risk, by which rules it asks whom, who of them may, and who may not, and why. For whoever asks before there is a plan. */
export function whoApproves(playbook: Playbook, known: Known): readonly JsonObject[] {
  return playbook.stages.map((stage): JsonObject => {
    if (isAwait(stage)) return { stage: stage.id, waits: stage.await.action };
    return isSteps(stage) ? stepsWords(playbook, stage, known) : askWords(stage, known);
  });
}

/** Whom a stage would ask, if every one of its steps had something to change. */
export function stageRequirement(playbook: Playbook, stage: StepsStage, known: Known): Requirement {
  return requirementFor(proposalOf(playbook, stage, known));
}

function stepsWords(playbook: Playbook, stage: StepsStage, known: Known): JsonObject {
  const { policy } = known;
  const proposal = proposalOf(playbook, stage, known);
  const requirement = requirementFor(proposal);
  const ballot = { requirement, digest: '', policy };
  const isPeople = requirement.kind === 'people';
  const glass = isPeople ? requirement.breakGlass : undefined;
  return {
    stage: stage.id,
    actions: stage.steps.map(({ action }) => action),
    risk: proposal.plan.risk,
    needs: words(requirement),
    rules: [...ruleWords(proposal)],
    people: isPeople ? votersOf(ballot).map((one) => ({ ...one })) : [],
    ...(glass === undefined
      ? {}
      : { glass: { needs: needWords(glass.need), may: [...glassBreakersOf(ballot)], ...(glass.page === undefined ? {} : { page: glass.page }) } }),
  };
}

/** Who has the role may answer; nobody else. */
function askWords({ id, ask }: AskStage, { policy }: Known): JsonObject {
  const slots = slotsOf([{ role: ask.role, count: 1 }], policy.roles);
  const able = policy.people.filter((person) => slots.some((slot) => fits(person, slot)));
  return { stage: id, asks: ask.text, role: ask.role, people: able.map((person) => ({ name: person.name, may: true, why: teamWords(person) })) };
}

function words(requirement: Requirement): string {
  switch (requirement.kind) {
    case 'people':
      return requirement.words;
    case 'hold':
      return requirement.reason;
    case 'auto':
      return 'automatic, within its limit';
    case 'none':
      return 'nobody';
  }
}

function proposalOf(playbook: Playbook, stage: StepsStage, { policy, actions, nowMs }: Known): Proposal {
  const steps = stage.steps.map((one): PlannedStep => {
    const { id, action } = one;
    // An action that nobody knows could do anything.
    const risk = declaredRisk(actions, one) ?? 'destructive';
    const changes = [{ verb: 'patch' as const, object: 'Any/one', risk }];
    return { step: id, action, cluster: '', params: {}, stepKey: '', risk, summary: '', changes, undo: [], facts: {} };
  });
  return { plan: { risk: stepsRisk(actions, stage.steps), steps }, playbook: playbook.id, stageApproval: stage.approval, policy, targetWord: TARGET, nowMs };
}
