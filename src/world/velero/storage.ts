import { gzipSync } from 'node:zlib';
import { sha256 } from '../../model/digest.ts';
import type { Clock } from '../../port/clock.ts';
import type { StorageState } from '../scenario.ts';

/** What a GET of a signed URL meets. */
export type Fetched =
  | { readonly kind: 'answer'; readonly code: number; readonly body: Buffer; readonly type: string }
  /** Nobody listens: the storage is down. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'silence' };

/** How downloads go wrong while everything else works. */
export type DownloadFault = 'ok' | 'missing' | 'truncated' | 'huge' | 'slow' | 'expired';

/**
 * The object storages behind the backup locations of one cluster: one bucket each, its objects as text, gzip on the way out.
 * It outlives Velero, the Backup objects and the cluster.
 */
export type ObjectStorage = {
  state(location: string): StorageState;
  set(location: string, state: StorageState): void;
  /** Where the storage says it listens; the HTTP layer moves it to its own port. */
  serveAt(baseUrl: string): void;
  baseUrl(): string;
  put(location: string, key: string, text: string): void;
  get(location: string, key: string): string | undefined;
  /** Whether anything is in a folder, such as `backups/daily-1/`. */
  hasFolder(location: string, folder: string): boolean;
  /** Takes away one object, or all that are in a folder. */
  remove(location: string, path: string): void;
  keys(location: string): readonly string[];
  /** Whether a bucket of this name is there. */
  hasBucket(name: string): boolean;
  /** The names in `backups/`. */
  backups(location: string): readonly string[];
  /** A presigned GET, valid for ten minutes. Made without asking the storage. */
  sign(location: string, key: string): string;
  fetch(url: string): Fetched;
  /** Faults of downloads only. */
  spoil(fault: DownloadFault): void;
};

/** The plugin tries three times before it says that the storage does not answer. */
export const THREE_TRIES_MS = 3000;

const EXPIRES_SECONDS = 600;

/** An unpacked size that no reader should take whole. */
const HUGE_BYTES = 64 * 1024 * 1024;

