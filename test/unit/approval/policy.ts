import type { PlannedStep } from '../../../src/model/plan.ts';
import type { Policy } from '../../../src/model/policy.ts';
import type { Risk } from '../../../src/model/risk.ts';

/** The example configuration's people, teams and approvals. */
export const policy: Pick<Policy, 'people' | 'roles' | 'approvals'> = {
  people: [
    { name: 'ana', teams: ['platform'] },
    { name: 'ben', teams: ['platform', 'incident-command'] },
    { name: 'eva', teams: ['incident-command'] },
    { name: 'tim', teams: ['shop'] },
  ],
  roles: { approver: ['platform'], commander: ['incident-command'], owner: ['shop', 'platform'] },
  approvals: {
    reversible: { need: [{ team: 'platform', count: 1 }], notRequester: false, typedConfirmation: false, withinMs: 900_000, remindMs: 300_000 },
    destructive: {
      need: [
        { team: 'platform', count: 1 },
        { team: 'incident-command', count: 1 },
      ],
      notRequester: true,
      typedConfirmation: true,
      withinMs: 900_000,
      remindMs: 300_000,
    },
    stricter: [],
    auto: [],
  },
};

/** A planned step with one change; `changes: 0` plans nothing. */
export function step(action: string, risk: Risk, changes = 1): PlannedStep {
  const change = { verb: 'patch', object: 'Node/w1', field: 'spec.unschedulable', from: false, to: true } as const;
  return {
    step: action.replaceAll('.', '-'),
    action,
    cluster: 'prod',
    params: {},
    stepKey: 'k',
    risk,
    summary: action,
    changes: Array.from({ length: changes }, () => change),
    undo: [],
    facts: {},
  };
}
