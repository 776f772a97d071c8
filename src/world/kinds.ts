/**
 * The kinds that every simulated cluster serves; a scenario may add custom ones. A new kind is a row.
 *
 * `generation`: `none` never has one; `spec` goes up when anything outside metadata and status changes;
 * `every` goes up with every change outside metadata, as custom resources without a status subresource do.
 */
export type Kind = {
  readonly group: string;
  readonly version: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
  /** Subresources, `status` among them where the kind has one. */
  readonly subresources: readonly string[];
  readonly generation: 'none' | 'spec' | 'every';
  /** Fields besides metadata.name and metadata.namespace that a field selector may name. */
  readonly fields: readonly string[];
  /** Reviews and the like: can be created, are not kept. */
  readonly createOnly: boolean;
  readonly custom: boolean;
  /** What `kubectl get` prints after the name, as title and path; kinds of the server itself have theirs in `http/columns.ts`. */
  readonly columns: readonly (readonly [title: string, path: string])[];
};

type Row = {
  readonly kind: string;
  readonly plural?: string;
  readonly short?: string;
  readonly cluster?: boolean;
  readonly status?: boolean;
  readonly sub?: string;
  readonly generation?: Kind['generation'];
  readonly fields?: string;
  readonly createOnly?: boolean;
  readonly columns?: readonly (readonly [title: string, path: string])[];
};

const PHASE = [['Status', 'status.phase']] as const;
const AGE = ['Age', 'metadata.creationTimestamp'] as const;
const MOVING = [
  ...PHASE,
  ['Started', 'status.startTimestamp'],
  ['Bytes Done', 'status.progress.bytesDone'],
  ['Total Bytes', 'status.progress.totalBytes'],
  ['Storage Location', 'spec.backupStorageLocation'],
  AGE,
  ['Node', 'status.node'],
] as const;

const GROUPS: readonly (readonly [apiVersion: string, custom: boolean, rows: readonly Row[]])[] = [
  [
    'v1',
    false,
    [
      { kind: 'Node', short: 'no', cluster: true, status: true, generation: 'none', fields: 'spec.unschedulable' },
      { kind: 'Namespace', short: 'ns', cluster: true, status: true, generation: 'none', fields: 'status.phase' },
      {
        kind: 'Pod',
        short: 'po',
        status: true,
        sub: 'log eviction binding',
        generation: 'spec',
        fields: 'spec.nodeName status.phase spec.restartPolicy spec.serviceAccountName status.podIP',
      },
      { kind: 'Service', short: 'svc', status: true, generation: 'none' },
      { kind: 'ConfigMap', short: 'cm', generation: 'none' },
      { kind: 'Secret', generation: 'none', fields: 'type' },
      {
        kind: 'Event',
        short: 'ev',
        generation: 'none',
        fields: 'involvedObject.kind involvedObject.name involvedObject.namespace involvedObject.uid involvedObject.apiVersion reason type',
        columns: [
          ['Type', 'type'],
          ['Reason', 'reason'],
          ['Message', 'message'],
        ],
      },
      { kind: 'PersistentVolume', short: 'pv', cluster: true, status: true, generation: 'none' },
      { kind: 'PersistentVolumeClaim', short: 'pvc', status: true, generation: 'none' },
      { kind: 'ServiceAccount', short: 'sa', generation: 'none' },
    ],
  ],
  [
    'apps/v1',
    false,
    [
      { kind: 'Deployment', short: 'deploy', status: true, sub: 'scale' },
      { kind: 'DaemonSet', short: 'ds', status: true },
      { kind: 'StatefulSet', short: 'sts', status: true, sub: 'scale' },
      { kind: 'ReplicaSet', short: 'rs', status: true, sub: 'scale' },
    ],
  ],
  [
    'batch/v1',
    false,
    [
      { kind: 'Job', status: true },
      { kind: 'CronJob', short: 'cj', status: true, columns: [['Schedule', 'spec.schedule']] },
    ],
  ],
  ['policy/v1', false, [{ kind: 'PodDisruptionBudget', short: 'pdb', status: true }]],
  [
    'networking.k8s.io/v1',
    false,
    [
      { kind: 'Ingress', plural: 'ingresses', short: 'ing', status: true },
      { kind: 'NetworkPolicy', plural: 'networkpolicies', short: 'netpol' },
    ],
  ],
  ['coordination.k8s.io/v1', false, [{ kind: 'Lease', generation: 'none' }]],
  [
    'storage.k8s.io/v1',
    false,
    [
      { kind: 'StorageClass', plural: 'storageclasses', short: 'sc', cluster: true, generation: 'none' },
      { kind: 'VolumeAttachment', cluster: true, status: true, generation: 'none', columns: [['Node', 'spec.nodeName']] },
    ],
  ],
  [
    'authorization.k8s.io/v1',
    false,
    [
      { kind: 'SelfSubjectAccessReview', cluster: true, createOnly: true, generation: 'none' },
      { kind: 'SelfSubjectRulesReview', cluster: true, createOnly: true, generation: 'none' },
    ],
  ],
  ['authentication.k8s.io/v1', false, [{ kind: 'SelfSubjectReview', cluster: true, createOnly: true, generation: 'none' }]],
  ['apiextensions.k8s.io/v1', false, [{ kind: 'CustomResourceDefinition', short: 'crd crds', cluster: true, status: true }]],
  [
    'velero.io/v1',
    true,
    [
      { kind: 'Backup', generation: 'every' },
      { kind: 'Restore', generation: 'every' },
      {
        kind: 'Schedule',
        generation: 'every',
        columns: [['Status', 'status.phase'], ['Schedule', 'spec.schedule'], ['LastBackup', 'status.lastBackup'], AGE, ['Paused', 'spec.paused']],
      },
      {
        kind: 'BackupStorageLocation',
        short: 'bsl',
        generation: 'every',
        columns: [['Phase', 'status.phase'], ['Last Validated', 'status.lastValidationTime'], AGE, ['Default', 'spec.default']],
      },
      { kind: 'VolumeSnapshotLocation', short: 'vsl', generation: 'every' },
      { kind: 'DeleteBackupRequest', generation: 'every', columns: [['BackupName', 'spec.backupName'], ...PHASE] },
      { kind: 'DownloadRequest', generation: 'every' },
      { kind: 'ServerStatusRequest', short: 'ssr', generation: 'every' },
      { kind: 'PodVolumeBackup', generation: 'every', columns: MOVING },
      { kind: 'PodVolumeRestore', generation: 'every', columns: MOVING },
      { kind: 'BackupRepository', plural: 'backuprepositories', generation: 'every', columns: [AGE, ['Repository Type', 'spec.repositoryType']] },
    ],
  ],
  [
    'velero.io/v2alpha1',
    true,
    [
      { kind: 'DataUpload', generation: 'every', columns: MOVING },
      { kind: 'DataDownload', generation: 'every', columns: MOVING },
    ],
  ],
];

