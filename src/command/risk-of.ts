import type { Action } from '../action/contract.ts';
import type { Risk } from '../model/risk.ts';

/** The risk that an action declares: what only looks is `read`. Undefined for an action that nobody knows. */
export function riskOf(actions: { get(id: string): Action | undefined }, id: string): Risk | undefined {
  const action = actions.get(id);
  if (action === undefined) return undefined;
  return action.kind === 'remediation' ? action.risk : 'read';
}
