import type { Action } from '../../action/contract.ts';
import { parseParams, parseResult } from '../../action/parse.ts';
import { errorCode, errorText, SalvorError } from '../../model/error.ts';
import type { Measured } from '../../model/finding.ts';
import type { Hold } from '../../model/gate.ts';
import type { JsonObject } from '../../model/json.ts';
import type { PlannedStep } from '../../model/plan.ts';
import { isReference, type With } from '../../model/playbook.ts';
import type { Run } from '../../model/run.ts';
import { lookUp, resolveWith } from '../../playbook/resolve.ts';
import type { Cluster } from '../../port/kube.ts';
import type { Engine, Performance } from '../engine.ts';
import { goneWords, storedWords } from '../fits.ts';
import { scopeOf } from '../scope.ts';
import { HeldFault } from '../writer.ts';

const DEFAULT_TIMEOUT_MS = 30_000;
/** One reason for all: making one takes longer than many a call. */
const CALL_IS_OVER = new DOMException('The call is over', 'AbortError');

/** The action of a kind, or a hold: an upgrade may have taken it away. */
export function actionOf<K extends Action['kind']>(engine: Engine, id: string, kind: K): Extract<Action, { kind: K }> {
  const action = engine.actions.get(id);
  if (action === undefined || !isKind(action, kind)) throw new HeldFault({ kind: 'hold', gate: 'upgrade', reason: goneWords(id, kind) });
  return action;
}

function isKind<K extends Action['kind']>(action: Action, kind: K): action is Extract<Action, { kind: K }> {
  return action.kind === kind;
}

type ClusterChoice = string | { readonly from: string } | undefined;

/**
 * The cluster that a stage or step names, by default the run's. Not configured (yet): hold. The run remembers which one it was when it first
 * used it: a rebuilt one under the same name holds. A cluster that is away can still be looked at, for its handler knows best what that means.
 */
export async function clusterOf(
  { engine, session }: Pick<Performance, 'engine' | 'session'>,
  choice: ClusterChoice,
  using: 'read' | 'write' = 'read',
): Promise<Cluster> {
  const run = session.run();
  const named = choice === undefined ? run.cluster : isReference(choice) ? lookUp(choice.from, scopeOf(run)) : choice;
  if (typeof named !== 'string') throw new HeldFault(hold('cluster', 'The cluster to act on is not known yet'));
  const configured = engine.clusters.get(named);
  if (configured === undefined) throw new HeldFault(hold('cluster', `The cluster ${named} is not configured`));
  const cluster = using === 'read' && engine.interest !== undefined ? engine.interest.noting(configured, run.id) : configured;
  const uid = using === 'write' ? await cluster.uid() : await cluster.uid().catch(() => undefined);
  if (uid === undefined) return cluster;
  const known = Object.hasOwn(run.clusterUids, named) ? run.clusterUids[named] : undefined;
  if (known === undefined) session.take({ ...session.run(), clusterUids: { ...session.run().clusterUids, [named]: uid } }, [], []);
  else if (known !== uid)
    throw new HeldFault(
      hold('cluster', `The cluster ${named} is another one now: it was rebuilt since this run began. A person decides: cancel the run, or supersede it`),
    );
  return cluster;
}

/** Now, by the clock of the cluster: what a handler compares with the times that the cluster wrote. */
export function nowIn({ clock }: Pick<Engine, 'clock'>, cluster: Pick<Cluster, 'aheadMs'>): number {
  return clock.nowMs() + cluster.aheadMs();
}

/** What a handler measured by the cluster's clock, by ours: reports set it beside our own times. */
export function byOurClock(measured: Measured | undefined, cluster: Pick<Cluster, 'aheadMs'>): Measured {
  const { factTimeMs, recoveryPointMs } = measured ?? {};
  return {
    ...(factTimeMs === undefined ? {} : { factTimeMs: factTimeMs - cluster.aheadMs() }),
    ...(recoveryPointMs === undefined ? {} : { recoveryPointMs: recoveryPointMs - cluster.aheadMs() }),
  };
}

function hold(gate: Hold['gate'], reason: string): Hold {
  return { kind: 'hold', gate, reason };
}

/** Parameters of a use of an action, resolved against the run and checked by the action's schema. */
export function paramsOf(run: Run, action: Action, given: With): { readonly raw: JsonObject; readonly params: never } {
  const resolved = resolveWith(given, scopeOf(run));
  if (!resolved.ok) throw new SalvorError('request.invalid', `${action.id} needs ${resolved.absent.join(', ')}, which is not known`);
  // The schema decides the type; the maker in the contract tied the functions to it.
  return { raw: resolved.params, params: parseParams(action, resolved.params) as never };
}

/** Parameters that a plan was made with. Where this version's schema refuses them, the run is held: an upgrade changed what it rests on. */
export function plannedParams(action: Action, planned: PlannedStep): never {
  return stored(() => parseParams(action, planned.params)) as never;
}

/** A result as it was stored, for this version's schema. */
export function storedResult(action: Action, result: JsonObject): JsonObject {
  return stored(() => parseResult(action, result));
}

function stored<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (errorCode(error) !== 'action.bad-result') throw error;
    throw new HeldFault(hold('upgrade', storedWords(errorText(error))));
  }
}

/** Calls a handler's function with a time limit. The signal tells it; a handler that does not listen is left behind. */
export async function timed<T>(
  engine: Engine,
  of: { readonly action: Action; readonly signal: AbortSignal },
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const late = Promise.withResolvers<never>();
  const limitMs = of.action.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const cancel = engine.clock.after(limitMs, () => {
    over.abort(CALL_IS_OVER);
    late.reject(new SalvorError('action.timeout', `${of.action.id} did not answer within ${limitMs} ms`, { retry: 'later' }));
  });
  const stop = (): void => over.abort(of.signal.reason);
  if (of.signal.aborted) stop();
  else of.signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([call(over.signal), late.promise]);
  } finally {
    // What a handler left behind still tries to do finds its signal aborted, and its writer closed.
    over.abort(CALL_IS_OVER);
    of.signal.removeEventListener('abort', stop);
    cancel();
  }
}