export function objectStorage({ clock, cluster }: { readonly clock: Clock; readonly cluster: string }): ObjectStorage {
  const states = new Map<string, StorageState>();
  const buckets = new Map<string, Map<string, string>>();
  const signed = new Map<string, { readonly location: string; readonly key: string; readonly untilMs: number }>();
  let base = `http://storage.${cluster}.example:9000`;
  let spoiled: DownloadFault = 'ok';
  let signatures = 0;

  const bucket = (location: string): Map<string, string> => {
    let found = buckets.get(location);
    if (found === undefined) buckets.set(location, (found = new Map()));
    return found;
  };

  return {
    state: (location) => states.get(location) ?? 'available',
    set: (location, state) => void states.set(location, state),
    serveAt: (baseUrl) => void (base = baseUrl),
    baseUrl: () => base,
    put: (location, key, text) => void bucket(location).set(key, text),
    get: (location, key) => bucket(location).get(key),
    hasFolder: (location, folder) => [...bucket(location).keys()].some((key) => key.startsWith(folder)),
    remove(location, path) {
      const folder = path.endsWith('/') ? path : `${path}/`;
      for (const key of bucket(location).keys()) if (key === path || key.startsWith(folder)) bucket(location).delete(key);
    },
    keys: (location) => [...bucket(location).keys()].sort(),
    hasBucket: (name) => name === bucketOf('default') || [...states.keys()].some((location) => bucketOf(location) === name),
    backups(location) {
      return [...new Set([...bucket(location).keys()].map((key) => /^backups\/([^/]+)\//.exec(key)?.[1]).filter((name) => name !== undefined))].sort();
    },
    sign(location, key) {
      signatures += 1;
      const signature = sha256(`${cluster}/${location}/${key}/${signatures}`);
      const atMs = clock.nowMs();
      signed.set(signature, { location, key, untilMs: atMs + EXPIRES_SECONDS * 1000 });
      const date = `${new Date(atMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
      const query = new URLSearchParams({
        'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
        'X-Amz-Credential': `world/${date.slice(0, 8)}/us-east-1/s3/aws4_request`,
        'X-Amz-Date': date,
        'X-Amz-Expires': String(EXPIRES_SECONDS),
        'X-Amz-SignedHeaders': 'host',
        'x-id': 'GetObject',
        'X-Amz-Signature': signature,
      });
      return `${base}/${bucketOf(location)}/${key}?${query.toString()}`;
    },
    fetch(url) {
      const { searchParams, pathname } = new URL(url);
      const asked = signed.get(searchParams.get('X-Amz-Signature') ?? '');
      // A signature is for one object: with another path it is worth nothing.
      const grant = asked !== undefined && pathname.endsWith(`/${bucketOf(asked.location)}/${asked.key}`) ? asked : undefined;
      const state = grant === undefined ? 'available' : (states.get(grant.location) ?? 'available');
      if (state === 'unavailable') return { kind: 'refused' };
      if (spoiled === 'slow') return { kind: 'silence' };
      if (grant === undefined)
        return xmlError(
          403,
          'SignatureDoesNotMatch',
          'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
        );
      if (spoiled === 'expired' || clock.nowMs() > grant.untilMs) return xmlError(403, 'AccessDenied', 'Request has expired');
      if (state === 'wrong-bucket') return xmlError(404, 'NoSuchBucket', 'The specified bucket does not exist.');
      if (state === 'wrong-credentials') return xmlError(403, 'InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.');
      const text = bucket(grant.location).get(grant.key);
      if (text === undefined || spoiled === 'missing') return xmlError(404, 'NoSuchKey', 'The specified key does not exist.');
      const packed = gzipSync(spoiled === 'huge' ? text.padEnd(HUGE_BYTES, 'time="2026-11-21T06:29:11Z" level=info msg="Processing item"\n') : text);
      return {
        kind: 'answer',
        code: 200,
        body: spoiled === 'truncated' ? packed.subarray(0, Math.floor(packed.length / 2)) : packed,
        type: 'application/octet-stream',
      };
    },
    spoil: (fault) => void (spoiled = fault),
  };
}

function xmlError(code: number, name: string, message: string): Fetched {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${name}</Code><Message>${message}</Message></Error>`;
  return { kind: 'answer', code, body: Buffer.from(body), type: 'application/xml' };
}

/** The bucket of a location. */
export function bucketOf(location: string): string {
  return location === 'default' ? 'velero' : location;
}

type Operation = {
  readonly name: 'ListObjectsV2' | 'HeadObject' | 'GetObject' | 'PutObject';
  readonly key?: string;
  /** Absent: the location's own, which is there. */
  readonly bucket?: string;
};

/** What Velero's plugin for S3 says when an operation fails in this state; undefined where it works. */
export function storageError(storage: ObjectStorage, location: string, { name, key = '', bucket }: Operation): string | undefined {
  const asSet = storage.state(location);
  const state = asSet === 'available' && bucket !== undefined && !storage.hasBucket(bucket) ? 'wrong-bucket' : asSet;
  const prefix = `rpc error: code = Unknown desc = ${key === '' || name === 'HeadObject' ? '' : `error ${name === 'GetObject' ? 'getting' : 'putting'} object ${key}: `}operation error S3: ${name}`;
  const ids = 'RequestID: MIGQ9DVYXS74C9EG, HostID: UppKEA8t0jhxGXDYLoC5aCuA2YjWg30Ti2KBdp8q';
  switch (state) {
    case 'unavailable': {
      const url = new URL(storage.baseUrl());
      const method = { ListObjectsV2: 'Get', HeadObject: 'Head', GetObject: 'Get', PutObject: 'Put' }[name];
      const path =
        name === 'ListObjectsV2'
          ? `${bucketOf(location)}?delimiter=%2F&list-type=2&prefix=`
          : `${bucketOf(location)}/${key}${name === 'HeadObject' ? '' : `?x-id=${name}`}`;
      return `${prefix}, exceeded maximum number of attempts, 3, https response error StatusCode: 0, RequestID: , HostID: , request send failed, ${method} "${url.origin}/${path}": dial tcp ${url.host}: connect: connection refused`;
    }
    case 'wrong-bucket':
      return `${prefix}, https response error StatusCode: 404, ${ids}, NoSuchBucket: The specified bucket does not exist.`;
    case 'wrong-credentials':
      return `${prefix}, https response error StatusCode: 403, ${ids}, api error InvalidAccessKeyId: The AWS Access Key Id you provided does not exist in our records.`;
    case 'full':
      if (name !== 'PutObject') return undefined;
      return `${prefix}, https response error StatusCode: 507, ${ids}, api error XMinioStorageFull: Storage backend has reached its minimum free drive threshold. Please delete a few objects to proceed.`;
    case 'available':
    case 'read-only':
      return undefined;
  }
}

const BACKUP_FILES: ReadonlyMap<string, string> = new Map([
  ['BackupLog', '-logs.gz'],
  ['BackupContents', '.tar.gz'],
  ['BackupResults', '-results.gz'],
  ['BackupResourceList', '-resource-list.json.gz'],
  ['BackupVolumeInfos', '-volumeinfo.json.gz'],
  ['BackupItemOperations', '-itemoperations.json.gz'],
  ['BackupVolumeSnapshots', '-volumesnapshots.json.gz'],
  ['CSIBackupVolumeSnapshots', '-csi-volumesnapshots.json.gz'],
  ['CSIBackupVolumeSnapshotContents', '-csi-volumesnapshotcontents.json.gz'],
]);

const RESTORE_FILES: ReadonlyMap<string, (name: string) => string> = new Map([
  ['RestoreLog', (name) => `restore-${name}-logs.gz`],
  ['RestoreResults', (name) => `restore-${name}-results.gz`],
  ['RestoreResourceList', (name) => `restore-${name}-resource-list.json.gz`],
  ['RestoreItemOperations', (name) => `restore-${name}-itemoperations.json.gz`],
  ['RestoreVolumeInfo', (name) => `${name}-volumeinfo.json.gz`],
]);

/** Where a DownloadRequest's target lies; undefined: no such kind of file. */
export function targetKey(kind: string, name: string): string | undefined {
  const ofBackup = BACKUP_FILES.get(kind);
  if (ofBackup !== undefined) return `backups/${name}/${name}${ofBackup}`;
  const ofRestore = RESTORE_FILES.get(kind);
  return ofRestore === undefined ? undefined : `restores/${name}/${ofRestore(name)}`;
}
