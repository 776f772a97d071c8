import { matcherText, matches } from '../domain/alertmanager/matcher.ts';
import type { Alert } from '../model/alert.ts';
import { label } from '../model/label.ts';
import { choose, type RouteContext, type Routed, type RoutePlaybook } from './choose.ts';

export type Explained = { readonly playbook: string; readonly matched: boolean; readonly why: string };

/** What is done with an alert, and of every playbook why it would answer or not: the first matcher that fails, with the value that it found. */
export function explain(
  alert: Alert,
  playbooks: readonly RoutePlaybook[],
  context: RouteContext,
): { readonly routed: Routed; readonly playbooks: readonly Explained[] } {
  return { routed: choose(alert, playbooks, context), playbooks: playbooks.map((one) => explainOne(alert, one)) };
}

function explainOne(alert: Alert, { playbook, matchers }: RoutePlaybook): Explained {
  if (matchers.length === 0) return { playbook: playbook.id, matched: false, why: 'it has no matchers: alerts do not start it' };
  const failing = matchers.find((matcher) => !matches(matcher, alert.labels));
  if (failing === undefined) return { playbook: playbook.id, matched: true, why: `every matcher fits: ${matchers.map(matcherText).join(', ')}` };
  const value = label(alert.labels, failing.name);
  const found = value === undefined ? `there is no label ${failing.name}` : `${failing.name} is ${JSON.stringify(value.slice(0, 100))}`;
  return { playbook: playbook.id, matched: false, why: `${matcherText(failing)} does not fit: ${found}` };
}
