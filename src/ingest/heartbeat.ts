import { z } from 'zod';
import type { Alert } from '../model/alert.ts';
import type { Json } from '../model/json.ts';
import { labelsDigest, makeLabels } from '../model/label.ts';
import { formatTime } from '../model/time.ts';
import type { Change } from '../port/store.ts';

/** The last Watchdog of a cluster. `absentSinceMs`: it stopped coming, and the alert about that fires. */
const Heartbeat = z.looseObject({ lastSeenMs: z.number(), absentSinceMs: z.number().optional() });
export type Heartbeat = z.infer<typeof Heartbeat>;

export const heartbeatId = (cluster: string): string => `slot/watchdog/${cluster}`;

export function readHeartbeat(value: Json | undefined): Heartbeat | undefined {
  return Heartbeat.safeParse(value).data;
}

/** The record of a heartbeat, due when the next one is missing. */
export function putHeartbeat(cluster: string, { lastSeenMs, absentSinceMs }: Heartbeat, dueMs: number): Extract<Change, { do: 'put' }> {
  const value = { cluster, lastSeenMs, ...(absentSinceMs === undefined ? {} : { absentSinceMs }) };
  return { do: 'put', id: heartbeatId(cluster), kind: 'slot', indexed: { slot: 'watchdog' }, dueMs, value };
}

/** Salvor's own alert for a Watchdog that stopped coming: nothing that this cluster's Prometheus sees would reach us. */
export const WATCHDOG_ABSENT = 'WatchdogAbsent';

type Absence = { readonly cluster: string; readonly status: 'firing' | 'resolved'; readonly sinceMs: number; readonly nowMs: number };

/** The alert about an absent Watchdog; routed like any other. */
export function watchdogAbsent({ cluster, status, sinceMs, nowMs }: Absence): Alert {
  const labels = makeLabels([
    ['alertname', WATCHDOG_ABSENT],
    ['cluster', cluster],
    ['severity', 'critical'],
  ]);
  const summary = `No Watchdog from the Alertmanager of ${cluster} since ${formatTime(sinceMs)}: its alerts may not arrive`;
  return {
    cluster,
    status,
    name: WATCHDOG_ABSENT,
    labels,
    labelsDigest: labelsDigest(labels),
    annotations: makeLabels([['summary', summary]]),
    startsAtMs: sinceMs,
    ...(status === 'resolved' ? { endsAtMs: nowMs } : {}),
    fingerprint: '',
    groupDigest: '',
    receiver: '',
    cut: 0,
  };
}
