import { describe, expect, test } from 'vitest';
import type { Watched } from '../../../src/port/kube.ts';
import type { WatchEvent } from '../../../src/world/api/watch.ts';
import { theKind } from '../../../src/world/kinds.ts';
import { textAt } from '../../../src/world/object.ts';
import type { RequestOptions } from '../../../src/world/request.ts';
import { observed, setting } from './setting.ts';

async function withWatch(options: RequestOptions = {}) {
  const set = setting({ namespaces: ['app'] });
  const heard: string[] = [];
  const events: WatchEvent[] = [];
  let ended = false;
  const open = async (more: RequestOptions = options) =>
    set.sim.api.watch(
      { verb: 'watch', kind: theKind('v1', 'ConfigMap'), namespace: 'app', options: more, userAgent: 'test/1' },
      {
        event(event) {
          events.push(event);
          heard.push(`${event.type} ${textAt(event.object, 'metadata', 'name') || textAt(event.object, 'reason')}`);
        },
        end: () => (ended = true),
      },
    );
  const make = (name: string, labels = {}): Promise<unknown> =>
    set.ask('create', 'ConfigMap', { namespace: 'app', body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels } } });
  const label = (name: string, labels: { readonly [name: string]: string | null }): Promise<unknown> =>
    set.ask('patch', 'ConfigMap', { namespace: 'app', name, patch: 'merge', body: { metadata: { labels } } });
  return { ...set, heard, events, open, make, label, isEnded: () => ended };
}

describe('a watch', () => {
  test('without a version begins with what is there, then tells every change in order', async () => {
    const { heard, open, make, label, ask } = await withWatch();
    await make('a');
    await open();
    await make('b');
    await label('a', { x: 'y' });
    await ask('delete', 'ConfigMap', { namespace: 'app', name: 'b' });
    await ask('create', 'ConfigMap', { namespace: 'default', body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'elsewhere' } } });
    expect(heard).toEqual(['ADDED a', 'ADDED b', 'MODIFIED a', 'DELETED b']);
  });

  test('from a version tells what came after it', async () => {
    const { heard, open, make, sim } = await withWatch();
    await make('a');
    const then = String(sim.objects.version());
    await make('b');
    await open({ resourceVersion: then });
    await make('c');
    expect(heard).toEqual(['ADDED b', 'ADDED c']);
  });

  test('shows what begins to match as added and what no longer does as deleted', async () => {
    const { heard, open, make, label } = await withWatch({ labelSelector: 'app=web' });
    await open();
    await make('a');
    await label('a', { app: 'web' });
    await label('a', { app: 'web', more: 'x' });
    await label('a', { app: null });
    expect(heard).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a']);
  });

  test('from a forgotten version says 410 in one event, as the real one does, and ends', async () => {
    const { events, open, make, sim, isEnded } = await withWatch();
    const old = sim.objects.version() - 1;
    sim.objects.forget();
    await make('a');
    await open({ resourceVersion: String(old) });
    const [told] = events;
    expect(isEnded()).toBe(true);
    expect(told).toEqual({
      type: 'ERROR',
      object: {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: `too old resource version: ${old} (${old + 1})`,
        reason: 'Expired',
        code: 410,
      },
    });
    expect(observed('expired-after-restart', 'watch from').body).toMatchObject({
      type: 'ERROR',
      object: { reason: 'Expired', code: 410, message: expect.stringMatching(/^too old resource version: \d+ \(\d+\)$/) },
    });
  });

  test('of a malformed version is refused with 500', async () => {
    const { open } = await withWatch();
    expect(await open({ resourceVersion: 'abc' })).toMatchObject({
      kind: 'refused',
      answer: { code: 500, body: { message: 'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax' } },
    });
  });

  test('ends after its time, and says every minute where it stands', async () => {
    const { heard, events, open, clock, isEnded } = await withWatch({ resourceVersion: '0', allowWatchBookmarks: true, timeoutSeconds: 130 });
    await open();
    await clock.pass(125_000);
    expect([heard, isEnded()]).toEqual([['BOOKMARK ', 'BOOKMARK '], false]);
    expect(events[0]?.object).toEqual({ kind: 'ConfigMap', apiVersion: 'v1', metadata: { resourceVersion: expect.stringMatching(/^\d+$/) } });
    await clock.pass(5000);
    expect(isEnded()).toBe(true);
    await clock.pass(200_000);
    expect(heard).toHaveLength(2);
  });

  test('with initial events marks their end', async () => {
    const { events, open, make } = await withWatch({ sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan', allowWatchBookmarks: true });
    await make('a');
    await open();
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'BOOKMARK']);
    expect(events[1]?.object).toMatchObject({ metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } });
    expect(await open({ sendInitialEvents: true })).toMatchObject({ kind: 'refused', answer: { code: 422 } });
  });
});

describe('the watch of the cluster port', () => {
  async function follow() {
    const set = await withWatch();
    const stop = new AbortController();
    const told: string[] = [];
    const changed = ({ change, object }: Watched): void => void told.push(`${change} ${object.metadata.name}`);
    const synced = (objects: readonly { readonly metadata: { readonly name: string } }[]): void =>
      void told.push(`synced ${objects.map(({ metadata }) => metadata.name).join(' ')}`);
    set.port.watch({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'app' }, { synced, changed }, stop.signal);
    await set.clock.pass(1);
    return { ...set, told, stop };
  }

  test('lists, then tells changes, and stops when it is told to', async () => {
    const { told, make, clock, stop } = await follow();
    await make('a');
    await clock.pass(1);
    stop.abort();
    await make('b');
    await clock.pass(1000);
    expect(told).toEqual(['synced ', 'added a']);
  });

  test('loses nothing and tells nothing twice when its connection drops', async () => {
    const { told, make, clock, sim } = await follow();
    await make('a');
    await clock.pass(1);
    sim.faults.add({ give: 'drop', verb: 'watch' });
    await make('b');
    await clock.pass(2000);
    await make('c');
    await clock.pass(1);
    expect(told).toEqual(['synced ', 'added a', 'added b', 'added c']);
  });

  test('lists again when its version is too old', async () => {
    const { told, make, clock, sim } = await follow();
    await make('a');
    await clock.pass(1);
    sim.faults.add({ give: 'drop' });
    sim.faults.add({ give: 'expired', verb: 'watch', times: 1 });
    await make('b');
    await clock.pass(2000);
    expect(told).toEqual(['synced ', 'added a', 'synced a b']);
  });

  test('goes on while the server refuses and breaks, and when a callback throws', async () => {
    const { clock, sim, port, make } = await withWatch();
    const told: string[] = [];
    sim.faults.add({ give: 'unavailable', verb: 'list', times: 2 });
    sim.faults.add({ give: 'reset', verb: 'watch', times: 1 });
    port.watch(
      { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'app' },
      {
        changed({ object }) {
          told.push(object.metadata.name);
          throw new Error('a mistake of the caller');
        },
      },
      new AbortController().signal,
    );
    await clock.pass(10_000);
    await make('a');
    await make('b');
    await clock.pass(1000);
    expect(told).toEqual(['a', 'b']);
  });
});
