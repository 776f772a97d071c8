import type { Action } from '../../../src/action/contract.ts';
import type { Writer } from '../../../src/port/kube.ts';
import { worldCluster } from '../../../src/world/access.ts';
import { type VirtualClock, virtualClock } from '../../../src/world/clock.ts';
import { type SimulatedCluster, simulatedCluster } from '../../../src/world/cluster.ts';
import { seededIds } from '../../../src/world/ids.ts';
import type { Scenario } from '../../../src/world/scenario.ts';

const STEP_MS = 1000;
const LONGEST_MS = 24 * 3_600_000;
const RUN = 'run/0123456789abcdef-1';

/** A simulated cluster, the time in it, and the calls of an action as the engine makes them. */
export type Stage = {
  readonly clock: VirtualClock;
  readonly cluster: SimulatedCluster;
  readonly kube: Writer;
  /** What every function of an action is told. */
  about(): { readonly run: string; readonly begun: readonly string[]; readonly cluster: string; readonly nowMs: number; readonly signal: AbortSignal };
  /** Waits for an answer while time passes in the cluster. */
  wait<T>(answer: Promise<T>): Promise<T>;
};

export function setStage(scenario: Scenario, seed = 1): Stage {
  const clock = virtualClock();
  const cluster = simulatedCluster({ name: 'prod', clock, ids: seededIds(seed), scenario });
  const { access } = worldCluster(cluster);
  return {
    clock,
    cluster,
    kube: access,
    about: () => ({ run: RUN, begun: [], cluster: 'prod', nowMs: clock.nowMs(), signal: new AbortController().signal }),
    async wait(answer) {
      let settled = false;
      const end = (): void => void (settled = true);
      answer.then(end, end);
      for (let passedMs = 0; !settled; passedMs += STEP_MS) {
        if (passedMs > LONGEST_MS) throw new Error('no answer within a day of the simulated cluster');
        await clock.pass(passedMs === 0 ? 0 : STEP_MS);
      }
      return answer;
    },
  };
}

/** The actions of one kind. */
export function ofKind<K extends Action['kind']>(actions: readonly Action[], kind: K): readonly Extract<Action, { readonly kind: K }>[] {
  return actions.filter((action): action is Extract<Action, { readonly kind: K }> => action.kind === kind);
}
