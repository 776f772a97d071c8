import type { Webhook } from '../model/alert.ts';
import type { Entry } from '../model/entry.ts';
import type { Json } from '../model/json.ts';

/**
 * The one durable thing. Everything that must survive a crash is a record or an entry in here, and everything that must
 * change together changes in one `commit`. Two drivers and an oracle answer to this port under one conformance suite.
 * What a record means is known above the port only.
 *
 * A partition is `inbox` or the name of a managed cluster; one commit touches one partition.
 */
export type RecordKind =
  | 'inbox' // one webhook, raw
  | 'episode'
  | 'incident'
  | 'run'
  | 'lock' // lock key -> run
  | 'lane' // delivery state of one thread
  | 'slot' // cron slot, pause until, Watchdog, audit seal
  | 'pause' // present = paused
  | 'reply' // idempotency key -> answer; inbox id -> folded
  | 'blob' // evidence, plan, playbook text by SHA-256
  | 'quarantine';

/** What a record says about itself for lists: short texts only. */
export type Indexed = { readonly [field: string]: string };

export type StoredRecord = {
  readonly partition: string;
  readonly kind: RecordKind;
  readonly id: string;
  /** The format of `value`; readers upgrade older ones. */
  readonly version: number;
  /** Goes up by one with every put. The first put makes it 1. */
  readonly seq: number;
  /** Goes up by one with every claim: the fencing token. */
  readonly epoch: number;
  /** When somebody must look at it; absent: nothing to do. */
  readonly dueMs?: number;
  readonly owner?: string;
  readonly leaseUntilMs?: number;
  /** The operation that last put it. */
  readonly opId: string;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly indexed: Indexed;
  readonly value: Json;
};

/** A message to the holder of a record; read in commit order. */
export type Mail = {
  /** Order within its reader, given by the store. */
  readonly order: number;
  readonly to: string;
  readonly key: string;
  /** When it was committed, by the store's clock: expiry is judged by it. */
  readonly atMs: number;
  readonly value: Json;
};

/** As much mail as a claim hands over at once. */
export const MOST_MAIL = 500;

export type Claimed = {
  readonly record: StoredRecord;
  /** Unread, oldest first, at most `MOST_MAIL`. */
  readonly mail: readonly Mail[];
};

export type ClaimRequest = {
  readonly kinds: readonly RecordKind[];
  readonly owner: string;
  readonly limit: number;
  readonly leaseMs: number;
  /** Takes no more of a partition at once than values of so many bytes in all, as JSON; one record always. */
  readonly mostBytes?: number;
  /**
   * Takes records in turn by this indexed field, oldest first within each (the inbox: by sender). Without it, partitions come in turn, the longest due
   * first within each: however much is due in one cluster, another's work is taken.
   */
  readonly inTurnBy?: string;
};

export type Guard =
  /** No record with this id. */
  | { readonly is: 'absent'; readonly id: string }
  /** The record is there, and was put this many times. */
  | { readonly is: 'seq'; readonly id: string; readonly seq: number }
  /** The lease is mine: same epoch, same seq, same owner not asked (the epoch is unique). */
  | { readonly is: 'held'; readonly id: string; readonly epoch: number; readonly seq: number }
  /** The count plus `add` stays within the limit. */
  | { readonly is: 'room'; readonly count: string; readonly add: number; readonly limit: number };

export type Change =
  | {
      readonly do: 'put';
      readonly id: string;
      readonly kind: RecordKind;
      readonly version?: number;
      readonly indexed?: Indexed;
      /** Absent: nothing is due. */
      readonly dueMs?: number;
      readonly value: Json;
      /** Gives the lease back; while mail is unread the record stays due now. Without it a held record stays held. */
      readonly release?: boolean;
    }
  /** Removes the record with its mail; its entries stay until pruned. */
  | { readonly do: 'delete'; readonly id: string }
  /** Entries are numbered by the writer; a number that exists refuses the commit as a conflict. */
  | { readonly do: 'append'; readonly of: string; readonly entries: readonly Entry[] }
  /** Counts start at 0 and may not become negative (they stop at 0). */
  | { readonly do: 'count'; readonly id: string; readonly add: number }
  /** Stores once per reader and key, and makes the reader due now. The reader need not exist yet. */
  | { readonly do: 'mail'; readonly to: string; readonly key: string; readonly value: Json }
  /** Removes the reader's mail up to this order. */
  | { readonly do: 'read'; readonly reader: string; readonly upTo: number }
  /** due = min(due, at or now); touches neither seq, epoch nor lease. */
  | { readonly do: 'wake'; readonly id: string; readonly atMs?: number };

