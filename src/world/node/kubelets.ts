import type { Clock } from '../../port/clock.ts';
import { listAt, microTimestamp, objectAt, textAt, timestamp, type WorldObject } from '../object.ts';
import { LEASE_NAMESPACE } from './kinds.ts';
import { renewEveryMs, type Timing } from './timing.ts';

/** What is known of the kubelets: who answers, and when each was heard the last time. A kubelet nobody spoke of answers. */
export type Kubelets = {
  answers(node: string): boolean;
  /** The last renewal of its lease. */
  heardMs(node: string): number;
  /** The last time it reported all its conditions: each five minutes while nothing changes. */
  reportedMs(node: string): number;
  /** It was heard for the last time some ms ago. */
  silence(node: string, agoMs: number): void;
  answer(node: string): void;
  forget(node: string): void;
  /** Calls back when a kubelet falls silent or answers again. */
  onTurn(callback: (node: string) => void): void;
};

const REPORT_EVERY_MS = 300_000;

export function kubeletsOf({ clock, timing }: { readonly clock: Clock; readonly timing: Timing }): Kubelets {
  const silentSinceMs = new Map<string, number>();
  const callbacks: ((node: string) => void)[] = [];
  const lastMs = (node: string, everyMs: number): number => Math.floor((silentSinceMs.get(node) ?? clock.nowMs()) / everyMs) * everyMs;
  return {
    answers: (node) => !silentSinceMs.has(node),
    heardMs: (node) => lastMs(node, renewEveryMs(timing)),
    reportedMs: (node) => lastMs(node, REPORT_EVERY_MS),
    silence(node, agoMs) {
      silentSinceMs.set(node, clock.nowMs() - agoMs);
      for (const callback of callbacks) callback(node);
    },
    answer(node) {
      if (silentSinceMs.delete(node)) for (const callback of callbacks) callback(node);
    },
    forget: (node) => void silentSinceMs.delete(node),
    onTurn: (callback) => void callbacks.push(callback),
  };
}

/** Conditions that the kubelet reports; others are said by whoever runs the cloud. */
export const REPORTED: ReadonlySet<string> = new Set(['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure']);

/** How a reader sees an object: leases renewed and conditions reported a moment ago, without a write for each time. */
export function liveView(kubelets: Kubelets, object: WorldObject): WorldObject {
  const { name, namespace } = object.metadata;
  if (object.kind === 'Lease' && namespace === LEASE_NAMESPACE) {
    const renewTime = microTimestamp(kubelets.heardMs(name));
    // One that a scenario or somebody else renewed says so.
    return renewTime > textAt(object, 'spec', 'renewTime') ? { ...object, spec: { ...objectAt(object, 'spec'), renewTime } } : object;
  }
  if (object.kind !== 'Node' || object.apiVersion !== 'v1' || !kubelets.answers(name)) return object;
  return withReported(object, kubelets.reportedMs(name));
}

/** The node as its kubelet reported it last; what it reported later than that stays. */
export function withReported(node: WorldObject, reportedMs: number): WorldObject {
  const conditions = listAt(node, 'status', 'conditions').map((one) => {
    const isOlder = REPORTED.has(textAt(one, 'type')) && Date.parse(textAt(one, 'lastHeartbeatTime')) < reportedMs;
    return isOlder ? { ...objectAt(one), lastHeartbeatTime: timestamp(reportedMs) } : one;
  });
  return { ...node, status: { ...objectAt(node, 'status'), conditions } };
}
