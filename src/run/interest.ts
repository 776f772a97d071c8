import { UNWATCHED } from '../domain/permission.ts';
import { errorCode } from '../model/error.ts';
import type { Clock } from '../port/clock.ts';
import type { Ids } from '../port/ids.ts';
import type { Cluster, ListObjects, Writer } from '../port/kube.ts';
import type { Store } from '../port/store.ts';

/** What a run looked at: a kind in a cluster, in one namespace or all, one object or all. */
type Looked = ListObjects & { readonly cluster: string; readonly name?: string };

type Deps = { readonly store: Store; readonly clock: Clock; readonly ids: Ids };

/**
 * Wakes a run that waits for the world as soon as something changes that it looked at, instead of at its next look. Only a hint: it lives in memory, and
 * what it misses the run's own due time finds.
 */
export type Interest = {
  /** The same cluster, but what is read through it is remembered for the run. */
  readonly noting: (cluster: Cluster, run: string) => Cluster;
  /** The run waits now: what it read since the last time is watched. */
  readonly wait: (run: { readonly id: string; readonly cluster: string }) => void;
  /** The run does not wait any more. */
  readonly forget: (run: string) => void;
  readonly close: () => void;
};

/**
 * Between two wakes of a run passes a tenth of the time for which it was woken: work is seen through a tenth late at most, however short, and what changes
 * all the time keeps nobody busy.
 */
const PART = 0.1;
const SHORTEST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5000;

const IN_VAIN: ReadonlySet<string> = new Set(['kube.not-found', 'kube.unknown-kind', 'kube.forbidden']);

type Waiter = { readonly home: string; readonly looked: readonly Looked[] };
type Watch = { readonly query: ListObjects & { readonly cluster: string }; readonly stop: AbortController };

export function watchingInterest({ store, clock, ids }: Deps): Interest {
  const noted = new Map<string, { readonly clusters: Map<string, Cluster>; readonly looked: Map<string, Looked> }>();
  const waiters = new Map<string, Waiter>();
  const watches = new Map<string, Watch>();
  const woken = new Map<string, { readonly atMs: number; readonly sinceMs: number }>();
  const closing = new AbortController();

  const wake = (id: string, home: string): void => {
    const nowMs = clock.monotonicMs();
    const last = woken.get(id);
    const pauseMs = last === undefined ? 0 : Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, (nowMs - last.sinceMs) * PART));
    const waitMs = last === undefined ? 0 : Math.max(0, last.atMs + pauseMs - nowMs);
    woken.set(id, { atMs: nowMs + waitMs, sinceMs: last?.sinceMs ?? nowMs });
    waiters.delete(id);
    clock.after(waitMs, () => {
      if (closing.signal.aborted) return;
      const key = ids.next();
      const mail = { do: 'mail', to: id, key: `world/${key}`, value: { kind: 'look', why: 'something that it looked at changed' } } as const;
      // A hint that is lost costs nothing: the run looks again when it is due.
      store.commit({ partition: home, opId: key, guards: [{ is: 'absent', id: `world/${key}` }], changes: [mail] }).catch(() => undefined);
    });
  };

  const changed = (key: string, name: string): void => {
    for (const [id, { home, looked }] of waiters) {
      if (looked.some((one) => keyOf(one) === key && (one.name === undefined || one.name === name))) wake(id, home);
    }
  };

  const open = (cluster: Cluster, query: Looked): void => {
    const key = keyOf(query);
    if (watches.has(key)) return;
    const stop = new AbortController();
    const { apiVersion, kind, namespace } = query;
    watches.set(key, { query: { apiVersion, kind, cluster: query.cluster, ...(namespace === undefined ? {} : { namespace }) }, stop });
    let synced = false;
    cluster.watch(
      { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }) },
      {
        // The first list is what the run has just seen; a later one stands for changes that were missed.
        synced: (objects) => {
          if (synced) for (const object of objects) changed(key, object.metadata.name);
          synced = true;
        },
        changed: ({ object }) => synced && changed(key, object.metadata.name),
      },
      AbortSignal.any([stop.signal, closing.signal]),
    );
  };

  const sweep = (): void => {
    const wanted = new Set([...waiters.values()].flatMap(({ looked }) => looked.map(keyOf)));
    for (const [key, { stop }] of watches) {
      if (wanted.has(key)) continue;
      stop.abort();
      watches.delete(key);
    }
  };

  return {
    noting(cluster, run) {
      const note = noted.get(run) ?? { clusters: new Map<string, Cluster>(), looked: new Map<string, Looked>() };
      noted.set(run, note);
      note.clusters.set(cluster.name, cluster);
      return { ...cluster, access: notingAccess(cluster, (looked) => note.looked.set(`${keyOf(looked)} ${looked.name ?? ''}`, looked)) };
    },
    wait({ id, cluster: home }) {
      const note = noted.get(id);
      noted.delete(id);
      const looked = [...(note?.looked.values() ?? [])].filter(({ kind }) => !UNWATCHED.has(kind));
      if (looked.length === 0 || note === undefined) return;
      waiters.set(id, { home, looked });
      for (const one of looked) {
        const cluster = note.clusters.get(one.cluster);
        if (cluster !== undefined) open(cluster, one);
      }
    },
    forget(run) {
      noted.delete(run);
      // One that was woken waits no more, and yet what it looked at is still watched.
      const wasWoken = woken.delete(run);
      if (waiters.delete(run) || wasWoken) sweep();
    },
    close: () => closing.abort(),
  };
}

function keyOf({ cluster, apiVersion, kind, namespace }: ListObjects & { readonly cluster: string }): string {
  return `${cluster} ${apiVersion} ${kind} ${namespace ?? ''}`;
}

/** The access of a cluster with a note of every get, find and list. */
function notingAccess({ name: cluster, access }: Cluster, note: (looked: Looked) => void): Writer {
  return {
    ...access,
    get: (ref) => {
      note({ cluster, ...ref });
      return access.get(ref);
    },
    find: (ref) => {
      note({ cluster, ...ref });
      return access.find(ref);
    },
    async list(query) {
      const { apiVersion, kind, namespace } = query;
      const looked = { cluster, apiVersion, kind, ...(namespace === undefined ? {} : { namespace }) };
      try {
        const found = await access.list(query);
        note(looked);
        return found;
      } catch (error) {
        // A kind that is not served, or not ours to see, can be watched for ever in vain.
        if (!IN_VAIN.has(errorCode(error))) note(looked);
        throw error;
      }
    },
  };
}