export type Commit = {
  readonly partition: string;
  /** Unique per attempt to change; the same for a repeat of the same attempt. */
  readonly opId: string;
  /** At least one. */
  readonly guards: readonly Guard[];
  readonly changes: readonly Change[];
};

export type CommitResult =
  | { readonly kind: 'done' }
  /** `fenced`: a `held` guard failed. `conflict`: `absent`, `seq` or an entry number. `full`: `room`. Nothing was changed. */
  | { readonly kind: 'fenced' | 'conflict' | 'full'; readonly guard?: Guard };

export type ListQuery = {
  /** Absent: every partition. */
  readonly partition?: string;
  readonly kind: RecordKind;
  /** All must match; several values of one field: any of them. */
  readonly where?: { readonly [field: string]: string | readonly string[] };
  readonly newestFirst?: boolean;
  readonly limit: number;
  readonly cursor?: string;
};

export type PruneRequest = {
  readonly partition: string;
  readonly kind: RecordKind;
  readonly where?: { readonly [field: string]: string | readonly string[] };
  readonly updatedBeforeMs: number;
  /** Ids that stay whatever their age. */
  readonly keep?: readonly string[];
  readonly limit: number;
};

export interface Store {
  /** Stores a webhook and adds to the ledger's `accepted`; durable when it answers. Throws `store.full` (inbox or disk) or `store.unavailable`. */
  accept(webhook: Webhook): Promise<{ readonly id: string }>;
  /** Takes due records whose lease is absent or past (or more than two leases ahead: a clock went back); epoch + 1. */
  claim(request: ClaimRequest): Promise<{
    readonly claimed: readonly Claimed[];
    /** When the next record of these kinds becomes claimable. */
    readonly nextMs?: number;
  }>;
  /** The only way to write: if every guard holds, all changes, durable; else none. A failed guard on a record with my op id is my own lost reply: done. */
  commit(commit: Commit): Promise<CommitResult>;
  /** Extends a lease. `held: false`: it was lost. `mail`: unread mail waits. */
  renew(lease: {
    readonly partition: string;
    readonly id: string;
    readonly epoch: number;
    readonly leaseMs: number;
  }): Promise<{ readonly held: boolean; readonly mail: boolean }>;
  get(partition: string, id: string): Promise<StoredRecord | undefined>;
  list(query: ListQuery): Promise<{ readonly records: readonly StoredRecord[]; readonly cursor?: string }>;
  /** Entries of one journal with n > `afterN`, in order. */
  entries(query: { readonly partition: string; readonly of: string; readonly afterN?: number; readonly limit?: number }): Promise<readonly Entry[]>;
  /** Unread mail of one reader, oldest first. */
  mail(partition: string, reader: string): Promise<readonly Mail[]>;
  counts(partition: string, ids: readonly string[]): Promise<readonly number[]>;
  /** Every partition that holds a record. */
  partitions(): Promise<readonly string[]>;
  /** Removes old records with their mail and entries; answers how many. */
  prune(request: PruneRequest): Promise<number>;
  /**
   * A hint that something changed, after the commit; may come too often, never counts on coming. `due`: kinds of which a record may be claimable
   * at another time than before, with that time; absent: any, now.
   */
  onChange(listener: (due?: ReadonlyMap<RecordKind, number>) => void): () => void;
  /** Writes a consistent copy while work goes on. */
  backup(file: string): Promise<{ readonly sizeBytes: number }>;
  /** Integrity of the storage itself; the journals' chains are checked above the port. */
  check(): Promise<{ readonly ok: boolean; readonly problems: readonly string[] }>;
  close(): Promise<void>;
}

/** The partition of webhooks and of everything that belongs to no cluster. */
export const INBOX = 'inbox';

/** Names of the ledger's counts, all in the inbox partition. accepted = pending + handled + quarantined, always. */
export const LEDGER = { accepted: 'ledger/accepted', handled: 'ledger/handled', pending: 'ledger/pending', quarantined: 'ledger/quarantined' } as const;
