import { errorCode } from '../model/error.ts';
import type { Json } from '../model/json.ts';
import { isReference } from '../model/playbook.ts';
import type { Run } from '../model/run.ts';
import { merged, missingText, type Needed, namespaceOf, needsOf, OWN_REVIEWS } from '../playbook/permissions.ts';
import { lookUp, type Scope } from '../playbook/resolve.ts';
import type { Use } from '../playbook/uses.ts';
import type { Cluster } from '../port/kube.ts';
import type { Engine } from './engine.ts';
import { scopeOf } from './scope.ts';

/** What a run may not do, in sentences. */
export type Lacking = {
  /** Without these rights nothing may begin. */
  readonly refusal?: string;
  /** Without these it goes on, and hears of changes only when it looks. */
  readonly blind?: string;
};

/**
 * Asks the clusters whether all that these uses of actions need is allowed, before any of them begins: what is missing is named while nothing has
 * been touched. A use whose cluster or namespace is not known yet is not asked about; the stage that it is in asks again.
 */
export async function lackingRights(engine: Engine, run: Run, uses: readonly Use[]): Promise<Lacking> {
  const scope = scopeOf(run);
  const needs = new Map<Cluster, readonly Needed[]>();
  for (const use of uses) {
    const cluster = engine.clusters.get(clusterName(use, run, scope) ?? '');
    const action = engine.actions.get(use.action);
    const namespace = givenNamespace(use, scope);
    if (cluster === undefined || action === undefined || namespace === 'unknown') continue;
    const asked = needsOf(action, namespaceOf(action, namespace.value)).filter(({ optional }) => optional !== true);
    needs.set(cluster, [...(needs.get(cluster) ?? []), ...asked]);
  }
  // A server that has just turned us away has room for one request, if for any: of several at once each try would lose some.
  const oneByOne = run.refusals > 0;
  const answers = await Promise.all(
    [...needs].map(async ([cluster, all]) => ({ cluster: cluster.name, missing: await missingIn(cluster, merged(all), { oneByOne }) })),
  );
  const words = (watch: boolean): string =>
    answers
      .map(({ cluster, missing }) => ({ cluster, those: missing.filter((one) => one.watch === watch) }))
      .flatMap(({ cluster, those }) => (those.length === 0 ? [] : [missingText(cluster, those)]))
      .join('; ');
  const refusal = words(false);
  const blind = engine.interest === undefined ? '' : words(true);
  return { ...(refusal === '' ? {} : { refusal }), ...(blind === '' ? {} : { blind }) };
}

/**
 * Each right is asked for by itself: authorizers beside RBAC have no complete list to give. To be answered is to have the right to ask. All together, or
 * one by one.
 */
export async function missingIn({ access }: Pick<Cluster, 'access'>, all: readonly Needed[], { oneByOne = false } = {}): Promise<readonly Needed[]> {
  const needs = all.filter(({ permission }) => permission.resource !== OWN_REVIEWS.permission.resource);
  try {
    const mayI = ({ permission }: Needed): Promise<boolean> => access.mayI(permission);
    const allowed = oneByOne ? [] : await Promise.all(needs.map(mayI));
    if (oneByOne) for (const need of needs) allowed.push(await mayI(need));
    return needs.filter((_, index) => allowed[index] === false);
  } catch (error) {
    if (errorCode(error) === 'kube.forbidden') return [OWN_REVIEWS];
    throw error;
  }
}

function clusterName({ cluster }: Use, run: Run, scope: Scope): string | undefined {
  if (cluster === undefined) return run.cluster;
  const named = isReference(cluster) ? lookUp(cluster.from, scope) : cluster;
  return typeof named === 'string' ? named : undefined;
}

/** Undefined as a value: nothing is given, and the action's default counts. A parameter that is absent is the same; what a stage still makes is unknown. */
function givenNamespace({ with: given }: Use, scope: Scope): { readonly value: Json | undefined } | 'unknown' {
  const value = given['namespace'];
  if (!isReference(value)) return { value };
  const found = lookUp(value.from, scope);
  return found === undefined && !value.from.startsWith('params.') ? 'unknown' : { value: found };
}
