import { alertProblem, type Body, bindingProblem, checkBody, clusterLabel, isRecord } from '../domain/alertmanager/body.ts';
import { LIMITS } from '../domain/alertmanager/limits.ts';
import { allPairs, boundPairs, cutText } from '../domain/alertmanager/pairs.ts';
import { readTime } from '../domain/alertmanager/time.ts';
import type { Alert, Quarantined, Webhook } from '../model/alert.ts';
import { sha256 } from '../model/digest.ts';
import { parseJson } from '../model/json.ts';
import { type Labels, label, labelsDigest } from '../model/label.ts';

/** The clusters of the configuration; `fallback` takes alerts without a cluster label. */
export type Known = { readonly clusters: readonly string[]; readonly fallback?: string };

/** The group that a webhook speaks about, for asking Alertmanager for the rest of it. */
export type Group = { readonly digest: string; readonly receiver: string; readonly labels: Labels };

export type ReadWebhook = {
  readonly alerts: readonly Alert[];
  readonly quarantined: readonly Quarantined[];
  /** How many alerts Alertmanager cut from the list: the body says nothing about them. */
  readonly truncated: number;
  readonly group: Group;
};

const EXCERPT = 1000;
const NO_GROUP: Group = { digest: '', receiver: '', labels: [] };

/**
 * One webhook of the inbox as alerts. Each alert is checked alone: one that cannot be read costs none of its neighbours.
 * The status of the group is never looked at: it is worked out from a list that may be cut.
 */
export function readWebhook(webhook: Webhook, known: Known): ReadWebhook {
  const checked = checkBody(parseJson(webhook.body));
  if (!checked.ok) return { alerts: [], quarantined: wholeBody(webhook, checked.reason), truncated: 0, group: NO_GROUP };
  const group = readGroup(checked.body);
  const alerts: Alert[] = [];
  const quarantined: Quarantined[] = [];
  for (const one of checked.body.alerts) {
    const read = readAlert(one, { group, receivedMs: webhook.receivedMs, clusterOf: (alert) => chooseCluster(alert, webhook, known) });
    if ('reason' in read) quarantined.push(read);
    else alerts.push(read);
  }
  return { alerts, quarantined, truncated: checked.body.truncatedAlerts, group };
}

type About = { readonly group: Group; readonly receivedMs: number; readonly clusterOf: (alert: unknown) => Chosen };
type Chosen = { readonly cluster: string } | { readonly reason: string };

/** One alert, or why it cannot be read. */
export function readAlert(source: unknown, about: About): Alert | Quarantined {
  const problem = alertProblem(source);
  if (problem !== undefined || !isRecord(source)) return { reason: problem ?? 'the alert is no object', excerpt: excerptOf(source) };
  const chosen = about.clusterOf(source);
  if ('reason' in chosen) {
    const named = clusterLabel(source);
    return { reason: chosen.reason, excerpt: excerptOf(source), ...(named === undefined ? {} : { cluster: cutText(named, LIMITS.name) }) };
  }
  const { receivedMs } = about;
  const all = allPairs(source['labels']);
  const labels = boundPairs(all, LIMITS.labelValue);
  const annotations = boundPairs(allPairs(source['annotations']), LIMITS.annotationValue);
  const status = source['status'] === 'resolved' ? 'resolved' : 'firing';
  const endsAtMs = status === 'resolved' ? (readTime(source['endsAt'], receivedMs) ?? receivedMs) : undefined;
  return {
    cluster: chosen.cluster,
    status,
    name: label(labels.labels, 'alertname') ?? '',
    labels: labels.labels,
    labelsDigest: labelsDigest(all),
    annotations: annotations.labels,
    startsAtMs: readTime(source['startsAt'], receivedMs) ?? receivedMs,
    ...(endsAtMs === undefined ? {} : { endsAtMs }),
    fingerprint: textField(source['fingerprint'], 64),
    groupDigest: about.group.digest,
    receiver: about.group.receiver,
    cut: labels.cut + annotations.cut,
  };
}

/** The alert's own cluster label where its sender may speak for that cluster, else the sender's cluster, else the default one. */
function chooseCluster(alert: unknown, webhook: Webhook, { clusters, fallback }: Known): Chosen {
  const named = clusterLabel(alert);
  if (named !== undefined) {
    const unbound = bindingProblem(named, webhook);
    if (unbound !== undefined) return { reason: unbound };
    return clusters.includes(named)
      ? { cluster: named }
      : { reason: `its cluster label says ${JSON.stringify(named.slice(0, 80))}, which is not configured here` };
  }
  const may = webhook.clusters.includes('*') ? clusters : webhook.clusters.filter((cluster) => clusters.includes(cluster));
  const [only, second] = may;
  if (only !== undefined && second === undefined) return { cluster: only };
  if (fallback !== undefined && may.includes(fallback)) return { cluster: fallback };
  if (only === undefined) return { reason: `it has no cluster label, and no cluster of its sender ${JSON.stringify(webhook.sender)} is configured` };
  return { reason: `it has no cluster label, and its sender may mean any of ${may.slice(0, 5).join(', ')}: mark one cluster with default: true` };
}

function readGroup(body: Body): Group {
  return {
    digest: sha256(body.groupKey),
    receiver: cutText(body.receiver, LIMITS.name),
    labels: allPairs(body.groupLabels),
  };
}

/** A body that cannot be read any more, although it could when it was accepted: every alert in it counts as quarantined. */
function wholeBody(webhook: Webhook, reason: string): readonly Quarantined[] {
  const excerpt = webhook.body.slice(0, EXCERPT);
  return Array.from({ length: webhook.alerts }, () => ({ reason, excerpt }));
}

/** The beginning of what could not be read. It came from outside, so it may nest deeper than it can be written. */
function excerptOf(source: unknown): string {
  try {
    return (JSON.stringify(source) ?? 'nothing').slice(0, EXCERPT);
  } catch {
    return 'nested too deeply to be shown';
  }
}

function textField(value: unknown, limit: number): string {
  return typeof value === 'string' ? cutText(value, limit) : '';
}
