import type { Json } from '../model/json.ts';
import { highestRisk, type Risk } from '../model/risk.ts';
import type { Action } from './contract.ts';

type Actions = { get(id: string): Action | undefined };
/** A step as a playbook writes it. */
type Step = { readonly action: string; readonly with?: { readonly [param: string]: Json | object } };

/** The risk that an action declares, for what a step gives it: what only looks is `read`. Undefined for an action that nobody knows. */
export function declaredRisk(actions: Actions, { action: id, with: given = {} }: Step): Risk | undefined {
  const action = actions.get(id);
  if (action === undefined) return undefined;
  if (action.kind !== 'remediation') return 'read';
  const { reversibleWith: milder, risk } = action;
  return milder !== undefined && given[milder.param] === milder.is ? 'reversible' : risk;
}

/** The highest of several steps; an action that nobody knows could do anything. */
export function stepsRisk(actions: Actions, steps: readonly Step[]): Risk {
  return highestRisk(steps.map((step) => declaredRisk(actions, step) ?? 'destructive'));
}
