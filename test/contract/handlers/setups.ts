import type { Scenario } from '../../../src/world/scenario.ts';

/**
 * One situation in which a remediation has something to do. A remediation without a setup here fails the laws:
 * a new handler adds a line.
 */
export type Setup = {
  readonly scenario: Scenario;
  readonly params: { readonly [name: string]: unknown };
  /** How long the cluster goes on by itself after the start, before the plan. */
  readonly warmUpMs?: number;
  /** How long what was started takes, before it is undone. */
  readonly takesMs?: number;
  /** Objects that the cluster itself moves meanwhile, by the beginning of `Kind/namespace/name`: the third law does not look at them. */
  readonly moving?: readonly string[];
};

/** Of an object that a step names by uid. */
const OLD_UID = '11111111-1111-4111-8111-111111111111';

export const SETUPS: ReadonlyMap<string, Setup> = new Map<string, Setup>([
  [
    'backup.create',
    {
      scenario: {
        schedules: [{ name: 'daily', cron: '0 2 * * *', template: { includedNamespaces: ['shop'] } }],
        backups: [{ name: 'daily-20261121020000', schedule: 'daily', phase: 'Failed', reason: 'server-restarted', ago: '10h' }],
        next: [{ outcome: 'completed', schedule: 'daily', items: 214, volumes: 3 }],
      },
      params: { schedule: 'daily', backup: 'daily-20261121020000' },
      takesMs: 60_000,
    },
  ],
  [
    'backup.delete',
    {
      scenario: {
        schedules: [{ name: 'daily', cron: '0 2 * * *' }],
        backups: [10, 34, 58, 82, 106].map((hours) => ({ name: `daily-${hours}`, schedule: 'daily', ago: `${hours}h`, items: 214 })),
      },
      params: { backups: ['daily-106', 'daily-82', 'daily-58'], keep: 2 },
    },
  ],
  [
    'backup.let-volumes-go',
    {
      scenario: {
        schedules: [{ name: 'daily', cron: '0 2 * * *' }],
        backups: [{ name: 'daily-20261121020000', schedule: 'daily', phase: 'WaitingForPluginOperations', ago: '10h', items: 214 }],
        objects: [
          {
            apiVersion: 'velero.io/v2alpha1',
            kind: 'DataUpload',
            metadata: { name: 'daily-x7k2p', namespace: 'velero', labels: { 'velero.io/backup-name': 'daily-20261121020000' } },
            spec: { sourceNamespace: 'shop', sourcePVC: 'data-pg-0' },
            status: { phase: 'Accepted' },
          },
        ],
      },
      params: { backup: 'daily-20261121020000', moves: ['DataUpload/daily-x7k2p'] },
    },
  ],
  [
    'schedule.pause',
    { scenario: { schedules: [{ name: 'daily', cron: '0 2 * * *', template: { includedNamespaces: ['shop'] } }] }, params: { schedule: 'daily' } },
  ],
  [
    'schedule.resume',
    // No time of it has passed, so no backup starts. What Velero itself writes on a schedule that it sees is there already.
    {
      scenario: {
        objects: [
          {
            apiVersion: 'velero.io/v1',
            kind: 'Schedule',
            metadata: { name: 'daily', namespace: 'velero' },
            spec: { schedule: '0 2 * * *', paused: true, skipImmediately: false, template: {} },
            status: { phase: 'Enabled', lastBackup: '2026-11-21T02:00:00Z' },
          },
        ],
      },
      params: { schedule: 'daily' },
    },
  ],
  ['velero.restart', { scenario: { velero: { server: 'wedged' }, schedules: [{ name: 'daily', cron: '0 2 * * *' }] }, params: {} }],
  ['node.cordon', { scenario: { nodes: [{ name: 'w1', ready: false, kubelet: 'answers' }, { name: 'w2' }] }, params: { node: 'w1' } }],
  [
    'node.drain',
    {
      scenario: {
        nodes: [{ name: 'w1', cordoned: true }, { name: 'w2' }],
        pods: [
          { name: 'shop/web-1', node: 'w1', owner: 'Deployment/web' },
          { name: 'shop/web-2', node: 'w1', owner: 'Deployment/web' },
          { name: 'shop/api-0', node: 'w1' },
          { name: 'kube-system/proxy-1', node: 'w1', owner: 'DaemonSet/proxy' },
        ],
        budgets: [{ name: 'shop/web', match: { app: 'web' }, minAvailable: 1 }],
      },
      params: { node: 'w1' },
    },
  ],
  ['node.uncordon', { scenario: { nodes: [{ name: 'w1', cordoned: true }, { name: 'w2' }] }, params: { node: 'w1', whose: 'anyone' } }],
  [
    'node.out-of-service',
    {
      scenario: { nodes: [{ name: 'w1', ready: false, since: '10m' }, { name: 'w2' }, { name: 'w3' }] },
      params: { node: 'w1' },
    },
  ],
  [
    'restore.create',
    {
      scenario: {
        objects: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'prices', namespace: 'shop' } }],
        backups: [{ name: 'daily-20261121020000', namespaces: ['shop'], ago: '10h' }],
      },
      params: { backup: 'daily-20261121020000', source: 'shop', target: 'shop-copy' },
      takesMs: 60_000,
      // The Restore stays, as evidence of what was done.
      moving: ['Restore/'],
    },
  ],
  [
    'restore.again',
    {
      scenario: {
        objects: [
          {
            apiVersion: 'velero.io/v1',
            kind: 'Restore',
            metadata: { name: 'shop-tonight', namespace: 'velero' },
            spec: { backupName: 'daily-20261121020000', includedNamespaces: ['shop'] },
            status: { phase: 'Failed' },
          },
        ],
        backups: [{ name: 'daily-20261121020000', namespaces: ['shop'], ago: '10h' }],
      },
      params: { restore: 'shop-tonight', into: 'shop-beside', class: 'fast' },
      takesMs: 60_000,
    },
  ],
  [
    'restore.isolate',
    { scenario: { namespaces: ['shop'], backups: [{ name: 'daily-20261121020000', namespaces: ['shop'], ago: '10h' }] }, params: { source: 'shop' } },
  ],
  [
    'restore.waves',
    {
      scenario: {
        namespaces: ['shop', 'bank'],
        backups: [{ name: 'all-1', namespaces: ['shop', 'bank'], ago: '10h' }],
        objects: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'prices', namespace: 'shop' } }],
      },
      params: { backup: 'all-1', order: 'shop' },
    },
  ],
  [
    'volume.swap',
    {
      scenario: {
        nodes: [{ name: 'w1' }],
        claims: [{ name: 'shop/data-0' }, { name: 'shop-test-1/data-0' }],
        pods: [{ name: 'shop/api-0', node: 'w1', volumes: ['data-0'] }],
      },
      params: { target: 'shop', beside: 'shop-test-1' },
      takesMs: 60_000,
      // The claim is a new one under its name, which its volume says, its pod is made again, and the restored volume is kept for somebody to look at.
      moving: ['PersistentVolumeClaim/', 'PersistentVolume/', 'Pod/shop/', 'VolumeAttachment/'],
    },
  ],
  [
    'gitops.suspend',
    {
      scenario: {
        namespaces: ['shop'],
        objects: [
          {
            apiVersion: 'argoproj.io/v1alpha1',
            kind: 'Application',
            metadata: { name: 'shop', namespace: 'argocd' },
            spec: { destination: { namespace: 'shop' }, syncPolicy: { automated: { prune: true } } },
          },
          { apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization', metadata: { name: 'all', namespace: 'flux-system' }, spec: {} },
          {
            apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
            kind: 'Kustomization',
            metadata: { name: 'apps', namespace: 'flux-system', labels: { 'kustomize.toolkit.fluxcd.io/name': 'all' } },
            spec: { targetNamespace: 'shop' },
          },
        ],
      },
      params: { target: 'shop' },
    },
  ],
  ['restore.safety', { scenario: { namespaces: ['shop'] }, params: { target: 'shop' }, takesMs: 60_000 }],
  [
    'pod.restart',
    {
      scenario: {
        nodes: [{ name: 'w1' }],
        objects: [
          {
            apiVersion: 'v1',
            kind: 'Pod',
            metadata: { name: 'api-a', namespace: 'shop', uid: OLD_UID },
            spec: { nodeName: 'w1', containers: [{ name: 'main', image: 'registry.example/app:1' }] },
            status: { phase: 'Running' },
          },
        ],
      },
      params: { pod: 'shop/api-a', uid: OLD_UID, owner: 'ReplicaSet/api', ownerUid: 'o1' },
    },
  ],
  [
    'node.relabel',
    {
      scenario: {
        nodes: [{ name: 'w4', labels: { tier: 'web', rack: 'r1' }, taints: [{ key: 'spot', effect: 'NoSchedule' }] }],
      },
      params: { node: 'w4', labels: { tier: 'db', team: 'shop' }, taints: [{ key: 'dedicated', value: 'db', effect: 'NoSchedule' }] },
    },
  ],
  [
    'node.delete',
    {
      scenario: {
        nodes: [{ name: 'w1', ready: false, since: '2h' }, { name: 'w2' }],
        objects: [{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'w1', uid: OLD_UID } }],
      },
      params: { node: 'w1', uid: OLD_UID },
    },
  ],
]);
