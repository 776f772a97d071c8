import type { Clock } from '../port/clock.ts';
import { groupKind } from './kinds.ts';
import type { ApiRequest } from './request.ts';

/** One write from outside that the cluster took, or a probe that leaves nothing behind. */
export type Recorded = {
  readonly atMs: number;
  /** `create Backup/velero/daily-retry-3f9a01c2`. */
  readonly line: string;
  readonly userAgent: string;
  /** False where the request changed nothing: the values were there already. */
  readonly changed: boolean;
};

/** What came from outside, in order. Controllers of the world do not appear in it. */
export type WriteRecord = {
  note(request: ApiRequest, name: string, changed: boolean): void;
  writes(): readonly Recorded[];
  probes(): readonly Recorded[];
  /** Starts a new list, for tests that look at one part of a story. */
  clear(): void;
};

/** Kinds that ask something: the request itself is no change to the cluster's state. */
const PROBE_KINDS: ReadonlySet<string> = new Set(['DownloadRequest', 'ServerStatusRequest']);

const VERBS = { create: 'create', update: 'update', patch: 'patch', delete: 'delete', deletecollection: 'delete' } as const;

export function writeRecord(clock: Clock): WriteRecord {
  let writes: Recorded[] = [];
  let probes: Recorded[] = [];
  return {
    note(request, name, changed) {
      const { verb, kind, namespace, subresource, options, userAgent } = request;
      if (verb !== 'create' && verb !== 'update' && verb !== 'patch' && verb !== 'delete' && verb !== 'deletecollection') return;
      const object = [groupKind(kind).split('.')[0], ...(namespace === undefined ? [] : [namespace]), name].join('/');
      const line =
        subresource === 'eviction' ? `evict ${object}` : `${VERBS[verb]} ${object}${subresource === undefined || subresource === '' ? '' : `/${subresource}`}`;
      const entry = { atMs: clock.nowMs(), line, userAgent, changed };
      if (options.dryRun === true) probes.push({ ...entry, line: `${line} (dry run)` });
      else if (kind.createOnly || PROBE_KINDS.has(kind.kind)) probes.push(entry);
      else writes.push(entry);
    },
    writes: () => writes,
    probes: () => probes,
    clear() {
      writes = [];
      probes = [];
    },
  };
}
