import { errorCode, errorText, SalvorError } from '../model/error.ts';
import { isObject } from '../model/json.ts';
import { KubeObject } from '../model/object.ts';
import { type Clock, sleep } from '../port/clock.ts';
import type { Cluster, ListObjects, Watched } from '../port/kube.ts';
import type { Log } from '../port/log.ts';
import type { WatchEvent } from './api/watch.ts';
import type { SimulatedCluster } from './cluster.ts';
import { faultOf } from './failure-of.ts';
import { numberAt, textAt } from './object.ts';

const PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

const CHANGES: ReadonlyMap<string, Watched['change']> = new Map([
  ['ADDED', 'added'],
  ['MODIFIED', 'modified'],
  ['DELETED', 'deleted'],
]);

export type Listed = { readonly objects: readonly KubeObject[]; readonly resourceVersion: string };

type Watching = {
  readonly sim: SimulatedCluster;
  readonly query: ListObjects;
  readonly list: () => Promise<Listed>;
  readonly on: Parameters<Cluster['watch']>[1];
  readonly clock: Clock;
  readonly log: Log;
  readonly userAgent: string;
};

/** Lists, then watches from there, until the signal aborts; goes on after every end, and lists again where its version is too old. */
export async function watchForEver(watching: Watching, signal: AbortSignal): Promise<void> {
  const { query, list, on, clock, log } = watching;
  let version: string | undefined;
  let failures = 0;
  const tell = (call: () => unknown): void => {
    const failed = (error: unknown): void => log.error('kube.watch-callback-failed', { kind: query.kind, error: errorText(error) });
    try {
      Promise.resolve(call()).catch(failed);
    } catch (error) {
      failed(error);
    }
  };
  while (!signal.aborted) {
    try {
      if (version === undefined) {
        const listed = await list();
        if (signal.aborted) return;
        version = listed.resourceVersion;
        tell(() => on.synced?.(listed.objects));
      }
      await follow(watching, version, {
        signal,
        seen: (now) => {
          version = now;
        },
        changed: (changed) => {
          failures = 0;
          tell(() => on.changed(changed));
        },
      });
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      const expired = errorCode(error) === 'kube.expired';
      if (expired) version = undefined;
      log[failures === 1 ? 'warn' : 'debug']('kube.watch-interrupted', { kind: query.kind, code: errorCode(error), failures });
      if (!expired || failures > 1) await sleep(clock, Math.min(PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS), signal);
    }
  }
}

type Following = {
  readonly signal: AbortSignal;
  /** Told each version as it passes, so that a break loses nothing. */
  readonly seen: (version: string) => void;
  readonly changed: (changed: Watched) => void;
};

/** One watch from its start to its end. */
async function follow({ sim, query, userAgent }: Watching, from: string, { signal, seen, changed }: Following): Promise<void> {
  const kind = sim.objects.kinds.of(query.apiVersion, query.kind);
  if (kind === undefined) throw new SalvorError('kube.not-found', `${sim.name}: does not serve ${query.apiVersion} ${query.kind}`);
  const { labelSelector, fieldSelector, namespace } = query;
  const options = {
    resourceVersion: from,
    allowWatchBookmarks: true,
    timeoutSeconds: 300,
    ...(labelSelector === undefined ? {} : { labelSelector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
  };
  let refused: SalvorError | undefined;
  const ended = Promise.withResolvers<void>();
  const event = ({ type, object }: WatchEvent): void => {
    if (type === 'ERROR') {
      refused = faultOf({ code: numberAt(object, 'code') ?? 500, body: object }, { cluster: sim.name, write: false });
      return;
    }
    seen(textAt(object, 'metadata', 'resourceVersion') || from);
    const change = CHANGES.get(type);
    if (change !== undefined && isObject(object)) changed({ change, object: KubeObject.parse(object) });
  };
  const opened = await sim.api.watch(
    { verb: 'watch', kind, ...(namespace === undefined ? {} : { namespace }), options, userAgent },
    { event, end: ended.resolve },
  );
  if (opened.kind === 'reset') throw new SalvorError('kube.unavailable', `${sim.name}: broke the connection (ECONNRESET)`, { retry: 'later' });
  if (opened.kind === 'refused') throw faultOf(opened.answer, { cluster: sim.name, write: false });
  // At once: after the abort no callback may come.
  const stop = (): void => {
    opened.stop();
    ended.resolve();
  };
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  await ended.promise;
  signal.removeEventListener('abort', stop);
  opened.stop();
  if (refused !== undefined) throw refused;
}
