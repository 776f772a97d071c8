/** What metrics show of the store at one moment; read anew whenever Prometheus asks. */
export type Gauges = {
  readonly inboxPending: number;
  /** Age of the oldest webhook in the inbox, in ms; 0 where it is empty. */
  readonly inboxOldestMs: number;
  readonly runs: readonly { readonly state: string; readonly held: boolean; readonly count: number }[];
  /** How long the open run that is due longest has waited for somebody to drive it, in ms; 0 where none waits. */
  readonly runsOverdueMs: number;
  readonly outbox: readonly { readonly to: 'chat' | 'pager'; readonly pending: number; readonly oldestMs: number }[];
  /** Since the last Watchdog of a cluster, in ms. */
  readonly watchdogs: readonly { readonly cluster: string; readonly ageMs: number }[];
  /** Since the store was last copied by a running server, in ms; absent: it never was. */
  readonly storeBackupAgeMs?: number;
};
