/**
 * Why backups fail, as data: text that Velero and object stores write → what it means and what to do about it.
 * `transient`: a second try can work. `storage-away`: it can, once the storage answers. `permanent`: a person has to change something first.
 *
 * `match` is a conjunction of alternatives: of each list at least one text occurs, compared in lower case. Rows are tried in order; the first wins.
 * Source  texts seen from Velero 1.18 with an S3 store, and the error codes of the S3, Azure and GCS interfaces.
 */
export type CauseClass = 'transient' | 'storage-away' | 'permanent';

export type Cause = {
  readonly id: string;
  readonly class: CauseClass;
  /** For people, after "because". */
  readonly words: string;
  /** What to look at or change, first things first. */
  readonly fix: readonly string[];
};

export type ReasonRow = Cause & { readonly match: readonly (readonly string[])[] };

const ABOUT_STORAGE = [
  'operation error s3',
  'object storage',
  'object store',
  'headobject',
  'putobject',
  'getobject',
  'listobjects',
  'uploading',
  'upload failed',
  'error putting',
  'is unavailable: rpc error',
  'blob.core.windows.net',
  'storage.googleapis.com',
];

const NO_CONNECTION = [
  'connection refused',
  'connection reset',
  'connection timed out',
  'no such host',
  'no route to host',
  'network is unreachable',
  'i/o timeout',
  'request send failed',
  'server misbehaving',
  'unexpected eof',
  'broken pipe',
  'tls handshake timeout',
  'context deadline exceeded',
  'statuscode: 500',
  'statuscode: 502',
  'statuscode: 503',
  'statuscode: 504',
  'slowdown',
  'serviceunavailable',
];

