import type { Action } from '../action/contract.ts';
import { parseParams, parseResult } from '../action/parse.ts';
import { errorText } from '../model/error.ts';
import { isAwait, isSteps, type Playbook, type Stage } from '../model/playbook.ts';
import type { Run, StepState } from '../model/run.ts';

type Kind = Action['kind'];
type Needed = { readonly action: string; readonly kind: Kind };

/**
 * Why an open run cannot go on with this catalog: an action that it still needs is gone, or what its steps stored is not what their action takes any more.
 * Undefined where everything fits. Handlers are not pinned to a run as its text is, so an upgrade may take away what it rests on.
 */
export function misfitOf(
  actions: { get(id: string): Action | undefined },
  run: Run,
  { diagnose, stages }: Pick<Playbook, 'diagnose' | 'stages'>,
): string | undefined {
  const looks = diagnose.map(({ action }): Needed => ({ action, kind: 'diagnosis' }));
  for (const { action, kind } of [...looks, ...stages.slice(run.stage).flatMap(neededBy)])
    if (actions.get(action)?.kind !== kind) return goneWords(action, kind);
  for (const step of run.steps.filter((one) => isStillUsed(one, stages[run.stage]))) {
    const action = actions.get(step.planned.action);
    if (action?.kind !== 'remediation') return goneWords(step.planned.action, 'remediation');
    try {
      parseParams(action, step.planned.params);
      if (step.result !== undefined) parseResult(action, step.result);
    } catch (error) {
      return storedWords(errorText(error));
    }
  }
  return undefined;
}

export function goneWords(action: string, kind: Kind): string {
  return `The action ${action} (${kind}) is not in the catalog of this version`;
}

export function storedWords(reason: string): string {
  return `What the run has stored no longer fits this version: ${reason}`;
}

function neededBy(stage: Stage): readonly Needed[] {
  if (isAwait(stage)) return [{ action: stage.await.action, kind: 'check' }];
  if (!isSteps(stage)) return [];
  return [
    ...stage.steps.map(({ action }): Needed => ({ action, kind: 'remediation' })),
    ...stage.verify.map(({ action }): Needed => ({ action, kind: 'check' })),
  ];
}

/** Its handler is called again: to go on, to verify, or to undo. */
function isStillUsed({ phase, undo, stage }: StepState, now: Stage | undefined): boolean {
  if (phase === 'planned' || phase === 'undone' || phase === 'not-undone' || phase === 'written-off') return false;
  return undo !== 'never' || stage === now?.id;
}
