import { isAwait, isSteps, type Playbook, type Stage, type With } from '../model/playbook.ts';

/** One use of an action by a playbook. */
export type Use = { readonly action: string; readonly with: With; readonly cluster?: string | { readonly from: string } | undefined };

/** Every use of an action: the finder's, the diagnoses', then stage by stage. */
export function usesOf(playbook: Playbook): readonly Use[] {
  const { find, diagnose, stages } = playbook;
  return [...(find === undefined ? [] : [find]), ...diagnose, ...stages.flatMap(usesOfStage)];
}

/** The uses of a stage; those that say nothing of a cluster are on the stage's. */
export function usesOfStage(stage: Stage): readonly Use[] {
  const uses: readonly Use[] = isSteps(stage) ? [...stage.steps, ...stage.verify] : isAwait(stage) ? [stage.await] : [];
  return uses.map((use) => ({ action: use.action, with: use.with, cluster: use.cluster ?? stage.cluster }));
}

/** Every action that a playbook uses, each once. */
export function actionsOf(playbook: Playbook): readonly string[] {
  return [...new Set(usesOf(playbook).map(({ action }) => action))];
}
