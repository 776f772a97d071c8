import { nodeDrain } from '../../../handlers/node-drain.ts';
import { isMore, type StepPlan } from '../../../src/action/contract.ts';
import { digest } from '../../../src/model/digest.ts';
import type { Writer } from '../../../src/port/kube.ts';
import type { Scenario } from '../../../src/world/scenario.ts';
import { setStage } from './stage.ts';

const stepKey = digest('drain');
const NODES: NonNullable<Scenario['nodes']> = [{ name: 'w1', cordoned: true }, { name: 'w2' }, { name: 'w3' }];
export const WEB: NonNullable<Scenario['pods']> = [
  { name: 'shop/web-1', node: 'w1', owner: 'Deployment/web' },
  { name: 'shop/web-2', node: 'w1', owner: 'Deployment/web' },
];

/** A node that is about to be drained, with its plan made and approved. */
export async function begin(scenario: Scenario = {}, given: object = {}) {
  const stage = setStage({ nodes: NODES, pods: WEB, ...scenario });
  await stage.clock.pass(5000);
  const params = nodeDrain.params.parse({ node: 'w1', ...given });
  const plan = (): Promise<StepPlan> => stage.wait(nodeDrain.plan({ ...stage.about(), params, kube: stage.kube, stepKey }));
  const { changes: approved, ...planned } = await plan();
  const round = (kube: Writer = stage.kube) => stage.wait(nodeDrain.execute({ ...stage.about(), params, kube, stepKey, approved }));
  return { stage, plan, approved, planned, round, params };
}

/** One round that is to be followed by another. */
export async function more(answer: Promise<unknown>): Promise<{ readonly more: number; readonly progress: string }> {
  const found = await answer;
  if (!isMore(found)) throw new Error(`it is over: ${JSON.stringify(found)}`);
  return found;
}

export async function untilOver({ stage, round }: Awaited<ReturnType<typeof begin>>) {
  for (let rounds = 0; rounds < 1000; rounds += 1) {
    const answer = await round();
    if (!isMore(answer)) return nodeDrain.result.parse(answer);
    await stage.clock.pass(answer.more);
  }
  throw new Error('it never ends');
}
