import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { watchObjects } from '../../../src/kube/watch.ts';
import { silentLog } from '../../../src/port/log.ts';
import { virtualClock } from '../../../src/world/clock.ts';
import { seededIds } from '../../../src/world/ids.ts';
import { apiModel } from './api-model.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const PODS = 5000;

/** Another schedule: SALVOR_SEED=anything. */
const seeds = process.env['SALVOR_SEED'] === undefined ? ['one', 'two', 'three'] : [process.env['SALVOR_SEED']];

type Model = ReturnType<typeof apiModel>;

/** One watch of a model, and what its listener believes to be there. */
function watching(model: Model, clock: ReturnType<typeof virtualClock>, kind = 'Pod') {
  const stop = new AbortController();
  const view = new Map<string, string>();
  const done = watchObjects({
    cluster: 'prod',
    query: { apiVersion: 'v1', kind },
    source: model.source,
    clock,
    log: silentLog,
    signal: stop.signal,
    on: {
      synced(objects) {
        view.clear();
        for (const { metadata } of objects) view.set(metadata.name, metadata.resourceVersion ?? '');
      },
      changed({ change, object: { metadata } }) {
        if (change === 'deleted') view.delete(metadata.name);
        else view.set(metadata.name, metadata.resourceVersion ?? '');
      },
    },
  });
  return { view, end: () => (stop.abort(), done) };
}

/** What differs between a view and the server, at most a few: thousands of equal pods are no message for people. */
function differences(view: ReadonlyMap<string, string>, { pods }: Model): readonly string[] {
  const wrong: string[] = [];
  for (const [name, { metadata }] of pods)
    if (view.get(name) !== metadata.resourceVersion) wrong.push(`${name} is ${metadata.resourceVersion}, seen ${view.get(name)}`);
  for (const name of view.keys()) if (!pods.has(name)) wrong.push(`${name} is gone`);
  return wrong.slice(0, 5);
}

/** What goes wrong on a day, each with how long it lasts; the pods change all the while. */
const DISTURBANCES: {
  readonly [name: string]: (model: Model, clock: ReturnType<typeof virtualClock>) => { readonly lastsMs: number; readonly over?: () => void };
} = {
  'every connection is reset': (model) => (model.breakStreams('reset'), { lastsMs: 0 }),
  'every connection ends in the middle of a line': (model) => (model.breakStreams('end'), { lastsMs: 0 }),
  'every connection goes silent without being closed': (model) => (model.breakStreams('half-open'), { lastsMs: 0 }),
  'history is compacted': (model) => (model.compact(), model.breakStreams('reset'), { lastsMs: 0 }),
  'history is compacted, but for the last changes': (model) => (model.compact(3), model.breakStreams('reset'), { lastsMs: 0 }),
  'history is compacted behind a silent connection': (model) => (model.breakStreams('half-open'), { lastsMs: MINUTE_MS, over: () => model.compact() }),
  'bookmarks are lost': (model) => {
    model.trouble.hasBookmarks = false;
    return { lastsMs: 20 * MINUTE_MS, over: () => (model.trouble.hasBookmarks = true) };
  },
  'lists are slow': (model) => {
    model.trouble.listTakesMs = 25 * SECOND_MS;
    model.compact();
    model.breakStreams('reset');
    return { lastsMs: 5 * MINUTE_MS, over: () => (model.trouble.listTakesMs = 0) };
  },
  'the server is restarted': (model) => {
    model.trouble.isDown = true;
    model.breakStreams('reset');
    return { lastsMs: 90 * SECOND_MS, over: () => (model.trouble.isDown = false) };
  },
  'the server is away for a while, and its history is gone': (model) => {
    model.trouble.isDown = true;
    model.breakStreams('half-open');
    return { lastsMs: 20 * MINUTE_MS, over: () => ((model.trouble.isDown = false), model.compact()) };
  },
  'the server asks for less': (model) => {
    model.trouble.busyForMs = 10 * SECOND_MS;
    model.breakStreams('reset');
    return { lastsMs: 5 * MINUTE_MS, over: () => (model.trouble.busyForMs = 0) };
  },
  'every change comes twice': (model) => {
    model.trouble.repeats = true;
    return { lastsMs: 10 * MINUTE_MS, over: () => (model.trouble.repeats = false) };
  },
  'a balancer ends every connection at once': (model) => {
    model.trouble.isHasty = true;
    model.breakStreams('reset');
    return { lastsMs: 10 * MINUTE_MS, over: () => (model.trouble.isHasty = false) };
  },
  'our own clock is set': (_, clock) => (clock.jump(-2 * HOUR_MS), { lastsMs: MINUTE_MS, over: () => clock.jump(3 * HOUR_MS) }),
};

