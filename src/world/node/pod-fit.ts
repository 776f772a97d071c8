import { selectorChooses } from '../../domain/label-selector.ts';
import type { Json } from '../../model/json.ts';
import { at, listAt, numberAt, textAt, textsAt, type WorldObject } from '../object.ts';
import { nodeIsChosen } from './node-fit.ts';

/** Where pods are and which nodes there are, for rules that look at more than one node. */
export type Situation = {
  readonly nodes: readonly WorldObject[];
  readonly nodeNamed: (name: string) => WorldObject | undefined;
  /** Pods that are placed and not over. */
  readonly placed: () => readonly WorldObject[];
  /** Those of them that keep others away. */
  readonly guarding: () => readonly WorldObject[];
};

/** Why a node does not take a pod; `final`: no pod that goes would change that. */
export type Misfit = { readonly reason: string; readonly final: boolean };

/** What a pod asks of every node, worked out once for all of them. */
export type Rule = (node: WorldObject) => Misfit | undefined;

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';

/** The constraints `DoNotSchedule` of a pod. Source  Kubernetes documentation, "Pod Topology Spread Constraints". */
export function spreadRule(pod: WorldObject, situation: Situation): Rule {
  const hard = listAt(pod, 'spec', 'topologySpreadConstraints').filter((one) => textAt(one, 'whenUnsatisfiable') !== 'ScheduleAnyway');
  const keys = hard.map((one) => textAt(one, 'topologyKey'));
  const counted = hard.map((constraint) => ({ constraint, counts: countDomains(pod, { constraint, keys, situation }) }));
  return (node) => {
    for (const { constraint, counts } of counted) {
      const domain = domainOf(node, textAt(constraint, 'topologyKey'));
      if (domain === undefined) return { reason: "node(s) didn't match pod topology spread constraints (missing required label)", final: true };
      const least = counts.size < (numberAt(constraint, 'minDomains') ?? 1) ? 0 : Math.min(...counts.values());
      const own = selectorChooses(at(constraint, 'labelSelector'), pod.metadata.labels ?? {}) ? 1 : 0;
      if ((counts.get(domain) ?? 0) + own - least <= (numberAt(constraint, 'maxSkew') ?? 1)) continue;
      return { reason: "node(s) didn't match pod topology spread constraints", final: false };
    }
    return undefined;
  };
}

type Counting = { readonly constraint: Json; readonly keys: readonly string[]; readonly situation: Situation };

/** How many pods that a constraint is about are in each domain where this pod may be. */
function countDomains(pod: WorldObject, { constraint, keys, situation }: Counting): ReadonlyMap<string, number> {
  const key = textAt(constraint, 'topologyKey');
  const counts = new Map<string, number>();
  for (const node of situation.nodes) {
    const domain = domainOf(node, key);
    if (domain !== undefined && nodeIsChosen(pod, node) && keys.every((each) => domainOf(node, each) !== undefined)) counts.set(domain, 0);
  }
  for (const other of situation.placed()) {
    if (other.metadata.namespace !== pod.metadata.namespace || other.metadata.deletionTimestamp !== undefined) continue;
    if (!selectorChooses(at(constraint, 'labelSelector'), other.metadata.labels ?? {})) continue;
    const domain = domainOf(situation.nodeNamed(textAt(other, 'spec', 'nodeName')), key) ?? '';
    const count = counts.get(domain);
    if (count !== undefined) counts.set(domain, count + 1);
  }
  return counts;
}

/** Required affinity and anti-affinity to other pods, and theirs to this one. Source  Kubernetes documentation, "Inter-pod affinity". */
export function neighbourRule(pod: WorldObject, situation: Situation): Rule {
  const near = listAt(pod, 'spec', 'affinity', 'podAffinity', REQUIRED);
  const far = listAt(pod, 'spec', 'affinity', 'podAntiAffinity', REQUIRED);
  const domains = (term: Json): Taken => ({
    key: textAt(term, 'topologyKey'),
    values: domainsOf(
      situation,
      situation.placed().filter((other) => means(term, pod, other)),
      term,
    ),
  });
  const wanted = near.map(domains);
  const avoided = far.map(domains);
  const guarded = situation.guarding().flatMap((other) =>
    listAt(other, 'spec', 'affinity', 'podAntiAffinity', REQUIRED)
      .filter((term) => means(term, other, pod))
      .map((term): Taken => ({ key: textAt(term, 'topologyKey'), values: domainsOf(situation, [other], term) })),
  );
  // The first of a group that wants to be together may go anywhere.
  const isFirst = near.every((term) => means(term, pod, pod)) && wanted.every(({ values }) => values.size === 0);
  return (node) => {
    if (!wanted.every((one) => isIn(node, one) || (isFirst && domainOf(node, one.key) !== undefined))) {
      return { reason: "node(s) didn't match pod affinity rules", final: true };
    }
    if (avoided.some((one) => isIn(node, one))) return { reason: "node(s) didn't match pod anti-affinity rules", final: false };
    return guarded.some((one) => isIn(node, one)) ? { reason: "node(s) didn't satisfy existing pods anti-affinity rules", final: false } : undefined;
  };
}

type Taken = { readonly key: string; readonly values: ReadonlySet<string> };

function domainsOf(situation: Situation, pods: readonly WorldObject[], term: Json): ReadonlySet<string> {
  return new Set(pods.flatMap((pod) => domainOf(situation.nodeNamed(textAt(pod, 'spec', 'nodeName')), textAt(term, 'topologyKey')) ?? []));
}

function isIn(node: WorldObject, { key, values }: Taken): boolean {
  const domain = domainOf(node, key);
  return domain !== undefined && values.has(domain);
}

function domainOf(node: WorldObject | undefined, key: string): string | undefined {
  return node?.metadata.labels?.[key];
}

export function keepsOthersAway(pod: WorldObject): boolean {
  return listAt(pod, 'spec', 'affinity', 'podAntiAffinity', REQUIRED).length > 0;
}

/** Whether a term of a pod is about another one. Without namespaces it is about the pod's own. */
function means(term: Json, of: WorldObject, other: WorldObject): boolean {
  const named = textsAt(term, 'namespaces');
  const spaces = named.length === 0 ? [of.metadata.namespace ?? ''] : named;
  const isNear = at(term, 'namespaceSelector') !== undefined || spaces.includes(other.metadata.namespace ?? '');
  return isNear && selectorChooses(at(term, 'labelSelector'), other.metadata.labels ?? {});
}
