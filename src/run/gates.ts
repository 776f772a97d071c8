import { apiVersionOf } from '../domain/kind.ts';
import { admitStart, admitWrite, type Looked } from '../gate/admit.ts';
import { drawsOf } from '../gate/blast-radius.ts';
import type { Lock } from '../gate/lock.ts';
import type { Hold } from '../model/gate.ts';
import type { KubeObject } from '../model/object.ts';
import type { Plan } from '../model/plan.ts';
import type { Run } from '../model/run.ts';
import type { Reader } from '../port/kube.ts';
import type { Engine } from './engine.ts';
import { keysIn, locksNear } from './locks.ts';
import { type Stopped, stoppedByHand } from './pauses.ts';

/** The most objects that are read for marks of another owner; a plan of hundreds is judged by its first. */
const MOST_OBJECTS = 20;
const NOTHING: Stopped = { pauses: [], frozen: [] };

/** Reads for the gates of every cluster that a plan writes to, in one round. */
export async function lookAtGates(engine: Engine, run: Run, plan: Plan): Promise<readonly Looked[]> {
  const written = new Set(plan.steps.filter((step) => step.changes.length > 0).map((step) => step.cluster));
  return Promise.all(
    [...written].map(async (cluster) => {
      const keys = keysIn(run, cluster);
      const ids = drawsOf(keys, engine.policy().gates.blastRadius).map(({ count }) => count);
      const [stopped, locks, totals] = await Promise.all([
        stoppedByHand(engine.store, cluster, run.playbook),
        locksNear(engine, cluster, keys),
        engine.store.counts(cluster, ids),
      ]);
      return { cluster, ...stopped, locks, touched: new Map(ids.map((id, at) => [id, totals[at] ?? 0])) };
    }),
  );
}

/** Is a cluster that the plan writes to paused, frozen, or outside its window? */
export function holdShut(engine: Engine, run: Run, looked: readonly Looked[]): Hold | undefined {
  for (const { cluster, pauses, frozen } of looked) {
    const decision = admitWrite({ run, cluster, undo: false, nowMs: engine.clock.nowMs(), policy: engine.policy(), pauses, frozen });
    if (decision.kind === 'hold') return decision;
  }
  return undefined;
}

/**
 * May this plan start now? Asked when it is proposed, for the card, and again when it starts. Every cluster that is written to is asked. What was
 * looked at a moment ago is enough: the commits that take the locks and store the intents ask for all of it once more.
 */
export async function holdToStart(
  engine: Engine,
  { run, plan, looked }: { readonly run: Run; readonly plan: Plan; readonly looked: readonly Looked[] },
): Promise<Hold | undefined> {
  for (const { cluster, pauses, frozen, locks, touched: counted } of looked) {
    const objects = await objectsOf(engine, plan, cluster);
    const keys = run.locked ? [] : keysIn(run, cluster).filter((key) => !holds(locks, run, key));
    const draws = drawsOf(keys, engine.policy().gates.blastRadius);
    const touched = draws.map(({ count }) => counted.get(count) ?? 0);
    const asked = { run, cluster, nowMs: engine.clock.nowMs(), policy: engine.policy(), pauses, frozen };
    const decision = admitStart({ ...asked, keys, locks, draws, touched, objects });
    if (decision.kind === 'hold') return decision;
  }
  return undefined;
}

/** May this write go out now? Without `stopped` only what needs no look at the store is asked: freezes of the configuration, and windows. */
export function holdToWrite(
  engine: Engine,
  run: Run,
  { cluster, undo, stopped = NOTHING }: { readonly cluster: string; readonly undo: boolean; readonly stopped?: Stopped },
): Hold | undefined {
  const decision = admitWrite({ run, cluster, undo, nowMs: engine.clock.nowMs(), policy: engine.policy(), ...stopped });
  return decision.kind === 'hold' ? decision : undefined;
}

function holds(locks: readonly Lock[], run: Run, key: string): boolean {
  return locks.some((lock) => lock.key === key && lock.run === run.id);
}

/** The objects that exist and would be changed, for the marks of other owners on them. */
async function objectsOf(engine: Engine, plan: Plan, cluster: string): Promise<readonly KubeObject[]> {
  const names = plan.steps
    .filter((step) => step.cluster === cluster)
    .flatMap((step) => step.changes.filter(({ verb }) => verb !== 'create').map(({ object }) => object));
  const access = engine.clusters.get(cluster)?.access;
  if (access === undefined) return [];
  const found = await Promise.all([...new Set(names)].slice(0, MOST_OBJECTS).map((name) => find(access, name)));
  return found.filter((object) => object !== undefined);
}

async function find(access: Reader, object: string): Promise<KubeObject | undefined> {
  const [kind = '', first = '', second] = object.split('/');
  const apiVersion = apiVersionOf(kind);
  if (apiVersion === undefined) return undefined;
  return access.find({ apiVersion, kind, ...(second === undefined ? { name: first } : { namespace: first, name: second }) });
}
