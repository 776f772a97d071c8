import type { Action } from '../action/contract.ts';
import type { Looked } from '../gate/admit.ts';
import type { Playbook } from '../model/playbook.ts';
import type { Policy } from '../model/policy.ts';
import type { Clock } from '../port/clock.ts';
import type { Ids } from '../port/ids.ts';
import type { Clusters } from '../port/kube.ts';
import type { Log } from '../port/log.ts';
import type { Store } from '../port/store.ts';
import type { Interest } from './interest.ts';
import type { Session } from './session.ts';

/** What the engine needs from outside, all of it. */
export type Engine = {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly clusters: Clusters;
  readonly actions: { get(id: string): Action | undefined };
  /** Read anew for each decision: the configuration may be reloaded. */
  readonly policy: () => Policy;
  /** The loaded playbook of this digest; without it, and where another is loaded by now, the text is read from the store. */
  readonly known?: (id: string, digest: string) => Playbook | undefined;
  /** Wakes runs that wait as soon as what they looked at changes; without it they look when they are due. */
  readonly interest?: Interest;
};

/** One effect in hand: the engine, the holding of the run, and the run's own playbook text. */
export type Performance = {
  readonly engine: Engine;
  readonly session: Session;
  readonly playbook: Playbook;
  /** What the gates read when this very drive planned, for a start that follows at once. */
  readonly glance?: { last?: { readonly atMs: number; readonly digest: string; readonly looked: readonly Looked[] } | undefined };
};
