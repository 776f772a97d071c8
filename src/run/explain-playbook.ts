import type { JsonObject } from '../model/json.ts';
import type { Playbook } from '../model/playbook.ts';
import type { Engine } from './engine.ts';
import { gatesOf } from './gates-now.ts';
import type { Intake } from './intake.ts';
import { whoApproves } from './who-approves.ts';

type Asking = { readonly intake: Pick<Intake, 'store' | 'policy'>; readonly actions: Engine['actions'] };
type About = { readonly playbook: Playbook; readonly cluster: string; readonly nowMs: number };

/** What a playbook would have to pass on a cluster, before there is a plan: gates as they stand, and of each stage who approves it. Reads only. */
export async function explainPlaybook({ intake, actions }: Asking, { playbook, cluster, nowMs }: About): Promise<JsonObject> {
  const gates = await gatesOf(intake, { playbook: playbook.id, cluster, atMs: nowMs });
  return { playbook: playbook.id, cluster, gates: [...gates], stages: [...whoApproves(playbook, { policy: intake.policy(), actions, nowMs })] };
}
