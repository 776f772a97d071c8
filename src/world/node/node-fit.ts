import { isObject, type Json } from '../../model/json.ts';
import { at, listAt, numberAt, textAt, texts, textsAt, type WorldObject } from '../object.ts';

/** Whether a pod's node selector and required node affinity choose a node. Source  Kubernetes documentation, "Assigning Pods to Nodes". */
export function nodeIsChosen(pod: WorldObject, node: WorldObject): boolean {
  const labels = node.metadata.labels ?? {};
  const wanted = Object.entries(texts(at(pod, 'spec', 'nodeSelector')));
  if (!wanted.every(([name, value]) => labels[name] === value)) return false;
  return termsChoose(at(pod, 'spec', 'affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution'), node);
}

/** A node selector of terms: one of them has to hold. None at all: every node. */
export function termsChoose(selector: Json | undefined, node: WorldObject): boolean {
  if (!isObject(selector)) return true;
  return listAt(selector, 'nodeSelectorTerms').some((term) => termChooses(term, node));
}

/** How much a pod would like to be on a node: the weights of its preferred affinities that hold there. */
export function liking(pod: WorldObject, node: WorldObject): number {
  return listAt(pod, 'spec', 'affinity', 'nodeAffinity', 'preferredDuringSchedulingIgnoredDuringExecution')
    .filter((one) => termChooses(at(one, 'preference') ?? null, node))
    .reduce((sum: number, one) => sum + (numberAt(one, 'weight') ?? 0), 0);
}

function termChooses(term: Json, node: WorldObject): boolean {
  const expressions = listAt(term, 'matchExpressions');
  const fields = listAt(term, 'matchFields');
  if (expressions.length + fields.length === 0) return false;
  return (
    expressions.every((one) => holds(one, node.metadata.labels?.[textAt(one, 'key')])) &&
    fields.every((one) => textAt(one, 'key') === 'metadata.name' && holds(one, node.metadata.name))
  );
}

function holds(expression: Json, value: string | undefined): boolean {
  const values = textsAt(expression, 'values');
  switch (textAt(expression, 'operator')) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0]);
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0]);
    default:
      return false;
  }
}
