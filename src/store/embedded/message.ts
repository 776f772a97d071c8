import type { ClaimRequest, CommitResult, ListQuery, PruneRequest, RecordKind } from '../../port/store.ts';
import type { Place } from '../cursor.ts';
import type { CommitTexts, EntryTexts, MailTexts, RecordTexts } from '../texts.ts';
import type { Fault } from './fault.ts';

/**
 * What goes between the main thread and the worker. One message carries a whole batch of calls, one message all its answers.
 * Values travel as JSON texts: the worker stores and gives them back without reading them.
 */
export type Request =
  | { readonly kind: 'batch'; readonly calls: readonly Call[] }
  | { readonly kind: 'backup'; readonly file: string }
  | { readonly kind: 'check' }
  | { readonly kind: 'close' };

export type Reply =
  | {
      readonly kind: 'batch';
      readonly answers: readonly Answer[];
      readonly changed: boolean;
      readonly due: readonly (readonly [RecordKind, number])[];
      readonly fatal?: Fault;
    }
  | { readonly kind: 'backup'; readonly sizeBytes: number }
  | { readonly kind: 'check'; readonly problems: readonly string[] }
  | { readonly kind: 'close' }
  | { readonly kind: 'fault'; readonly fault: Fault };

/** What the worker says: that it is ready (or why not), an answer by the number of its request, a line for the log, or that it is broken. */
export type FromWorker =
  | { readonly is: 'ready' }
  | { readonly is: 'refused'; readonly fault: Fault }
  | { readonly is: 'reply'; readonly number: number; readonly reply: Reply }
  | { readonly is: 'log'; readonly level: 'info' | 'warn'; readonly name: string; readonly facts: { readonly [name: string]: string | number | boolean } }
  | { readonly is: 'broken'; readonly fault: Fault };

export type ToWorker = { readonly number: number; readonly request: Request };

/** Every call carries the time at which it was made, by the clock of the one who opened the store. */
export type Call =
  | { readonly op: 'accept'; readonly nowMs: number; readonly sender: string; readonly alerts: number; readonly value: string }
  | ({ readonly op: 'claim'; readonly nowMs: number } & ClaimRequest)
  | ({ readonly op: 'commit'; readonly nowMs: number } & CommitTexts)
  | { readonly op: 'renew'; readonly nowMs: number; readonly partition: string; readonly id: string; readonly epoch: number; readonly leaseMs: number }
  | { readonly op: 'get'; readonly partition: string; readonly id: string }
  | ({ readonly op: 'list'; readonly after?: Place } & Omit<ListQuery, 'cursor'>)
  | { readonly op: 'entries'; readonly partition: string; readonly of: string; readonly afterN: number; readonly limit: number }
  | { readonly op: 'mail'; readonly partition: string; readonly reader: string }
  | { readonly op: 'counts'; readonly partition: string; readonly ids: readonly string[] }
  | { readonly op: 'partitions' }
  | ({ readonly op: 'prune' } & PruneRequest);

export type Answer =
  | { readonly op: 'accept'; readonly id: string }
  | { readonly op: 'claim'; readonly claimed: readonly { readonly record: RecordTexts; readonly mail: readonly MailTexts[] }[]; readonly nextMs?: number }
  | { readonly op: 'commit'; readonly result: CommitResult }
  | { readonly op: 'renew'; readonly held: boolean; readonly mail: boolean }
  | { readonly op: 'get'; readonly record?: RecordTexts }
  | { readonly op: 'list'; readonly records: readonly RecordTexts[]; readonly more: boolean }
  | { readonly op: 'entries'; readonly entries: readonly EntryTexts[] }
  | { readonly op: 'mail'; readonly mail: readonly MailTexts[] }
  | { readonly op: 'counts'; readonly totals: readonly number[] }
  | { readonly op: 'partitions'; readonly partitions: readonly string[] }
  | { readonly op: 'prune'; readonly removed: number }
  | { readonly op: 'fault'; readonly fault: Fault };
