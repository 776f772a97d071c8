import { sha256 } from '../../model/digest.ts';
import type { Clock } from '../../port/clock.ts';
import { numberAt, timestamp, type WorldObject } from '../object.ts';
import type { Objects } from '../objects.ts';
import { agenda } from './agenda.ts';
import { EVENT } from './kinds.ts';

export type Told = { readonly type?: 'Normal' | 'Warning'; readonly reason: string; readonly message: string; readonly component: string };

/** Writes Events about objects, as controllers do: the same one again is counted, and after an hour without it goes. */
export type Tell = (about: WorldObject, told: Told) => void;

const KEPT_MS = 3_600_000;

export function eventWriter({ objects, clock }: { readonly objects: Objects; readonly clock: Clock }): Tell {
  const names = new Map<string, string>();
  const ends = agenda(clock);
  return (about, { type = 'Normal', reason, message, component }) => {
    const { name, uid, namespace = 'default', resourceVersion } = about.metadata;
    const key = `${uid} ${reason} ${message}`;
    const now = timestamp(clock.nowMs());
    const known = names.get(key);
    const before = known === undefined ? undefined : objects.find(EVENT, namespace, known);
    const eventName = before?.metadata.name ?? `${name}.${sha256(`${key} ${now}`).slice(0, 16)}`;
    if (before) objects.replace(EVENT, { ...before, count: (numberAt(before, 'count') ?? 1) + 1, lastTimestamp: now });
    else {
      names.set(key, eventName);
      objects.insert(EVENT, {
        metadata: { name: eventName, namespace },
        involvedObject: {
          kind: about.kind,
          ...(about.metadata.namespace === undefined ? {} : { namespace }),
          name,
          uid,
          apiVersion: about.apiVersion,
          resourceVersion,
        },
        reason,
        message,
        source: { component },
        firstTimestamp: now,
        lastTimestamp: now,
        count: 1,
        type,
        eventTime: null,
        reportingComponent: component,
        reportingInstance: '',
      });
    }
    // Rounded up, so that many that were told together go together.
    const restMs = KEPT_MS + 60_000 - (clock.monotonicMs() % 60_000);
    ends.put(key, restMs, () => {
      names.delete(key);
      objects.remove(EVENT, namespace, eventName);
    });
  };
}
