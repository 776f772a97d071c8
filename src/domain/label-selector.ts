import { isObject, type Json } from '../model/json.ts';

/**
 * Whether a selector (`matchLabels`, `matchExpressions`) chooses what carries these labels. An empty one chooses everything, none at all nothing,
 * as budgets of policy/v1 and workloads have it; an operator that is not known chooses nothing.
 * Source  Kubernetes documentation, "Labels and Selectors".
 */
export function selectorChooses(selector: Json | undefined, labels: { readonly [name: string]: string }): boolean {
  if (!isObject(selector)) return false;
  const { matchLabels, matchExpressions } = selector;
  const wanted = isObject(matchLabels) ? Object.entries(matchLabels) : [];
  if (!wanted.every(([name, value]) => own(labels, name) === value)) return false;
  return !Array.isArray(matchExpressions) || matchExpressions.every((one: Json) => holds(one, labels));
}

function holds(expression: Json, labels: { readonly [name: string]: string }): boolean {
  if (!isObject(expression) || typeof expression['key'] !== 'string') return false;
  const value = own(labels, expression['key']);
  const values = expression['values'];
  const isListed = value !== undefined && Array.isArray(values) && values.includes(value);
  switch (expression['operator']) {
    case 'In':
      return isListed;
    case 'NotIn':
      return !isListed;
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}

/** Labels come from people: one that is named like a method of objects is no label. */
function own(labels: { readonly [name: string]: string }, name: string): string | undefined {
  return Object.hasOwn(labels, name) ? labels[name] : undefined;
}
