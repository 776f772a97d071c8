import { admitWrite } from '../gate/admit.ts';
import type { JsonObject } from '../model/json.ts';
import type { Intake } from './intake.ts';
import { stoppedByHand } from './pauses.ts';

type About = { readonly playbook: string; readonly cluster: string; readonly atMs: number };

/** What would hold a first write of this playbook at a moment, by what can be known without looking at the cluster; empty: nothing. */
export async function gatesOf({ store, policy }: Pick<Intake, 'store' | 'policy'>, { playbook, cluster, atMs }: About): Promise<readonly JsonObject[]> {
  const stopped = await stoppedByHand(store, cluster, playbook);
  const gate = admitWrite({ run: { id: '', playbook }, cluster, nowMs: atMs, policy: policy(), ...stopped, undo: false });
  if (gate.kind !== 'hold') return [];
  return [{ gate: gate.gate, reason: gate.reason, ...(gate.untilMs === undefined ? {} : { until: new Date(gate.untilMs).toISOString() }) }];
}
