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
  /** Whether its files reached the storage. */
  readonly written: boolean;
};

export type About = {
  readonly name: string;
  readonly namespace: string;
  readonly location: string;
  readonly storage: ObjectStorage;
  readonly atMs: number;
  /** A namespace that it should have held. */
  readonly missing?: string;
};

export const COMPLETED: Ending = { phase: 'Completed', errors: 0, warnings: 0, log: [], results: { errors: [], warnings: [] }, written: true };

const SOURCE = 'github.com/vmware-tanzu/velero@v1.18.3/pkg';

/** One line of a backup's log. */
export function logLine(
  { name, namespace, atMs }: Pick<About, 'name' | 'namespace' | 'atMs'>,
  level: 'info' | 'warning' | 'error',
  { msg, error, rest = '' }: { readonly msg: string; readonly error?: string; readonly rest?: string },
): string {
  const said = error === undefined ? '' : ` error=${JSON.stringify(error)}`;
  return `time="${timestamp(atMs)}" level=${level} msg=${JSON.stringify(msg)} backup=${namespace}/${name}${said} logSource="${SOURCE}/backup/backup.go:856"${rest}`;
}

/** The texts are those of Velero 1.18.3 with an S3 store; `storage-full`, `connection-reset` and `snapshot-timeout` are put together from its source. */
export function endingFor(reason: Reason, about: About): Ending {
  const { name, namespace, location, storage, missing = 'gone' } = about;
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
        log: [logLine(about, 'warning', { msg: 'Skip pod volume d', error, rest: ' name=p namespace=vols resource=pods' }), ...ending.log],
        results: { ...ending.results, warnings: [` resource: /pods name: /p message: /Skip pod volume d error: /${error}`] },
      };
    }
    case 'namespace-missing':
      return partial([['Error getting namespace', `namespaces "${missing}" not found`, '']], about);
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

export function unknownLocation(location: string): string {
  return `an existing backup storage location was not specified at backup creation time and the default ${location} was not found. Please address this issue (see \`velero backup-location -h\` for options) and create a new backup. Error: BackupStorageLocation.velero.io "${location}" not found`;
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
    results: { errors: lines.map(([msg, error]) => ` message: /${msg} error: /${error}`), warnings: [] },
    written: true,
  };
}

/** The storage's words in a state that it need not be in now. */
function inState(state: 'unavailable' | 'full', { storage, location }: About, operation: Parameters<typeof storageError>[2]): string {
  return storageError({ ...storage, state: () => state }, location, operation) ?? '';
}
