import type { Labels } from './label.ts';

/** One alert of one webhook, checked and bounded. Text in it is data: it never becomes a key, a query, a link or a command. */
export type Alert = {
  /** The cluster it is about: its `cluster` label where the sender's token allows that, else the token's cluster. */
  readonly cluster: string;
  readonly status: 'firing' | 'resolved';
  readonly name: string;
  readonly labels: Labels;
  readonly labelsDigest: string;
  readonly annotations: Labels;
  /** As sent, clamped to [1970, now + 1 day]; it may move for a live alert. */
  readonly startsAtMs: number;
  readonly endsAtMs?: number;
  /** As sent by Alertmanager; shown, never trusted. */
  readonly fingerprint: string;
  /** SHA-256 of the group key; the key itself can be a megabyte. */
  readonly groupDigest: string;
  readonly receiver: string;
  /** How many label or annotation values were cut to the limit. */
  readonly cut: number;
};

/** An alert that could not be read, kept for people with the reason. */
export type Quarantined = { readonly reason: string; readonly cluster?: string; readonly excerpt: string };

/** One request of Alertmanager as it lies in the inbox. */
export type Webhook = {
  /** The sender: the name of the token's cluster binding, or `loopback`. */
  readonly sender: string;
  /** Clusters that the sender's token may speak for; `*` = any (no tokens configured, loopback only). */
  readonly clusters: readonly string[];
  readonly receivedMs: number;
  /** The body as received, parseable JSON with a checked envelope. */
  readonly body: string;
  /** Alerts in the body as received, repeats and resolved ones too. */
  readonly alerts: number;
};

/** One alert (cluster and labels) from its first firing to its end. Key: cluster + labelsDigest. */
export type Episode = {
  readonly cluster: string;
  readonly labelsDigest: string;
  readonly ordinal: number;
  readonly state: 'firing' | 'ended';
  readonly alert: Alert;
  readonly incident: string;
  /** Runs that this episode started or joined. */
  readonly runs: readonly string[];
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  readonly times: number;
  /** The latest start of a firing that was heard of, never after it was heard of: tells a late end from a true one. */
  readonly latestStartMs?: number;
  readonly ended?: { readonly atMs: number; readonly by: 'resolved' | 'expired' | 'disproved' };
};
