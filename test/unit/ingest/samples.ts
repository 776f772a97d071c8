import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Alert, Webhook } from '../../../src/model/alert.ts';
import { sha256 } from '../../../src/model/digest.ts';
import { labelsDigest, makeLabels } from '../../../src/model/label.ts';

export const fixtures = join(import.meta.dirname, '../../fixtures/alertmanager');
export const fixture = (path: string): string => readFileSync(join(fixtures, path), 'utf8');

export const NOW_MS = Date.UTC(2026, 10, 21, 12, 0, 0);

/** An alert with everything that it needs; `labels` beside the name and the cluster. */
export function sampleAlert({
  name = 'KubeNodeNotReady',
  cluster = 'prod',
  labels = {},
  ...rest
}: { readonly name?: string; readonly cluster?: string; readonly labels?: { readonly [name: string]: string } } & Partial<Omit<Alert, 'labels'>> = {}): Alert {
  const all = makeLabels([['alertname', name], ['cluster', cluster], ...Object.entries(labels)]);
  return {
    cluster,
    status: 'firing',
    name,
    labels: all,
    labelsDigest: labelsDigest(all),
    annotations: [],
    startsAtMs: NOW_MS - 60_000,
    fingerprint: '',
    groupDigest: sha256('group'),
    receiver: 'dr',
    cut: 0,
    ...rest,
  };
}

export type SampleBody = {
  readonly alerts: readonly unknown[];
  readonly groupKey?: string;
  readonly truncatedAlerts?: number;
  readonly externalURL?: string;
  readonly groupLabels?: { readonly [name: string]: string };
};

/** A body as Alertmanager makes it. */
export function sampleBody({ alerts, groupKey = '{}:{}', truncatedAlerts = 0, externalURL = 'http://am', groupLabels = {} }: SampleBody): string {
  return JSON.stringify({
    receiver: 'dr',
    status: 'firing',
    alerts,
    groupLabels,
    commonLabels: {},
    commonAnnotations: {},
    externalURL,
    version: '4',
    groupKey,
    truncatedAlerts,
  });
}

type SampleFields = {
  readonly status?: 'firing' | 'resolved';
  readonly startsAt?: string;
  readonly endsAt?: string;
  readonly annotations?: { readonly [name: string]: string };
};

/** One alert of a body. */
export function bodyAlert(
  labels: { readonly [name: string]: string },
  { status = 'firing', startsAt = '2026-11-21T11:59:00Z', endsAt, annotations = {} }: SampleFields = {},
): object {
  return {
    status,
    labels,
    annotations,
    startsAt,
    endsAt: endsAt ?? (status === 'firing' ? '0001-01-01T00:00:00Z' : '2026-11-21T12:00:00Z'),
    generatorURL: '',
    fingerprint: 'f',
  };
}

export function sampleWebhook(body: string, more: Partial<Webhook> = {}): Webhook {
  return { sender: 'loopback', clusters: ['*'], receivedMs: NOW_MS, body, alerts: alertsIn(body), ...more };
}

export function alertsIn(body: string): number {
  const parsed: unknown = JSON.parse(body);
  const alerts: unknown = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'alerts') : undefined;
  return Array.isArray(alerts) ? alerts.length : 0;
}
