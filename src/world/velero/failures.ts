import { timestamp } from '../object.ts';
import type { Reason } from '../scenario.ts';
import { bucketOf, type ObjectStorage, storageError } from './storage.ts';

/** How a backup ends, with what Velero says about it in its status, log and results. */
export type Ending = {
  readonly phase: 'Completed' | 'PartiallyFailed' | 'Failed' | 'FailedValidation';
  readonly failureReason?: string;
  readonly validationErrors?: readonly string[];
  readonly errors: number;
  readonly warnings: number;
  readonly hooks?: { readonly attempted: number; readonly failed: number };
  readonly log: readonly string[];
  readonly results: { readonly errors: readonly string[]; readonly warnings: readonly string[] };
  /** The namespace that the warnings are about; absent: they are Velero's own. */
  readonly warned?: string;
  /** Whether its files reached the storage. */
  readonly written: boolean;
};

export type About = {
  readonly name: string;
  readonly namespace: string;
  readonly location: string;
  readonly storage: ObjectStorage;
  readonly atMs: number;
  /** The first namespace that it should hold, or the one that is not there. */
  readonly app?: string;
};

export const COMPLETED: Ending = { phase: 'Completed', errors: 0, warnings: 0, log: [], results: { errors: [], warnings: [] }, written: true };

const SOURCE = 'github.com/vmware-tanzu/velero@v1.18.3/pkg';

/** One line of a backup's log, or a restore's. */
export function logLine(
  { name, namespace, atMs, what = 'backup' }: Pick<About, 'name' | 'namespace' | 'atMs'> & { readonly what?: 'backup' | 'restore' },
  level: 'info' | 'warning' | 'error',
  { msg, error, rest = '' }: { readonly msg: string; readonly error?: string; readonly rest?: string },
): string {
  const said = error === undefined ? '' : ` error=${JSON.stringify(error)}`;
  const head = `time="${timestamp(atMs)}" level=${level} msg=${JSON.stringify(msg)}`;
  return what === 'backup'
    ? `${head} backup=${namespace}/${name}${said} logSource="${SOURCE}/backup/backup.go:856"${rest}`
    : `${head}${said} logSource="${SOURCE}/controller/restore_controller.go:578" restore=${namespace}/${name}${rest}`;
}

/** The texts are those of Velero 1.18.3 with an S3 store; `storage-full`, `connection-reset` and `snapshot-timeout` are put together from its source. */
export function endingFor(reason: Reason, about: About): Ending {
  const { name, namespace, location, storage, app = 'gone' } = about;
  const key = `backups/${name}/velero-backup.json`;
  switch (reason) {
    case 'storage-unavailable':
      return failed(`error checking if backup already exists in object storage: ${inState('unavailable', about, { name: 'HeadObject', key })}`);
    case 'credentials':
      return failed(
        'error checking if backup already exists in object storage: rpc error: code = Unknown desc = operation error S3: HeadObject, https response error StatusCode: 403, RequestID: MIGQ9DVYXS74C9EG, HostID: UppKEA8t0jhxGXDYLoC5aCuA2YjWg30Ti2KBdp8q, api error Forbidden: Forbidden',
      );
    case 'storage-full':
      return failed(inState('full', about, { name: 'PutObject', key: `backups/${name}/${name}.tar.gz` }));
    case 'connection-reset': {
      const url = `${new URL(storage.baseUrl()).origin}/${bucketOf(location)}/backups/${name}/${name}.tar.gz`;
      return failed(
        `rpc error: code = Unknown desc = error putting object backups/${name}/${name}.tar.gz: operation error S3: PutObject, exceeded maximum number of attempts, 3, https response error StatusCode: 0, RequestID: , HostID: , request send failed, Put "${url}": write tcp 10.244.0.7:48112->10.96.0.20:9000: write: connection reset by peer`,
      );
    }
    case 'name-taken':
      return failed('backup already exists in object storage');
    case 'server-restarted':
      return { ...failed(''), failureReason: RESTARTED };
    case 'hook-failed': {
      const error = 'Internal error occurred: error executing command in container: command terminated with exit code 1';
      return {
        ...partial(
          [
            ['Error executing hook', error, ' hookPhase=pre hookSource=spec hookType=exec'],
            ['Error running pre hooks for pod', error, ' name=p'],
          ],
          about,
        ),
        hooks: { attempted: 1, failed: 1 },
      };
    }
    case 'no-node-agent': {
      const error = 'daemonset pod not found in running state in node w2';
      const ending = partial([['Error backing up item', error, ' name=p']], about);
      return {
        ...ending,
        warnings: 1,
        log: [logLine(about, 'warning', { msg: 'Skip pod volume d', error, rest: ` name=p namespace=${app} resource=pods` }), ...ending.log],
        warned: app,
        results: { ...ending.results, warnings: [` resource: /pods name: /p message: /Skip pod volume d error: /${error}`] },
      };
    }
    case 'namespace-missing':
      return namespaceMissing(app, about);
    case 'snapshot-timeout':
      return partial(
        [
          [
            'Error backing up item',
            `timed out waiting for VolumeSnapshot ${namespace}/velero-data-x7k2p to become ready: context deadline exceeded`,
            ' name=data',
          ],
        ],
        about,
      );
    case 'validation':
      return invalid('Invalid included/excluded namespace lists: excludes list cannot contain an item in the includes list: app');
    case 'location-unknown':
      return invalid(unknownLocation(location));
    case 'location-unavailable':
      return invalid(`backup can't be created because BackupStorageLocation ${location} is in Unavailable status.`);
    case 'location-read-only':
      return invalid(`backup can't be created because backup storage location ${location} is currently in read-only mode`);
  }
}

