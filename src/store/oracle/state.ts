import type { EntryTexts, MailTexts, RecordTexts } from '../texts.ts';

/** All that an oracle remembers; handed to a new oracle it is what a disk is to a restarted program. */
export type OracleState = {
  /** How often it was opened: only the last opening may use it. */
  boot: number;
  webhooks: number;
  lastMs: number;
  mailOrder: number;
  readonly records: Map<string, RecordTexts>;
  readonly mail: Map<string, readonly MailTexts[]>;
  readonly entries: Map<string, readonly (EntryTexts & { readonly opId: string })[]>;
  readonly counts: Map<string, number>;
  readonly turns: Map<string, string>;
};

export function oracleState(): OracleState {
  return { boot: 0, webhooks: 0, lastMs: 0, mailOrder: 0, records: new Map(), mail: new Map(), entries: new Map(), counts: new Map(), turns: new Map() };
}

/** The key of anything that has a partition and an id. */
export function keyOf(partition: string, id: string): string {
  return `${partition}\0${id}`;
}

export function hasMail(state: OracleState, partition: string, reader: string): boolean {
  return (state.mail.get(keyOf(partition, reader)) ?? []).length > 0;
}

export function addToCount(state: OracleState, key: string, add: number): void {
  state.counts.set(key, Math.max(0, (state.counts.get(key) ?? 0) + add));
}

/** Removes a record with its mail; its journal stays. */
export function remove(state: OracleState, partition: string, id: string): void {
  state.records.delete(keyOf(partition, id));
  state.mail.delete(keyOf(partition, id));
}

/** The order of lists: creation, then partition, then id. */
export function byAge(a: AgeOf, b: AgeOf): number {
  return a.createdMs - b.createdMs || compareText(a.partition, b.partition) || compareText(a.id, b.id);
}
type AgeOf = Pick<RecordTexts, 'createdMs' | 'partition' | 'id'>;

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
