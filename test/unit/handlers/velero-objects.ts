import type { KubeObject } from '../../../src/model/object.ts';

/** Saturday, 21 November 2026, 10:00 UTC: eight hours after a nightly backup. */
export const NOW = Date.parse('2026-11-21T10:00:00Z');
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

const iso = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 19)}Z`;

export function schedule(
  name: string,
  rest: {
    readonly cron?: string;
    readonly paused?: boolean;
    readonly template?: object;
    readonly status?: object;
    readonly labels?: Record<string, string>;
  } = {},
): KubeObject {
  const { cron = '0 2 * * *', paused = false, template = { ttl: '720h0m0s', includedNamespaces: ['shop'], storageLocation: 'default' } } = rest;
  return {
    apiVersion: 'velero.io/v1',
    kind: 'Schedule',
    metadata: { name, namespace: 'velero', uid: `uid-${name}`, ...(rest.labels && { labels: rest.labels }) },
    spec: { schedule: cron, paused, template },
    status: rest.status ?? { phase: 'Enabled', lastBackup: iso(NOW - 8 * HOUR) },
  };
}

export type BackupParts = {
  readonly phase: string;
  readonly agoMs?: number;
  readonly schedule?: string;
  readonly status?: { readonly [field: string]: unknown };
  readonly annotations?: Record<string, string>;
  readonly spec?: object;
};

export function backup(name: string, { phase, agoMs = 8 * HOUR, schedule: of = 'daily', status = {}, annotations, spec }: BackupParts): KubeObject {
  const started = phase === 'FailedValidation' || phase === '' ? {} : { startTimestamp: iso(NOW - agoMs) };
  const over = ['Completed', 'PartiallyFailed', 'Failed'].includes(phase) ? { completionTimestamp: iso(NOW - agoMs + 4 * MINUTE) } : {};
  const full =
    phase === 'Completed'
      ? { progress: { totalItems: 214, itemsBackedUp: 214 }, csiVolumeSnapshotsAttempted: 3, csiVolumeSnapshotsCompleted: 3, expiration: iso(NOW + 720 * HOUR) }
      : {};
  return {
    apiVersion: 'velero.io/v1',
    kind: 'Backup',
    metadata: {
      name,
      namespace: 'velero',
      uid: `uid-${name}`,
      creationTimestamp: iso(NOW - agoMs),
      labels: of === '' ? {} : { 'velero.io/schedule-name': of, 'velero.io/storage-location': 'default' },
      ...(annotations && { annotations }),
    },
    spec: spec ?? { ttl: '720h0m0s', includedNamespaces: ['shop'], storageLocation: 'default' },
    status: { phase, ...started, ...over, ...full, ...status },
  };
}

export function location(name = 'default', status: object = { phase: 'Available' }, spec: object = {}): KubeObject {
  return {
    apiVersion: 'velero.io/v1',
    kind: 'BackupStorageLocation',
    metadata: { name, namespace: 'velero', uid: `uid-${name}` },
    spec: { default: true, accessMode: 'ReadWrite', ...spec },
    status,
  };
}

export function volumeCopy(name: string, of: string, status: object): KubeObject {
  return {
    apiVersion: 'velero.io/v1',
    kind: 'PodVolumeBackup',
    metadata: { name, namespace: 'velero', uid: `uid-${name}`, labels: { 'velero.io/backup-name': of } },
    spec: { volume: 'data', pod: { namespace: 'shop', name: 'pg-0' } },
    status,
  };
}

export function dataUpload(name: string, of: string, status: object, spec: object = {}): KubeObject {
  return {
    apiVersion: 'velero.io/v2alpha1',
    kind: 'DataUpload',
    metadata: { name, namespace: 'velero', uid: `uid-${name}`, labels: { 'velero.io/backup-name': of } },
    spec: { sourceNamespace: 'shop', sourcePVC: 'data-pg-0', ...spec },
    status,
  };
}

export const RESTARTED = { failureReason: 'found a backup with status "InProgress" during the server starting, mark it as "Failed"' };
export const GOOD_YESTERDAY = backup('daily-20261120020000', { phase: 'Completed', agoMs: 32 * HOUR });
