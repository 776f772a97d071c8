import { isAwait, isSteps, type Playbook } from '../model/playbook.ts';

/** Every action that a playbook uses, each once. */
export function actionsOf(playbook: Playbook): readonly string[] {
  const ids = playbook.diagnose.map(({ action }) => action);
  if (playbook.find !== undefined) ids.push(playbook.find.action);
  for (const stage of playbook.stages) {
    if (isSteps(stage)) ids.push(...stage.steps.map(({ action }) => action), ...stage.verify.map(({ action }) => action));
    else if (isAwait(stage)) ids.push(stage.await.action);
  }
  return [...new Set(ids)];
}
