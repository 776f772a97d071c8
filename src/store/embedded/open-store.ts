import { INBOX, type RecordKind } from '../../port/store.ts';
import type { StoreLimits } from '../limits.ts';
import { number, type Sqlite } from './sqlite.ts';

/** What the calls of a batch work on: the connection, and the little that is kept beside it in memory. */
export type OpenStore = {
  readonly sqlite: Sqlite;
  readonly limits: StoreLimits;
  /** How often this file was opened: keeps ids apart when the clock goes back over a restart. */
  readonly boot: number;
  readonly memory: Memory;
};

export type Memory = {
  /** Pending webhooks; undefined after a rollback, then counted again. */
  waiting: number | undefined;
  /** The time and number of the last webhook's id. */
  lastMs: number;
  lastNumber: number;
  /** Alerts of the webhooks of this transaction that the ledger does not count yet. */
  arrived: number;
  /** Whose turn it was last, by indexed field. */
  readonly turns: Map<string, string>;
  /** Kinds of which something of this batch made a record due, and the first such time. */
  readonly due: Map<RecordKind, number>;
  /** Whether a commit waits for the disk. */
  sync: 'NORMAL' | 'FULL';
  /** The disk is full: nothing is accepted until there is room for the reserve again. */
  full: boolean;
};

export function freshMemory(): Memory {
  return { waiting: undefined, lastMs: 0, lastNumber: 0, arrived: 0, turns: new Map(), due: new Map(), sync: 'FULL', full: false };
}

/** Notes for the hint of this batch that a record of this kind became due. */
export function noteDue({ due }: Memory, kind: RecordKind, dueMs: number): void {
  due.set(kind, Math.min(due.get(kind) ?? dueMs, dueMs));
}

/** How many webhooks wait in the inbox. */
export function waitingWebhooks({ sqlite, memory }: OpenStore): number {
  if (memory.waiting === undefined) {
    const row = sqlite.get(`SELECT count(*) AS waiting FROM record WHERE partition = 'inbox' AND kind = 'inbox'`);
    memory.waiting = row === undefined ? 0 : number(row, 'waiting');
  }
  return memory.waiting;
}

/** Keeps the number of waiting webhooks in step with a record that came or went. */
export function tally({ memory }: OpenStore, { partition, kind }: { readonly partition: string; readonly kind: string }, by: 1 | -1): void {
  if (kind === 'inbox' && partition === INBOX && memory.waiting !== undefined) memory.waiting += by;
}