/** By then every watch has noticed a silence, paused its longest, and been answered. */
const SETTLED_MS = 150 * SECOND_MS + 60 * SECOND_MS + 30 * SECOND_MS;

describe.each(seeds)('a day of 5,000 pods and everything that goes wrong, seed "%s"', (seed) => {
  test('a watch sees what the server has, after each disturbance and at the end, and asks no more than it must', async () => {
    const draw = seededIds(`watch-day/${seed}`);
    const clock = virtualClock({ settle: settled });
    const model = apiModel(clock, { pods: PODS, podsIn: 40 });
    const watch = watching(model, clock);
    const any = <T>(all: readonly T[]): T => all[Math.floor(draw.random() * all.length)] as T;
    const change = (): void => {
      const name = `pod-${Math.floor(draw.random() * PODS)}`;
      if (draw.random() < 0.3) model.remove(name);
      else model.put(name);
    };
    /** Time passes, and pods change: a few a minute, now and then a whole deployment. */
    const live = async (lastsMs: number): Promise<void> => {
      for (const untilMs = clock.monotonicMs() + lastsMs; clock.monotonicMs() < untilMs; ) {
        await clock.pass(Math.min(30 * SECOND_MS, untilMs - clock.monotonicMs()));
        for (let n = draw.random() < 0.02 ? 300 : Math.floor(draw.random() * 4); n > 0; n -= 1) change();
      }
    };

    const met = new Set<string>();
    const heap: { readonly hour: number; readonly bytes: number }[] = [];
    for (let hour = 2; clock.monotonicMs() < 24 * HOUR_MS; ) {
      await live(draw.random() * 20 * MINUTE_MS);
      const name = any(Object.keys(DISTURBANCES));
      met.add(name);
      const { lastsMs, over } = DISTURBANCES[name]?.(model, clock) ?? { lastsMs: 0 };
      await live(lastsMs);
      over?.();
      await live(SETTLED_MS);
      await clock.pass(0);
      expect(differences(watch.view, model), `seed ${seed}, ${Math.round(clock.monotonicMs() / MINUTE_MS)} min, after: ${name}`).toEqual([]);
      // What a real server keeps is five minutes of history; what this one keeps must not grow either.
      model.compact(200);
      if (clock.monotonicMs() < hour * HOUR_MS) continue;
      heap.push({ hour, bytes: heapAfterCollection() });
      hour += hour === 2 ? 22 : 1000;
    }
    expect(met.size).toBeGreaterThan(10);
    expect(model.openStreams()).toBe(1);

    // No list storm: a list for what cannot be had otherwise, and never many requests in a minute, whatever the server does.
    const lists = model.requests.filter(({ what }) => what === 'list').length;
    expect(lists).toBeLessThan(24 * 12);
    expect(most(model.requests, MINUTE_MS)).toBeLessThanOrEqual(20);
    await watch.end();

    heap.push({ hour: 24, bytes: heapAfterCollection() });
    const [early, late] = [heap[0]?.bytes ?? 0, heap.at(-1)?.bytes ?? 0];
    expect(late - early, JSON.stringify(heap)).toBeLessThan(4 * 1024 * 1024);
  }, 120_000);
});

test('forty watches that lose their server come back one by one, and not all in the same second', async () => {
  const clock = virtualClock({ settle: settled });
  const model = apiModel(clock, { pods: 10 });
  const watches = Array.from({ length: 40 }, (_, at) => watching(model, clock, `Kind${at}`));
  await clock.pass(MINUTE_MS);
  model.trouble.isDown = true;
  model.breakStreams('reset');
  const fromMs = clock.monotonicMs();
  await clock.pass(10 * MINUTE_MS);
  const asked = model.requests.filter(({ atMs }) => atMs > fromMs + 5 * MINUTE_MS);
  // Half a minute between two tries of each, spread over the seconds.
  expect(asked.length).toBeLessThan(40 * 5 * 3);
  expect(most(asked, SECOND_MS)).toBeLessThan(15);
  model.trouble.isDown = false;
  await clock.pass(MINUTE_MS);
  for (const { view } of watches) expect(differences(view, model)).toEqual([]);
  expect(model.openStreams()).toBe(40);
  for (const { end } of watches) await end();
});

/** The most requests in any span of this length. */
function most(requests: Model['requests'], spanMs: number): number {
  let [first, highest] = [0, 0];
  for (const [at, { atMs }] of requests.entries()) {
    while ((requests[first]?.atMs ?? atMs) <= atMs - spanMs) first += 1;
    highest = Math.max(highest, at - first + 1);
  }
  return highest;
}

/** Twice, since the first collection frees what finalizers held. */
function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('nothing collects');
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}
