import type { Listed } from '../../../src/kube/list.ts';
import type { WatchSource } from '../../../src/kube/watch.ts';
import { SalvorError } from '../../../src/model/error.ts';
import type { KubeObject } from '../../../src/model/object.ts';
import { type Clock, sleep } from '../../../src/port/clock.ts';

/** Kept until compacted, as etcd keeps its history. */
type Told = { readonly version: number; readonly line: string };
type Stream = { readonly queue: string[]; wake: () => void; over: 'no' | 'end' | 'reset' | 'half-open'; readonly endsMs: number };

const away = (): SalvorError => new SalvorError('kube.unavailable', 'prod: the connection was reset', { retry: 'later' });
const bookmarkOf = (version: number): string =>
  JSON.stringify({ type: 'BOOKMARK', object: { kind: 'Pod', apiVersion: 'v1', metadata: { resourceVersion: String(version) } } });
const BOOKMARK_MS = 60_000;

/**
 * As much of an API server as a watch meets: pods with versions, a history that is compacted, streams that end in their time, bookmarks every minute, and
 * switches for what goes wrong. In the process, on the test's clock.
 */
export function apiModel(clock: Clock, { pods: count, podsIn = 1 }: { readonly pods: number; readonly podsIn?: number }) {
  const pods = new Map<string, KubeObject>();
  const streams = new Set<Stream>();
  let history: Told[] = [];
  let version = 1000;
  let compacted = 0;
  const requests: { readonly atMs: number; readonly what: 'list' | 'watch' }[] = [];
  /** What is wrong now. `isHasty`: every stream says what it knows, and a bookmark, and ends. */
  const trouble = { isDown: false, hasBookmarks: true, listTakesMs: 0, isHasty: false, repeats: false, busyForMs: 0 };

  const tell = (line: string): void => {
    for (const stream of streams) {
      if (stream.over !== 'no') continue;
      stream.queue.push(line);
      if (trouble.repeats) stream.queue.push(line);
      stream.wake();
    }
  };
  const note = (type: string, pod: KubeObject): void => {
    const line = JSON.stringify({ type, object: pod });
    history.push({ version, line });
    tell(line);
  };
  const put = (name: string): void => {
    version += 1;
    const known = pods.has(name);
    const labels = { app: 'api', change: String(version) };
    const pod: KubeObject = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: `shop-${version % podsIn}`, uid: `uid-${name}`, resourceVersion: String(version), labels },
    };
    pods.set(name, pod);
    note(known ? 'MODIFIED' : 'ADDED', pod);
  };
  for (let at = 0; at < count; at += 1) put(`pod-${at}`);
  history = [];
  compacted = version;

  const everyStream = (over: Stream['over']): void => {
    for (const stream of streams) {
      stream.over = over;
      stream.wake();
    }
  };

  const refuse = (): void => {
    if (trouble.isDown) throw away();
    if (trouble.busyForMs > 0) throw new SalvorError('kube.too-many-requests', 'prod: too many requests', { retry: 'later', retryAfterMs: trouble.busyForMs });
  };

  const source: WatchSource = {
    async list(signal): Promise<Listed> {
      requests.push({ atMs: clock.monotonicMs(), what: 'list' });
      refuse();
      const listed = { objects: [...pods.values()], resourceVersion: String(version) };
      if (trouble.listTakesMs > 0) await sleep(clock, trouble.listTakesMs, signal);
      refuse();
      return listed;
    },
    async *lines({ resourceVersion, timeoutSeconds }, signal) {
      requests.push({ atMs: clock.monotonicMs(), what: 'watch' });
      refuse();
      const from = Number(resourceVersion);
      if (from < compacted) {
        yield JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: `too old resource version: ${from}` } });
        return;
      }
      const missed = history.filter((told) => told.version > from).map(({ line }) => line);
      const stream: Stream = { queue: missed, wake: () => {}, over: 'no', endsMs: clock.monotonicMs() + timeoutSeconds * 1000 };
      streams.add(stream);
      const woken = (): void => stream.wake();
      signal.addEventListener('abort', woken, { once: true });
      try {
        for (;;) {
          if (signal.aborted) throw away();
          const next = stream.over === 'half-open' ? undefined : stream.queue.shift();
          if (next !== undefined) {
            yield next;
            continue;
          }
          // The connection breaks in the middle of a line: what was cut off is handed on where the server ended it in order.
          if (stream.over === 'reset') throw away();
          if (stream.over === 'end') {
            yield '{"type":"MODIFIED","object":{"metadata":{"name":"po';
            return;
          }
          if (trouble.isHasty) {
            yield bookmarkOf(version);
            return;
          }
          if (stream.over === 'no' && clock.monotonicMs() >= stream.endsMs) return;
          await new Promise<void>((resolve) => {
            stream.wake = resolve;
            if (stream.over === 'half-open') return;
            const cancel = clock.after(Math.max(1, stream.endsMs - clock.monotonicMs()), resolve);
            stream.wake = () => {
              cancel();
              resolve();
            };
          });
        }
      } finally {
        streams.delete(stream);
        signal.removeEventListener('abort', woken);
      }
    },
  };

  const bookmark = (): void => {
    if (trouble.hasBookmarks && !trouble.isDown) tell(bookmarkOf(version));
    clock.after(BOOKMARK_MS, bookmark);
  };
  clock.after(BOOKMARK_MS, bookmark);

  return {
    source,
    pods,
    trouble,
    requests,
    put,
    remove(name: string): void {
      const pod = pods.get(name);
      if (pod === undefined) return;
      version += 1;
      pods.delete(name);
      note('DELETED', { ...pod, metadata: { ...pod.metadata, resourceVersion: String(version) } });
    },
    /** History up to now is gone, but for the last changes. */
    compact(keep = 0): void {
      history = keep === 0 ? [] : history.slice(-keep);
      compacted = (history[0]?.version ?? version + 1) - 1;
    },
    /** Every stream: broken off, ended in the middle of a line, or silent for ever without being closed. */
    breakStreams: everyStream,
    openStreams: (): number => streams.size,
  };
}