function words(text: string | undefined): readonly string[] {
  return text === undefined || text === '' ? [] : text.split(' ');
}

function toKind(apiVersion: string, custom: boolean, row: Row): Kind {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  const singular = row.kind.toLowerCase();
  return {
    group: group ?? '',
    version: version ?? '',
    apiVersion,
    kind: row.kind,
    plural: row.plural ?? `${singular}s`,
    singular,
    shortNames: words(row.short),
    namespaced: row.cluster !== true,
    subresources: [...(row.status === true ? ['status'] : []), ...words(row.sub)],
    generation: row.generation ?? 'spec',
    fields: words(row.fields),
    createOnly: row.createOnly === true,
    custom,
    columns: row.columns ?? [],
  };
}

export const KINDS: readonly Kind[] = GROUPS.flatMap(([apiVersion, custom, rows]) => rows.map((row) => toKind(apiVersion, custom, row)));

const byName = new Map(KINDS.map((kind) => [`${kind.apiVersion} ${kind.kind}`, kind]));

/** A row that is known to exist: a misspelt kind is a fault of this program. */
export function theKind(apiVersion: string, kind: string): Kind {
  const found = byName.get(`${apiVersion} ${kind}`);
  if (found === undefined) throw new Error(`the simulated cluster has no kind ${apiVersion} ${kind}`);
  return found;
}

type Custom = { readonly plural?: string; readonly isNamespaced: boolean; readonly hasStatus: boolean; readonly shortNames?: readonly string[] };

/** A kind of a CustomResourceDefinition. Its plural, where nobody says it, is the guess that Kubernetes makes, too. */
export function customKind(apiVersion: string, kind: string, { plural, isNamespaced, hasStatus, shortNames = [] }: Custom): Kind {
  const row = { kind, plural: plural ?? pluralOf(kind.toLowerCase()), cluster: !isNamespaced, status: hasStatus, short: shortNames.join(' ') };
  return toKind(apiVersion, true, { ...row, generation: hasStatus ? 'spec' : 'every' });
}

function pluralOf(singular: string): string {
  if (singular.endsWith('s')) return `${singular}es`;
  return singular.endsWith('y') ? `${singular.slice(0, -1)}ies` : `${singular}s`;
}

/** `pods`, or `restores.velero.io`: how messages name a kind. */
export function groupResource(kind: Kind): string {
  return kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`;
}

/** `ConfigMap`, or `Backup.velero.io`: how validation messages name a kind. */
export function groupKind(kind: Kind): string {
  return kind.group === '' || !kind.custom ? kind.kind : `${kind.kind}.${kind.group}`;
}
