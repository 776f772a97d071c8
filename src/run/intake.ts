import type { Group } from '../ingest/alertmanager.ts';
import type { Reread } from '../ingest/reread.ts';
import type { JsonObject } from '../model/json.ts';
import type { Labels } from '../model/label.ts';
import type { Playbook } from '../model/playbook.ts';
import type { Policy } from '../model/policy.ts';
import type { Clock } from '../port/clock.ts';
import type { Ids } from '../port/ids.ts';
import type { Log } from '../port/log.ts';
import type { Store } from '../port/store.ts';
import type { RouteContext, RoutePlaybook } from '../route/choose.ts';
import { everyNamespace, type NamespaceScope } from '../route/name-scope.ts';

/** What the way from an alert to a run needs to know of one cluster of the configuration. */
export type ClusterSettings = {
  readonly name: string;
  /** Takes alerts without a cluster label. */
  readonly isDefault?: boolean;
  /** How often Alertmanager repeats an alert that goes on firing. */
  readonly repeatIntervalMs: number;
  /** Its Alertmanager can be asked for the rest of a group that was cut. */
  readonly rereads: boolean;
  readonly namespaces: NamespaceScope;
};

export type WatchdogSettings = { readonly alertname: string; readonly withinMs: number; readonly ladder: string };

export type Find = { readonly playbook: Playbook; readonly cluster: string; readonly labels: Labels; readonly params: JsonObject };
export type Found = readonly JsonObject[] | { readonly failed: string };

/** Everything between the inbox and a queued run. Settings are asked anew each time: the configuration may be reloaded. */
export type Intake = {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly catalog: () => readonly RoutePlaybook[];
  readonly clusters: () => readonly ClusterSettings[];
  readonly policy: () => Policy;
  readonly watchdog: () => WatchdogSettings;
  /** Runs a playbook's finder: reads the cluster, writes nothing. */
  readonly findTargets: (find: Find) => Promise<Found>;
  readonly reread: (cluster: string, group: Group) => Promise<Reread | { readonly failed: string }>;
  /** Counted once it is durable. */
  readonly happened?: (what: string, alerts: number) => void;
};

const REPEAT_INTERVAL_MS = 4 * 3_600_000;

/** A cluster as it is configured now; one that left the configuration keeps the defaults until its alerts are over. */
export function settingsOf(intake: Pick<Intake, 'clusters'>, cluster: string): ClusterSettings {
  return (
    intake.clusters().find(({ name }) => name === cluster) ?? {
      name: cluster,
      repeatIntervalMs: REPEAT_INTERVAL_MS,
      rereads: false,
      namespaces: everyNamespace,
    }
  );
}

export function routeContext(intake: Pick<Intake, 'clusters' | 'policy' | 'watchdog'>): RouteContext {
  return {
    watchdog: intake.watchdog().alertname,
    unrouted: intake.policy().unrouted,
    namespaces: (cluster) => settingsOf(intake, cluster).namespaces,
  };
}
