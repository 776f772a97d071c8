import type { Action } from '../../action/contract.ts';
import { parseParams } from '../../action/parse.ts';
import { SalvorError } from '../../model/error.ts';
import type { Hold } from '../../model/gate.ts';
import type { JsonObject } from '../../model/json.ts';
import { isReference, type With } from '../../model/playbook.ts';
import type { Run } from '../../model/run.ts';
import { lookUp, resolveWith } from '../../playbook/resolve.ts';
import { sleep } from '../../port/clock.ts';
import type { Cluster } from '../../port/kube.ts';
import type { Engine } from '../engine.ts';
import { scopeOf } from '../scope.ts';
import { HeldFault } from '../writer.ts';

const DEFAULT_TIMEOUT_MS = 30_000;

/** The action of a kind, or a hold: an upgrade may have taken it away. */
export function actionOf<K extends Action['kind']>(engine: Engine, id: string, kind: K): Extract<Action, { kind: K }> {
  const action = engine.actions.get(id);
  if (action === undefined || !isKind(action, kind))
    throw new HeldFault({ kind: 'hold', gate: 'upgrade', reason: `The action ${id} (${kind}) is not in the catalog of this version` });
  return action;
}

function isKind<K extends Action['kind']>(action: Action, kind: K): action is Extract<Action, { kind: K }> {
  return action.kind === kind;
}

type ClusterChoice = string | { readonly from: string } | undefined;

/** The cluster that a stage or step names, by default the run's. Not configured (yet): hold. A rebuilt one under the same name: hold too. */
export async function clusterOf(engine: Engine, run: Run, choice: ClusterChoice): Promise<Cluster> {
  const named = choice === undefined ? run.cluster : isReference(choice) ? lookUp(choice.from, scopeOf(run)) : choice;
  if (typeof named !== 'string') throw new HeldFault(hold('cluster', 'The cluster to act on is not known yet'));
  const cluster = engine.clusters.get(named);
  if (cluster === undefined) throw new HeldFault(hold('cluster', `The cluster ${named} is not configured`));
  const known = Object.hasOwn(run.clusterUids, named) ? run.clusterUids[named] : undefined;
  if (known !== undefined && (await cluster.uid()) !== known) {
    throw new HeldFault(
      hold('cluster', `The cluster ${named} is another one now: it was rebuilt since this run began. A person decides: cancel the run, or supersede it`),
    );
  }
  return cluster;
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

/** Calls a handler's function with a time limit. The signal tells it; a handler that does not listen is left behind. */
export async function timed<T>(
  engine: Engine,
  of: { readonly action: Action; readonly signal: AbortSignal },
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const settled = new AbortController();
  const limitMs = of.action.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const late = sleep(engine.clock, limitMs, settled.signal).then((): never => {
    if (settled.signal.aborted) return undefined as never;
    over.abort();
    throw new SalvorError('action.timeout', `${of.action.id} did not answer within ${limitMs} ms`, { retry: 'later' });
  });
  try {
    return await Promise.race([call(AbortSignal.any([of.signal, over.signal])), late]);
  } finally {
    settled.abort();
    late.catch(() => undefined);
  }
}
