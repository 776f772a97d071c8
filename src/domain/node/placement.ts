import { isList, isObject, type Json, type JsonObject } from '../../model/json.ts';
import { selectorChooses } from '../label-selector.ts';
import { type Pod, toleratesMs } from '../pod/pod.ts';
import { isReady, type Node } from './node.ts';

/**
 * The scheduler's hard rules, as far as a drain asks about them: whether a pod may run on a node at all.
 * Source  Kubernetes documentation, "Assigning Pods to Nodes" and "Pod Topology Spread Constraints".
 */

/** Why the node takes no such pod, or undefined. Rules between pods are not asked here. */
export function nodeRefuses(pod: Pick<Pod, 'tolerations' | 'placement'>, node: Node): string | undefined {
  if (!isReady(node)) return 'not ready';
  if (node.unschedulable) return 'cordoned';
  const taint = node.taints.find((one) => one.effect !== 'PreferNoSchedule' && toleratesMs(pod, one) === undefined);
  if (taint !== undefined) return `taint ${taint.key}`;
  return isChosen(pod, node) ? undefined : 'its node selector or affinity';
}

/** By nodeSelector and required node affinity. */
function isChosen({ placement }: Pick<Pod, 'placement'>, node: Node): boolean {
  const { nodeSelector } = placement;
  if (isObject(nodeSelector) && !selectorChooses({ matchLabels: nodeSelector }, node.labels)) return false;
  const required = dig(placement, 'affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution');
  return termsChoose(dig(required, 'nodeSelectorTerms'), node);
}

/** `nodeSelectorTerms`: any of them; none at all chooses every node. */
export function termsChoose(terms: Json | undefined, node: Pick<Node, 'name' | 'labels'>): boolean {
  if (!isList(terms)) return true;
  return terms.some((term) => {
    const [labels, fields] = [listAt(term, 'matchExpressions'), listAt(term, 'matchFields')];
    if (labels.length + fields.length === 0) return false;
    return labels.every((one) => holds(one, node.labels)) && fields.every((one) => holds(one, { 'metadata.name': node.name }));
  });
}

function holds(expression: Json, labels: Node['labels']): boolean {
  const [operator, key, [bound]] = [dig(expression, 'operator'), dig(expression, 'key'), listAt(expression, 'values')];
  if (operator !== 'Gt' && operator !== 'Lt') return selectorChooses({ matchExpressions: [expression] }, labels);
  const value = typeof key === 'string' ? Number(labels[key]) : Number.NaN;
  return operator === 'Gt' ? value > Number(bound) : value < Number(bound);
}

/** What the rules between pods see: the nodes, and the pods that stay where they are. */
export type Neighbours = { readonly nodes: readonly Node[]; readonly staying: readonly Pod[] };

/** Why rules between pods keep the pod off the node, or undefined: required anti-affinity, required affinity, spread with DoNotSchedule. */
export function neighboursRefuse(pod: Pod, node: Node, around: Neighbours): string | undefined {
  const terms = (kind: string): readonly Json[] => listAt(dig(pod.placement, 'affinity', kind), 'requiredDuringSchedulingIgnoredDuringExecution');
  const isThere = (term: Json): boolean => inDomain({ pod, term, node, around }) > 0;
  if (terms('podAntiAffinity').some(isThere)) return 'pods that it keeps away from';
  if (terms('podAffinity').some((term) => !isThere(term) && !selectorChooses(dig(term, 'labelSelector'), pod.labels)))
    return 'no pod there that it has to be near';
  return listAt(pod.placement, 'topologySpreadConstraints').some((one) => isTooSkewed({ pod, term: one, node, around })) ? 'its even spread' : undefined;
}

type Asked = { readonly pod: Pod; readonly term: Json; readonly node: Node; readonly around: Neighbours };

/** How many pods that the term's selector chooses are in the domain of the node. */
function inDomain({ pod, term, node, around }: Asked): number {
  const key = dig(term, 'topologyKey');
  const domain = typeof key === 'string' ? node.labels[key] : undefined;
  if (typeof key !== 'string' || domain === undefined) return 0;
  const inside = new Set(around.nodes.filter(({ labels }) => labels[key] === domain).map(({ name }) => name));
  const named = listAt(term, 'namespaces');
  const spaces = named.length > 0 ? named : [pod.namespace];
  return around.staying.filter((one) => inside.has(one.node) && spaces.includes(one.namespace) && selectorChooses(dig(term, 'labelSelector'), one.labels))
    .length;
}

/** A cordoned node's domain counts, too, as the default of nodeTaintsPolicy has it: that is what leaves pods Pending after a drain. */
function isTooSkewed({ pod, term, node, around }: Asked): boolean {
  const key = dig(term, 'topologyKey');
  if (dig(term, 'whenUnsatisfiable') !== 'DoNotSchedule' || typeof key !== 'string') return false;
  if (node.labels[key] === undefined) return true;
  const counts = around.nodes.filter((one) => one.labels[key] !== undefined && isChosen(pod, one)).map((one) => inDomain({ pod, term, node: one, around }));
  const least = Math.min(...counts);
  return inDomain({ pod, term, node, around }) + 1 - least > Number(dig(term, 'maxSkew') ?? 1);
}

function dig(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((at, name) => (isObject(at) ? (at satisfies JsonObject)[name] : undefined), value);
}

function listAt(value: Json | undefined, name: string): readonly Json[] {
  const found = dig(value, name);
  return isList(found) ? found : [];
}
