import type { Kind } from './kinds.ts';
import { groupResource } from './kinds.ts';
import type { ApiRequest } from './request.ts';
import { type Answer, failure } from './status.ts';

/** One allowance, as a rule of a ClusterRole; absent lists allow all. */
export type Rule = {
  readonly verbs: readonly string[];
  readonly groups?: readonly string[] | undefined;
  readonly resources: readonly string[];
  readonly namespaces?: readonly string[] | undefined;
};

export type AccessAsked = { readonly verb: string; readonly group: string; readonly resource: string; readonly namespace?: string };

/** Who asks, in the messages of refusals. */
export const USER = 'system:serviceaccount:salvor:salvor';

/** Whether the rules allow an access. No rules at all: everything is allowed. */
export function isAllowed(rules: readonly Rule[] | undefined, asked: AccessAsked): boolean {
  if (rules === undefined) return true;
  const lists = (list: readonly string[] | undefined, value: string): boolean => list === undefined || list.includes('*') || list.includes(value);
  return rules.some(
    (rule) =>
      lists(rule.verbs, asked.verb) &&
      lists(rule.groups, asked.group) &&
      lists(rule.resources, asked.resource) &&
      (rule.namespaces === undefined || (asked.namespace !== undefined && lists(rule.namespaces, asked.namespace))),
  );
}

/** The refusal of a request that the rules do not allow; rights are asked before existence. */
export function refusal(rules: readonly Rule[] | undefined, request: ApiRequest): Answer | undefined {
  const { kind, verb, namespace, name, subresource } = request;
  const resource = subresource === undefined ? kind.plural : `${kind.plural}/${subresource}`;
  const asked = { verb, group: kind.group, resource, ...(namespace === undefined ? {} : { namespace }) };
  if (kind.createOnly || isAllowed(rules, asked)) return undefined;
  return forbidden(kind, { verb, resource, namespace, name: verb === 'create' && subresource === undefined ? undefined : name });
}

type Forbidden = { readonly verb: string; readonly resource: string; readonly namespace: string | undefined; readonly name: string | undefined };

export function forbidden(kind: Kind, { verb, resource, namespace, name }: Forbidden): Answer {
  const object = name === undefined ? groupResource(kind) : `${groupResource(kind)} "${name}"`;
  const scope = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const refused = failure({
    code: 403,
    reason: 'Forbidden',
    message: `${object} is forbidden: User "${USER}" cannot ${verb} resource "${resource}" in API group "${kind.group}" ${scope}`,
    details: { ...(name === undefined ? {} : { name }), group: kind.group, kind: kind.plural },
  });
  return { ...refused, headers: { 'X-Content-Type-Options': 'nosniff' } };
}
