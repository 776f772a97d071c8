import { z } from 'zod';
import { LIMITS } from './limits.ts';

/** The envelope of Alertmanager's webhook, version "4". Unknown fields are ignored: new ones appear without a new version. */
const Envelope = z.looseObject({
  version: z.literal('4'),
  alerts: z.array(z.unknown()),
  receiver: z.string().catch(''),
  groupKey: z.string().catch(''),
  groupLabels: z.unknown().optional(),
  truncatedAlerts: z.number().int().min(0).catch(0),
});
export type Body = z.infer<typeof Envelope>;

export type CheckedBody = { readonly ok: true; readonly body: Body } | { readonly ok: false; readonly reason: string; readonly tooMany?: true };

/** Whether a parsed body is Alertmanager's webhook; the reason says what to change where it is not. */
export function checkBody(value: unknown): CheckedBody {
  const checked = Envelope.safeParse(value);
  if (!checked.success) return { ok: false, reason: whyNot(value) };
  const { alerts } = checked.data;
  if (alerts.length <= LIMITS.alerts) return { ok: true, body: checked.data };
  return {
    ok: false,
    tooMany: true,
    reason: `found ${alerts.length} alerts in one body, expected at most ${LIMITS.alerts}: set max_alerts: 500 at the webhook receiver`,
  };
}

function whyNot(value: unknown): string {
  if (!isRecord(value)) return `found ${kindOf(value)}, expected the object that Alertmanager's webhook receiver sends`;
  const { version, alerts } = value;
  if (version === undefined) {
    const custom = alerts === undefined;
    return custom
      ? 'found no version and no alerts: a custom `payload:` of the webhook receiver is not understood, remove it from the receiver'
      : 'found no version, expected version "4": send the body as Alertmanager makes it, without a custom `payload:`';
  }
  if (version !== '4') return `found version ${JSON.stringify(version)?.slice(0, 40)}, expected "4", which every Alertmanager since 0.6 sends`;
  return `alerts: found ${kindOf(alerts)}, expected a list`;
}

/** What keeps one alert from being read at all; undefined where it can be read. Cheap: it is asked before the answer. */
export function alertProblem(alert: unknown): string | undefined {
  if (!isRecord(alert)) return `the alert is ${kindOf(alert)}, expected an object`;
  const { status, labels } = alert;
  if (status !== 'firing' && status !== 'resolved') return `status: found ${textOf(status)}, expected firing or resolved`;
  if (!isRecord(labels)) return `labels: found ${kindOf(labels)}, expected an object`;
  let count = 0;
  for (const name of Object.keys(labels)) {
    count += 1;
    const value = ownValue(labels, name);
    if (typeof value !== 'string') return `label ${textOf(name)}: found ${kindOf(value)}, expected text`;
  }
  return count === 0 ? 'labels: found none, expected at least one' : undefined;
}

/** The alert's `cluster` label, where it has one. */
export function clusterLabel(alert: unknown): string | undefined {
  const labels = isRecord(alert) ? alert['labels'] : undefined;
  const cluster = isRecord(labels) ? ownValue(labels, 'cluster') : undefined;
  return typeof cluster === 'string' && cluster !== '' ? cluster : undefined;
}

/** Why a sender may not speak for a cluster, or undefined where it may. `*`: it may speak for any. */
export function bindingProblem(cluster: string, { sender, clusters }: { readonly sender: string; readonly clusters: readonly string[] }): string | undefined {
  if (clusters.includes('*') || clusters.includes(cluster)) return undefined;
  return `its cluster label says ${textOf(cluster)}, but the sender ${textOf(sender)} is bound to ${clusters.map(textOf).join(', ') || 'no cluster'}`;
}

export function isRecord(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A field by any name, `__proto__` too; only what is the object's own. */
export function ownValue(record: { readonly [name: string]: unknown }, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? 'text' : `a ${typeof value}`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : kindOf(value);
}