export const REASON_TABLE: readonly ReasonRow[] = [
  {
    id: 'server-restarted',
    class: 'transient',
    match: [['during the server starting', 'during the server startup']],
    words: 'the Velero server restarted while the backup ran',
    fix: ['Look at why the server restarted: kubectl -n velero describe pod -l deploy=velero (memory limit, eviction, rollout)'],
  },
  // Before the credentials: a signature for another region is refused with a word about the authorization, too.
  {
    id: 'wrong-region',
    class: 'permanent',
    match: [['permanentredirect', 'bucketregionerror', 'incorrect region', 'is wrong; expecting']],
    words: 'the storage is asked in the wrong region',
    fix: ['Correct spec.config.region of the BackupStorageLocation'],
  },
  {
    id: 'credentials-refused',
    class: 'permanent',
    match: [
      [
        'accessdenied',
        'access denied',
        'invalidaccesskeyid',
        'no user exists with the provided access key',
        'signaturedoesnotmatch',
        'authorizationheadermalformed',
        'expiredtoken',
        'invalidtoken',
        'invalidclienttokenid',
        'unrecognizedclientexception',
        'authenticationfailed',
        'authorizationfailure',
        'statuscode: 401',
        'statuscode: 403',
        'status code: 401',
        'status code: 403',
        'no valid providers in chain',
        'nocredentialproviders',
        'no ec2 imds role found',
        'failed to refresh cached credentials',
        'could not find default credentials',
        'unable to load credentials',
      ],
    ],
    words: 'the storage refuses the credentials',
    fix: [
      'Put working credentials into the Secret that the BackupStorageLocation names (spec.credential; without it: cloud-credentials in the Velero namespace)',
      'Check that the account may list, read and write the bucket, and that its key has not expired',
      'Wait until the BackupStorageLocation is Available, then run the backup again',
    ],
  },
  {
    id: 'bucket-missing',
    class: 'permanent',
    match: [['nosuchbucket', 'the specified bucket does not exist', 'containernotfound', 'the specified container does not exist', 'bucket not found']],
    words: 'the bucket does not exist',
    fix: [
      'Correct spec.objectStorage.bucket of the BackupStorageLocation, or make the bucket',
      'If the bucket was deleted: every backup in it is gone; find the second copy',
    ],
  },
  {
    id: 'certificate',
    class: 'permanent',
    match: [['x509:', 'certificate signed by unknown authority', 'certificate has expired', 'failed to verify certificate']],
    words: 'the certificate of the storage is not trusted',
    fix: ['Renew the certificate of the storage, or put its authority into spec.objectStorage.caCert of the BackupStorageLocation'],
  },
  {
    id: 'storage-full',
    class: 'permanent',
    match: [
      [
        'no space left on device',
        'xminiostoragefull',
        'minimum free drive threshold',
        'quotaexceeded',
        'quota exceeded',
        'insufficientstorage',
        'storagefull',
        'entitytoolarge',
      ],
    ],
    words: 'the storage is full',
    fix: [
      'Make room: delete backups that are past their use (by DeleteBackupRequest), or add capacity',
      'Space of file system backups comes back only after repository maintenance',
    ],
  },
  {
    id: 'storage-unreachable',
    class: 'storage-away',
    match: [ABOUT_STORAGE, NO_CONNECTION],
    words: 'the storage did not answer',
    fix: ['Check the storage and the way to it (address, network policy, DNS): spec.config.s3Url of the BackupStorageLocation'],
  },
  {
    id: 'location-missing',
    class: 'permanent',
    match: [['backup storage location was not specified', 'backupstoragelocation.velero.io'], ['not found']],
    words: 'its backup storage location does not exist',
    fix: ['Make the BackupStorageLocation that the schedule names, or set spec.template.storageLocation to one that exists', 'Or mark one location as default'],
  },
  {
    id: 'location-read-only',
    class: 'permanent',
    match: [['in read-only mode']],
    words: 'its backup storage location is read-only',
    fix: ['Somebody made it read-only on purpose (a recovery, a legal hold): ask them first', 'Then set spec.accessMode to ReadWrite'],
  },
  {
    id: 'location-unavailable',
    class: 'storage-away',
    match: [['is in unavailable status', 'is unavailable, cannot']],
    words: 'its backup storage location was unavailable',
    fix: ['Look at status.message of the BackupStorageLocation, and at the storage itself'],
  },
  {
    id: 'snapshot-location',
    class: 'permanent',
    match: [['volumesnapshotlocation', 'volume snapshot location']],
    words: 'its volume snapshot location is missing or ambiguous',
    fix: ['Correct spec.template.volumeSnapshotLocations of the schedule: at most one that exists for each provider'],
  },
  {
    id: 'selectors-mixed',
    class: 'permanent',
    match: [['labelselector as well as orlabelselectors']],
    words: 'it names labelSelector and orLabelSelectors, and only one is allowed',
    fix: ['Remove one of labelSelector and orLabelSelectors from spec.template of the schedule'],
  },
  {
    id: 'filters-mixed',
    class: 'permanent',
    match: [['old filter parameters', 'are new filter parameters', 'cannot be used together']],
    words: 'it mixes the old and the new resource filters',
    fix: ['Use either includedResources and its kind, or includedNamespaceScopedResources and its kind, in spec.template of the schedule'],
  },
  {
    id: 'filters-wrong',
    class: 'permanent',
    match: [['invalid included/excluded', 'excludes list cannot contain']],
    words: 'its includes and excludes contradict each other',
    fix: ['Correct the lists in spec.template of the schedule: what is included may not be excluded too'],
  },
  {
    id: 'resource-policy',
    class: 'permanent',
    match: [['resource policies', 'resourcepolicies', 'resource policy', 'resourcepolicy']],
    words: 'its resource policy is missing or wrong',
    fix: ['Check the ConfigMap that spec.template.resourcePolicy of the schedule names'],
  },
  {
    id: 'name-taken',
    class: 'permanent',
    match: [['execution failed: backup already exists in object storage']],
    words: 'a backup of that name is in the storage already',
    fix: ['Check that no other cluster writes to the same bucket and prefix', 'For a backup made by hand: choose another name'],
  },
  {
    id: 'hook-failed',
    class: 'permanent',
    match: [['error executing hook', 'error running pre hooks', 'error running post hooks', 'hook failed', 'hookphase']],
    words: 'a command that it runs in a pod failed',
    fix: [
      'Run the command of the hook in that pod by hand and correct it (container, command, timeout)',
      'What the hook protects may be inconsistent in this backup',
    ],
  },
  {
    id: 'namespace-missing',
    class: 'permanent',
    match: [
      ['fail to get the namespace', 'error getting namespace', 'namespaces "', 'namespace "', 'error listing namespaces'],
      ['specified in backup.spec.includednamespaces', 'not found', 'notfound', 'does not exist'],
    ],
    words: 'it names a namespace that does not exist',
    fix: [
      'If the namespace was deleted by mistake: restore it from the last good backup',
      'Else remove it from spec.template.includedNamespaces of the schedule',
    ],
  },
  {
    id: 'node-agent-missing',
    class: 'permanent',
    match: [['daemonset pod not found in running state', 'node-agent is not running', 'node-agent pod is not running', 'node agent is not running']],
    words: 'no node agent runs where its volumes are',
    fix: ['Bring the DaemonSet node-agent to that node (taints, node selector, image): kubectl -n velero get pods -l name=node-agent -o wide'],
  },
  {
    id: 'snapshot-class-missing',
    class: 'permanent',
    match: [
      ['volumesnapshotclass', 'volume snapshot class'],
      ['not found', 'failed to get', 'no volumesnapshotclass', 'could not find'],
    ],
    words: 'no volume snapshot class fits its volumes',
    fix: ['Label one VolumeSnapshotClass of the CSI driver with velero.io/csi-volumesnapshot-class: "true"'],
  },
  {
    id: 'forbidden',
    class: 'permanent',
    match: [['is forbidden:', 'admission webhook', 'denied the request']],
    words: 'the cluster refused what Velero asked',
    fix: ['Give the service account of Velero the right that the message names, or exempt it from the admission policy'],
  },
  {
    id: 'snapshot-slow',
    class: 'transient',
    match: [
      ['volumesnapshot', 'csi', 'snapshot'],
      ['timed out', 'timeout', 'context deadline exceeded'],
    ],
    words: 'a volume snapshot was not ready in time',
    fix: ['Look at the CSI driver and its VolumeSnapshot; a longer spec.template.csiSnapshotTimeout gives it more time'],
  },
  {
    id: 'interrupted',
    class: 'transient',
    match: [
      [
        'connection reset',
        'connection refused',
        'connection lost',
        'connection timed out',
        'broken pipe',
        'unexpected eof',
        'i/o timeout',
        'tls handshake timeout',
        'timed out',
        'context deadline exceeded',
        'too many requests',
        'etcdserver: leader changed',
        'the server is currently unable to handle the request',
        'transport is closing',
      ],
    ],
    words: 'a connection was interrupted',
    fix: ['If it comes again: look at the network between Velero, the API server and the nodes'],
  },
];

/** For text that no row knows. A second try might work or not; nobody knows, so a person looks first. */
export const UNKNOWN_CAUSE: Cause = {
  id: 'unknown',
  class: 'permanent',
  words: 'of a reason that is not known here',
  fix: ['Read the errors and the log of the backup: velero backup describe NAME --details, velero backup logs NAME'],
};
