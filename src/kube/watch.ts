import { z } from 'zod';
import { sha256 } from '../model/digest.ts';
import { errorCode, errorText, SalvorError } from '../model/error.ts';
import { parseJson } from '../model/json.ts';
import { KubeObject } from '../model/object.ts';
import { type Clock, sleep } from '../port/clock.ts';
import type { Cluster, ListObjects, Watched } from '../port/kube.ts';
import type { Log } from '../port/log.ts';
import { watchFault } from './error.ts';
import type { Listed } from './list.ts';

/** Where the loop gets its objects and lines from. */
export type WatchSource = {
  list(signal: AbortSignal): Promise<Listed>;
  lines(from: { readonly resourceVersion: string; readonly timeoutSeconds: number }, signal: AbortSignal): AsyncIterable<string>;
};

export type WatchOptions = {
  readonly cluster: string;
  readonly query: ListObjects;
  readonly source: WatchSource;
  readonly on: Parameters<Cluster['watch']>[1];
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
};

const Line = z.looseObject({ type: z.string(), object: z.unknown() });
const Versioned = z.looseObject({ metadata: z.looseObject({ resourceVersion: z.string() }) });

const CHANGES: ReadonlyMap<string, Watched['change']> = new Map([
  ['ADDED', 'added'],
  ['MODIFIED', 'modified'],
  ['DELETED', 'deleted'],
]);

/** A server that is well sends a bookmark about every minute; after this long without a line the connection is taken for dead. */
const SILENCE_MS = 150_000;
/** Each request asks the server to end it after about five minutes, spread so that watches do not all come back together. */
const SHORTEST_SECONDS = 270;
const SPREAD_SECONDS = 60;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** A server that asks for more patience than this is looked at all the same. */
const LONGEST_ASKED_MS = 60_000;
/**
 * A stream that ends this soon without a line is a refusal. One line is no proof that a server is well: a balancer may end each stream behind its first one,
 * so a few in a row that end so soon are refusals, too, and pauses grow until one lasts.
 */
const HASTY_MS = 5_000;
const HASTY_ALLOWED = 2;

/**
 * Lists, then watches from that version on, until the signal aborts. A version that is too old lists again, and so does one that the server never said
 * a word about; anything else goes on from the last version seen, so no change is lost or told twice. What a callback throws is logged and changes
 * nothing here.
 */
export async function watchObjects({ cluster, query, source, on, clock, log, signal }: WatchOptions): Promise<void> {
  const facts = { cluster, kind: query.kind };
  let resourceVersion: string | undefined;
  let failures = 0;
  let requests = 0;
  let hasty = 0;

  const tell = (call: (() => unknown) | undefined): void => {
    const failed = (error: unknown): void => log.error('kube.watch-callback-failed', { ...facts, error: errorText(error) });
    try {
      // An async callback is legal where a void one is asked for: its rejection is caught here as well.
      Promise.resolve(call?.()).catch(failed);
    } catch (error) {
      failed(error);
    }
  };

  const take = (line: string): void => {
    const parsed = Line.safeParse(parseJson(line));
    if (!parsed.success) throw new SalvorError('kube.unavailable', `${cluster}: a line of the watch is not JSON`, { retry: 'later' });
    const { type, object } = parsed.data;
    if (type === 'ERROR') throw watchFault(cluster, object);
    const change = CHANGES.get(type);
    const version = Versioned.safeParse(object).data?.metadata.resourceVersion;
    if (change !== undefined) {
      const changed = KubeObject.safeParse(object);
      if (changed.success) tell(() => on.changed({ change, object: changed.data }));
      else log.warn('kube.watch-object-unreadable', facts);
    }
    resourceVersion = version ?? resourceVersion;
  };

  /** One request from its start to its end. `idle`: it ended at once, and said nothing, or has done so before. */
  const follow = async (from: string): Promise<'over' | 'idle'> => {
    const silence = new AbortController();
    const startedMs = clock.monotonicMs();
    let cancel = clock.after(SILENCE_MS, () => silence.abort());
    let lines = 0;
    try {
      requests += 1;
      const timeoutSeconds = SHORTEST_SECONDS + Math.floor(SPREAD_SECONDS * spread(`${cluster}/${query.kind}/${requests}`));
      for await (const line of source.lines({ resourceVersion: from, timeoutSeconds }, AbortSignal.any([signal, silence.signal]))) {
        // Several lines come in one piece, and a callback may have been the one that aborted.
        if (signal.aborted) break;
        cancel();
        cancel = clock.after(SILENCE_MS, () => silence.abort());
        lines += 1;
        take(line);
      }
    } catch (error) {
      if (!silence.signal.aborted) throw error;
      // A store that was put back to an earlier state does not know our version yet: its server takes the watch, and says nothing until it does.
      if (lines === 0) resourceVersion = undefined;
      log.debug('kube.watch-silent', { ...facts, silenceMs: SILENCE_MS });
      return 'over';
    } finally {
      cancel();
      if (clock.monotonicMs() - startedMs >= HASTY_MS) failures = hasty = 0;
      else hasty += 1;
    }
    return hasty > (lines === 0 ? 0 : HASTY_ALLOWED) ? 'idle' : 'over';
  };

  const round = async (): Promise<void> => {
    if (resourceVersion === undefined) {
      const listed = await source.list(signal);
      if (signal.aborted) return;
      resourceVersion = listed.resourceVersion;
      tell(() => on.synced?.(listed.objects));
    }
    if ((await follow(resourceVersion)) === 'idle') throw new SalvorError('kube.unavailable', `${cluster}: the watch ended at once`, { retry: 'later' });
  };

  while (!signal.aborted) {
    try {
      await round();
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      const expired = errorCode(error) === 'kube.expired';
      if (expired) resourceVersion = undefined;
      const askedMs = error instanceof SalvorError ? Math.min(error.retryAfterMs ?? 0, LONGEST_ASKED_MS) : 0;
      const delayMs = expired && failures === 1 ? 0 : Math.max(pauseMs(failures, `${cluster}/${query.kind}`), askedMs);
      // The first of a row is worth a line for people; a kind that is not installed would fill the log for ever.
      log[failures === 1 ? 'warn' : 'debug']('kube.watch-interrupted', { ...facts, code: errorCode(error), failures, delayMs });
      if (delayMs > 0) await sleep(clock, delayMs, signal);
    }
  }
}

/** 1 s, doubled up to 30 s, each cut by up to a quarter: the same for one watch, different between watches. */
export function pauseMs(failures: number, of: string): number {
  const wholeMs = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10), LONGEST_PAUSE_MS);
  return Math.round(wholeMs * (1 - spread(`${of}/${failures}`) / 4));
}

/** A number in [0, 1) that belongs to a text. */
function spread(text: string): number {
  return Number.parseInt(sha256(text).slice(0, 8), 16) / 2 ** 32;
}
