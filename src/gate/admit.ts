import { admit, type Decision } from '../model/gate.ts';
import type { KubeObject } from '../model/object.ts';
import type { Policy } from '../model/policy.ts';
import { blastRadius, type Draw } from './blast-radius.ts';
import { freeze, frozenByHand, type HandFreeze } from './freeze.ts';
import { blockersOf, type Lock, lockHold } from './lock.ts';
import { otherOwners } from './other-owner.ts';
import { type Pause, pause } from './pause.ts';
import { window } from './window.ts';

/** What every gate is asked about: the run, the cluster that is written to, and the moment. */
export type Asked = {
  readonly run: { readonly id: string; readonly playbook: string };
  readonly cluster: string;
  readonly nowMs: number;
  readonly policy: Pick<Policy, 'gates'>;
  /** Every pause record of that cluster. */
  readonly pauses: readonly Pause[];
  /** Every freeze of that cluster that was set by hand. */
  readonly frozen?: readonly HandFreeze[];
};

/** What was read from the store for the gates of one cluster. */
export type Looked = {
  readonly cluster: string;
  readonly pauses: readonly Pause[];
  readonly frozen: readonly HandFreeze[];
  /** Those that can conflict with the run's. */
  readonly locks: readonly Lock[];
  /** How much of each budget that the run draws on is taken. */
  readonly touched: ReadonlyMap<string, number>;
};

/** May this write go out now? An undo passes freeze and window, and only a pause holds it: what is half done is worse than what is late. */
export function admitWrite({ run, cluster, nowMs, policy, pauses, frozen = [], undo }: Asked & { readonly undo: boolean }): Decision {
  const paused = pause(run.playbook, pauses, nowMs);
  if (paused.kind === 'hold' || undo) return paused;
  const closed = freeze(cluster, policy.gates.freezes, nowMs);
  if (closed.kind === 'hold') return closed;
  const byHand = frozenByHand(cluster, frozen, nowMs);
  if (byHand.kind === 'hold') return byHand;
  return window({ cluster, playbook: run.playbook }, policy.gates.windows, nowMs);
}

/** What a start looks at beyond what every write does. */
export type Start = Asked & {
  /** Lock keys of this cluster that the run does not hold yet, and every lock of the cluster as read. */
  readonly keys: readonly string[];
  readonly locks: readonly Lock[];
  readonly draws: readonly Draw[];
  readonly touched: readonly number[];
  /** The objects that the run is about to touch, as read just now. */
  readonly objects: readonly KubeObject[];
};

/** May this stage start now? Asked when it is proposed, for the card, and when it starts; the commit that starts it asks locks and budgets once more. */
export function admitStart(start: Start): Decision {
  const write = admitWrite({ ...start, undo: false });
  if (write.kind === 'hold') return write;
  const owned = otherOwners(start.objects);
  if (owned.kind === 'hold') return owned;
  const blockers = blockersOf(start.keys, start.run.id, start.locks);
  if (blockers.length > 0) return lockHold(blockers);
  return start.keys.length === 0 ? admit : blastRadius(start.cluster, start.draws, start.touched);
}
