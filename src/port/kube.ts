import type { JsonObject } from '../model/json.ts';
import type { KubeObject, Manifest, ObjectRef } from '../model/object.ts';

/**
 * Three views of one cluster, as types: what is handed a `Reader` cannot write, because there is nothing to write with.
 * Errors are `SalvorError` with a `kube.*` code and a retry class for every status.
 */
export interface Reader {
  /** Throws `kube.not-found`. */
  get(ref: ObjectRef): Promise<KubeObject>;
  /** Undefined where the object, or its kind, does not exist. */
  find(ref: ObjectRef): Promise<KubeObject | undefined>;
  /** Every page. Throws `kube.not-found` where the kind does not exist. */
  list(query: ListObjects): Promise<readonly KubeObject[]>;
  /** The last lines of a container's log. */
  logs(query: LogQuery): Promise<string>;
  /** A fixed PromQL text; `labels` are put into it as quoted matchers by the port. Not configured: `metrics.unavailable`. */
  metrics(query: string, labels?: MetricLabels): Promise<readonly Sample[]>;
  /** The same over a time that has passed, at most 1000 points of each series. */
  metricsRange(query: string, span: Span, labels?: MetricLabels): Promise<readonly Series[]>;
  /** An HTTP or DNS look that the configuration lists by name. Not listed: `probe.unavailable`, never a yes. */
  probe(name: string): Promise<ProbeResult>;
}

/** A reader plus four capped requests that clean up after themselves. */
export interface Prober extends Reader {
  /**
   * Makes a DownloadRequest, fetches and gunzips its object (at most `limitBytes`, then cut), deletes the request. Undefined: it is not there (404).
   * Throws `storage.unavailable`, and `kube.invalid` for what is damaged.
   */
  download(target: DownloadTarget): Promise<{ readonly text: string; readonly cut: boolean } | undefined>;
  /** Makes a ServerStatusRequest: does Velero reconcile? Undefined: no answer within the time. */
  veleroServer(query: { readonly namespace: string; readonly withinMs: number }): Promise<{ readonly version: string } | undefined>;
  /** A dry-run eviction: would the budgets let this pod go? */
  mayEvict(pod: {
    readonly namespace: string;
    readonly name: string;
  }): Promise<{ readonly allowed: true } | { readonly allowed: false; readonly reason: string }>;
  /** A SelfSubjectAccessReview. */
  mayI(access: Access): Promise<boolean>;
}

/** The only way to write. In handlers it is bound to one run, stage and generation, and writes only what was approved. */
export interface Writer extends Prober {
  /** Throws `kube.exists`. */
  create(manifest: Manifest): Promise<KubeObject>;
  /** A JSON merge patch, only on the object with this uid (and resourceVersion, where given). Throws `kube.conflict`, `kube.not-found`. */
  patch(ref: ObjectRef, patch: JsonObject, only: { readonly uid: string; readonly resourceVersion?: string }): Promise<KubeObject>;
  /** Gone already is fine: answers `gone`. */
  delete(ref: ObjectRef, only: { readonly uid: string; readonly resourceVersion?: string }): Promise<'deleted' | 'gone'>;
  /** Throws `kube.too-many-requests` where a budget refuses. */
  evict(pod: { readonly namespace: string; readonly name: string; readonly uid: string; readonly gracePeriodSeconds?: number }): Promise<'evicted' | 'gone'>;
}

export type ListObjects = {
  readonly apiVersion: string;
  readonly kind: string;
  /** Absent: every namespace, or cluster-scoped. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
};

export type LogQuery = {
  readonly namespace: string;
  readonly pod: string;
  readonly container?: string;
  readonly previous?: boolean;
  readonly tailLines: number;
};

export type MetricLabels = { readonly [name: string]: string };

export type Sample = { readonly labels: MetricLabels; readonly value: number; readonly atMs: number };

/** From one time to another, one point each step. */
export type Span = { readonly fromMs: number; readonly untilMs: number; readonly stepMs: number };

/** What one series was, oldest first. */
export type Series = { readonly labels: MetricLabels; readonly points: readonly { readonly value: number; readonly atMs: number }[] };

export type ProbeResult = { readonly ok: true; readonly evidence: string } | { readonly ok: false; readonly reason: string };

export type DownloadTarget = { readonly namespace: string; readonly kind: string; readonly name: string; readonly limitBytes: number };

export type Access = { readonly verb: string; readonly group: string; readonly resource: string; readonly namespace?: string; readonly name?: string };

export type Watched = { readonly change: 'added' | 'modified' | 'deleted'; readonly object: KubeObject };

/** One cluster, connected. `open` connects lazily: a cluster that is away is an error of each request, never of the start. */
export interface Cluster {
  readonly name: string;
  /** Everything: only the engine holds this, and hands out `Reader`, `Prober` and its own guarded `Writer`. */
  readonly access: Writer;
  /** The uid of `kube-system`: a rebuilt cluster has another one. */
  uid(): Promise<string>;
  /** How far the cluster's clock was ahead of ours when it last answered, in ms; negative where it is behind, 0 where both agree within seconds. */
  aheadMs(): number;
  /**
   * Lists, then watches, for ever; survives 410, silence, refusals and restarts of the server. After each (re)list `onSynced` is called with all objects.
   * A throwing callback is logged and the watch goes on.
   */
  watch(
    query: ListObjects,
    on: { readonly synced?: (objects: readonly KubeObject[]) => void; readonly changed: (change: Watched) => void },
    signal: AbortSignal,
  ): void;
  /** The kinds this cluster serves, as `group/version/Kind` → resource name and scope; for checks. */
  serves(apiVersion: string, kind: string): Promise<boolean>;
  close(): Promise<void>;
}

/** The clusters of the configuration by name; they may come and go while the server runs. */
export interface Clusters {
  names(): readonly string[];
  get(name: string): Cluster | undefined;
}