/** What a starting server writes on backups that it finds in progress. */
export const RESTARTED = 'found a backup with status "InProgress" during the server starting, mark it as "Failed"';

export const MIXED_FILTERS =
  'include-resources, exclude-resources and include-cluster-resources are old filter parameters.\ninclude-cluster-scoped-resources, exclude-cluster-scoped-resources, include-namespace-scoped-resources and exclude-namespace-scoped-resources are new filter parameters.\nThey cannot be used together';

/** Velero says `not specified` also where it was. */
export function unknownLocation(location: string, wasNamed = true): string {
  return `an existing backup storage location was not specified at backup creation time and the ${wasNamed ? `default ${location} was not found` : `server default ${location} does not exist`}. Please address this issue (see \`velero backup-location -h\` for options) and create a new backup. Error: BackupStorageLocation.velero.io "${location}" not found`;
}

/** A failure that nobody named. */
export function plainFailure(phase: 'Failed' | 'PartiallyFailed', about: About): Ending {
  return phase === 'Failed'
    ? failed('error backing up: the simulated failure')
    : partial([['Error backing up item', 'the simulated failure of one object', ' name=cfg']], about);
}

export function failed(text: string): Ending {
  return {
    phase: 'Failed',
    failureReason: `backup execution failed: ${text}`,
    errors: 0,
    warnings: 0,
    log: [],
    results: { errors: [], warnings: [] },
    written: false,
  };
}

export function invalid(...validationErrors: readonly string[]): Ending {
  return { phase: 'FailedValidation', validationErrors, errors: 0, warnings: 0, log: [], results: { errors: [], warnings: [] }, written: false };
}

function partial(lines: readonly (readonly [msg: string, error: string, rest: string])[], about: About): Ending {
  return {
    phase: 'PartiallyFailed',
    errors: lines.length,
    warnings: 0,
    log: lines.map(([msg, error, rest]) => logLine(about, 'error', { msg, error, rest })),
    results: { errors: lines.map(([msg, error, rest]) => `${namedIn(rest)} message: /${msg} error: /${error}`), warnings: [] },
    written: true,
  };
}

/** The one error that Velero logs without a cause of its own. */
function namespaceMissing(app: string, about: About): Ending {
  const msg = `fail to get the namespace ${app} specified in backup.Spec.IncludedNamespaces`;
  return {
    phase: 'PartiallyFailed',
    errors: 1,
    warnings: 0,
    log: [logLine(about, 'error', { msg, rest: ' resource=namespaces' })],
    results: { errors: [` resource: /namespaces message: /${msg}`], warnings: [] },
    written: true,
  };
}

/** A result begins with the name of the object that it is about. */
function namedIn(rest: string): string {
  const name = /^ name=(\S+)/.exec(rest)?.[1];
  return name === undefined ? '' : ` name: /${name}`;
}

/** The storage's words in a state that it need not be in now. */
function inState(state: 'unavailable' | 'full', { storage, location }: About, operation: Parameters<typeof storageError>[2]): string {
  return storageError({ ...storage, state: () => state }, location, operation) ?? '';
}
