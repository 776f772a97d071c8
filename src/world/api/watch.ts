import type { Json } from '../../model/json.ts';
import { copyOf, type WorldObject } from '../object.ts';
import type { Change } from '../objects.ts';
import type { ApiRequest } from '../request.ts';
import { refusal } from '../rights.ts';
import { type Answer, expired, failure, invalidOptions } from '../status.ts';
import type { Server } from './context.ts';
import { malformed, selection } from './read.ts';

/** What a watch says; `ERROR` is its last word. */
export type WatchEvent = { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'; readonly object: Json };

/** Where a watch talks to. */
export type Listener = { readonly event: (event: WatchEvent) => void; readonly end: () => void };

export type Watching = { readonly kind: 'watching'; readonly stop: () => void } | { readonly kind: 'refused'; readonly answer: Answer };

const BOOKMARK_EVERY_MS = 60_000;

/** Opens a watch: what is there first where asked for, then every change that the selectors show, until it is stopped or timed out. */
export function openWatch(server: Server, request: ApiRequest, listener: Listener): Watching {
  const { objects, clock } = server;
  const { kind, namespace, options } = request;
  const refused = refusal(server.rules(), request);
  if (refused) return { kind: 'refused', answer: refused };
  const selected = selection(request);
  if (selected.kind === 'refused') return selected;
  const from = options.resourceVersion ?? '';
  if (!/^\d*$/.test(from)) {
    return { kind: 'refused', answer: failure({ code: 500, message: malformed(from) }) };
  }
  if (options.sendInitialEvents === true && options.resourceVersionMatch !== 'NotOlderThan') {
    const message = 'Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan';
    return { kind: 'refused', answer: invalidOptions('ListOptions', { reason: 'FieldValueForbidden', message, field: 'resourceVersionMatch' }) };
  }

  const shows = (object: WorldObject): boolean => (namespace === undefined || object.metadata.namespace === namespace) && selected.selects(object);
  const tell = (change: Change): void => {
    if (change.kind !== kind) return;
    const event = eventOf(change, shows, server.view);
    if (event) listener.event(event);
  };
  const bookmark = (annotations?: Json): void => {
    const metadata: Json = { resourceVersion: String(objects.version()), ...(annotations === undefined ? {} : { annotations }) };
    listener.event({ type: 'BOOKMARK', object: { kind: kind.kind, apiVersion: kind.apiVersion, metadata } });
  };

  const initial = from === '' || from === '0' || options.sendInitialEvents === true;
  if (!initial && Number(from) < objects.forgottenUntil()) {
    const { body } = expired(`too old resource version: ${from} (${objects.forgottenUntil()})`);
    listener.event({ type: 'ERROR', object: body });
    listener.end();
    return { kind: 'watching', stop: () => {} };
  }
  if (initial && options.sendInitialEvents !== false) {
    for (const object of objects.all(kind).filter(shows)) listener.event({ type: 'ADDED', object: copyOf<Json>(server.view(object)) });
    if (options.sendInitialEvents === true) bookmark({ 'k8s.io/initial-events-end': 'true' });
  } else for (const change of objects.since(Number(from))) tell(change);

  const cancels = [objects.onChange(tell)];
  const stop = (): void => {
    for (const cancel of cancels.splice(0)) cancel();
  };
  if (options.timeoutSeconds !== undefined) {
    cancels.push(
      clock.after(options.timeoutSeconds * 1000, () => {
        stop();
        listener.end();
      }),
    );
  }
  const remind = (): void => {
    cancels[2] = clock.after(BOOKMARK_EVERY_MS, () => {
      bookmark();
      remind();
    });
  };
  if (options.allowWatchBookmarks === true) {
    cancels[1] ??= () => {};
    remind();
  }
  return { kind: 'watching', stop };
}

/** A change through a selector: what begins to match is ADDED, what no longer does is DELETED. */
function eventOf({ type, object, before }: Change, shows: (object: WorldObject) => boolean, view: Server['view']): WatchEvent | undefined {
  const did = before !== undefined && shows(before);
  const does = type !== 'DELETED' && shows(object);
  if (does) return { type: did ? 'MODIFIED' : 'ADDED', object: copyOf<Json>(view(object)) };
  if (!did) return undefined;
  const metadata = { ...before.metadata, resourceVersion: object.metadata.resourceVersion };
  return { type: 'DELETED', object: copyOf<Json>({ ...before, metadata }) };
}
