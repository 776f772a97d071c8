import { type Matcher, matcherText, matches, parseMatcher } from '../domain/alertmanager/matcher.ts';
import type { Alert } from '../model/alert.ts';
import type { JsonObject } from '../model/json.ts';
import { label } from '../model/label.ts';
import type { Playbook } from '../model/playbook.ts';
import type { Policy, UnroutedAnswer } from '../model/policy.ts';
import type { NamespaceScope } from './name-scope.ts';
import { problemsText, readParams } from './params.ts';
import { readTargets, type Target } from './target.ts';

/** A playbook with its matchers ready to be asked. */
export type RoutePlaybook = {
  readonly playbook: Playbook;
  readonly matchers: readonly Matcher[];
  /** Parameters that the configuration sets for this site. */
  readonly defaults?: JsonObject;
};

export type Route = {
  readonly kind: 'route';
  readonly playbook: Playbook;
  readonly params: JsonObject;
  /** Absent where a finder has to look first. */
  readonly target?: Target;
  readonly locks: readonly Target[];
  readonly why: string;
};
/** A playbook answers it, but cannot work with it: a person must. */
export type HandOver = { readonly kind: 'hand-over'; readonly playbook: Playbook; readonly reason: string; readonly why: string };
/** Nothing answers it. Silence is no answer: the policy says what is done by its severity. */
export type Unrouted = { readonly kind: 'unrouted'; readonly answer: UnroutedAnswer; readonly why: string };
/** The Watchdog: that it comes is the news. */
export type Heartbeat = { readonly kind: 'heartbeat' };
export type Routed = Route | HandOver | Unrouted | Heartbeat;

export type RouteContext = {
  /** The name of the alert that always fires. */
  readonly watchdog: string;
  readonly unrouted: Policy['unrouted'];
  readonly namespaces: (cluster: string) => NamespaceScope;
};

/** Makes a playbook ready for routing; the problem says which of its matchers cannot be read. */
export function routePlaybook(playbook: Playbook, defaults?: JsonObject): RoutePlaybook | { readonly error: string; readonly index: number } {
  const matchers: Matcher[] = [];
  for (const [index, text] of playbook.match.entries()) {
    const matcher = parseMatcher(text);
    if ('error' in matcher) return { error: matcher.error, index };
    matchers.push(matcher);
  }
  return { playbook, matchers, ...(defaults === undefined ? {} : { defaults }) };
}

/** Which playbook answers an alert: of those whose matchers all fit, the one with the most matchers, then the first by name. */
export function choose(alert: Alert, playbooks: readonly RoutePlaybook[], context: RouteContext): Routed {
  if (alert.name === context.watchdog) return { kind: 'heartbeat' };
  const fitting = playbooks
    .filter(({ matchers }) => matchers.length > 0 && matchers.every((matcher) => matches(matcher, alert.labels)))
    .sort((a, b) => b.matchers.length - a.matchers.length || (a.playbook.id < b.playbook.id ? -1 : 1));
  const [chosen, ...others] = fitting;
  if (chosen === undefined) return unrouted(alert, context.unrouted);
  const why = `its labels fit ${chosen.matchers.map(matcherText).join(', ')}${whyNotOthers(chosen, others)}`;
  return prepare(alert, chosen, { context, why });
}

function whyNotOthers(chosen: RoutePlaybook, others: readonly RoutePlaybook[]): string {
  if (others.length === 0) return '';
  const names = others.map(({ playbook }) => playbook.id).join(', ');
  const tied = others.some(({ matchers }) => matchers.length === chosen.matchers.length);
  return `; ${names} would answer too, but ${chosen.playbook.id} ${tied ? 'comes first by name among those with the most matchers' : 'has more matchers'}`;
}

/** The alert's values as the playbook's parameters; what is missing or wrong hands over to people. */
function prepare(
  alert: Alert,
  { playbook, defaults }: RoutePlaybook,
  { context, why }: { readonly context: RouteContext; readonly why: string },
): Route | HandOver {
  const missing = playbook.require.labels.filter((name) => (label(alert.labels, name) ?? '') === '');
  if (missing.length > 0) {
    return {
      kind: 'hand-over',
      playbook,
      why,
      reason: `${playbook.id} needs the label${missing.length > 1 ? 's' : ''} ${missing.join(', ')}, which the alert does not have`,
    };
  }
  const read = routeParams(alert, { playbook, defaults, namespaces: context.namespaces(alert.cluster) });
  if ('reason' in read) return { kind: 'hand-over', playbook, why, reason: read.reason };
  return { kind: 'route', playbook, why, ...read };
}

export type Prepared = { readonly params: JsonObject; readonly target?: Target; readonly locks: readonly Target[] };

type ForPlaybook = {
  readonly playbook: Playbook;
  readonly defaults?: JsonObject | undefined;
  readonly namespaces: NamespaceScope;
  readonly found?: JsonObject;
};

/** Parameters and target for one alert, and one find where a finder looked; without the find, a finder's playbook has no target yet. */
export function routeParams(alert: Alert, { playbook, defaults, namespaces, found }: ForPlaybook): Prepared | { readonly reason: string } {
  const awaitsFinder = playbook.find !== undefined && found === undefined;
  const seen = playbook.find === undefined ? {} : found;
  const read = readParams(playbook, {
    cluster: alert.cluster,
    namespaces,
    labels: alert.labels,
    ...(seen === undefined ? {} : { found: seen }),
    ...(defaults === undefined ? {} : { defaults }),
  });
  if (!read.ok) return { reason: `${playbook.id} cannot use what the alert says: ${problemsText(read.problems)}` };
  if (awaitsFinder) return { params: read.params, locks: [] };
  const targets = readTargets(playbook, { cluster: alert.cluster, params: read.params, labels: alert.labels, ...(found === undefined ? {} : { found }) });
  if ('absent' in targets) return { reason: `${playbook.id} needs a target, and nothing is at ${targets.absent}` };
  return { params: read.params, ...targets };
}

function unrouted(alert: Alert, answers: Policy['unrouted']): Unrouted {
  const severity = label(alert.labels, 'severity');
  const named = severity !== undefined && Object.hasOwn(answers, severity) ? answers[severity] : undefined;
  const answer = named ?? (Object.hasOwn(answers, 'default') ? answers['default'] : undefined) ?? 'incident';
  const because = named === undefined ? `unrouted.default says ${answer}` : `unrouted.${severity} says ${answer}`;
  return { kind: 'unrouted', answer, why: `no playbook matches its labels; ${because}` };
}
