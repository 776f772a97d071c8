import type { Action } from '../action/contract.ts';
import type { Entry } from '../model/entry.ts';
import type { Incident } from '../model/incident.ts';
import type { Json, JsonObject } from '../model/json.ts';
import type { Playbook } from '../model/playbook.ts';
import type { Policy } from '../model/policy.ts';
import type { Run } from '../model/run.ts';
import type { Clock } from '../port/clock.ts';
import type { ReportFormat } from '../port/commands.ts';
import type { Ids } from '../port/ids.ts';
import type { Reader } from '../port/kube.ts';
import type { OnCall } from '../port/pager.ts';
import type { Store } from '../port/store.ts';
import type { DryRun } from '../run/dry-run.ts';
import type { Intake } from '../run/intake.ts';
import type { Asked } from '../run/start.ts';

/** Everything a report is made of. */
export type ReportSource = {
  readonly incident: Incident;
  readonly timeline: readonly Entry[];
  /** Oldest first. */
  readonly runs: readonly { readonly run: Run; readonly journal: readonly Entry[]; readonly playbook?: Playbook }[];
  readonly nowMs: number;
};

/** What answering requests needs. Functions that look at clusters are handed in by `app.ts`. */
export type CommandDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Read anew for each request, as all of the configuration: it may be reloaded. */
  readonly policy: () => Policy;
  /** A start by hand takes the same way as one by an alert. */
  readonly intake: Intake;
  readonly actions: { get(id: string): Action | undefined };
  /** Diagnosis and plan as a run would make them; stores and writes nothing. */
  readonly rehearsePlan: (asked: Asked) => Promise<DryRun>;
  /** Looks into a cluster of the configuration, for what people can choose there; absent: nobody can. */
  readonly reader?: (cluster: string) => Pick<Reader, 'list'> | undefined;
  readonly explain: (of: { readonly body: Json; readonly atMs: number }) => Promise<JsonObject>;
  readonly report: (source: ReportSource, format: ReportFormat) => string | Promise<string>;
  /** Who was on call for a target of a ladder when the pager last said, and why it cannot be asked now, or could not the last time. Absent: no pager. */
  readonly onCall?: { readonly of: (target: string) => OnCall | undefined; readonly problem: () => string | undefined };
  /** How long a press waits to be read before it is answered as recorded; default 2 s. */
  readonly pressWaitMs?: number;
  /** Journals that were sealed before this may have been pruned; default: none was. */
  readonly keptSinceMs?: () => number;
};

/** The playbooks as they are loaded now. */
export function playbooksOf({ intake }: Pick<CommandDeps, 'intake'>): readonly Playbook[] {
  return intake.catalog().map(({ playbook }) => playbook);
}

/** Names of the configured clusters. */
export function clustersOf({ intake }: Pick<CommandDeps, 'intake'>): readonly string[] {
  return intake.clusters().map(({ name }) => name);
}
