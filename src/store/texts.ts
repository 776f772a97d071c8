import type { Entry } from '../model/entry.ts';
import { SalvorError } from '../model/error.ts';
import { isObject, type Json, type JsonObject } from '../model/json.ts';
import type { Change, Commit, Guard, Indexed, Mail, RecordKind, StoredRecord } from '../port/store.ts';

/** A record with its JSON as texts. */
export type RecordTexts = {
  readonly partition: string;
  readonly kind: RecordKind;
  readonly id: string;
  readonly version: number;
  readonly seq: number;
  readonly epoch: number;
  readonly dueMs: number | undefined;
  readonly owner: string | undefined;
  readonly leaseUntilMs: number | undefined;
  readonly opId: string;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly indexed: string;
  readonly value: string;
};

export type MailTexts = { readonly order: number; readonly to: string; readonly key: string; readonly atMs: number; readonly value: string };

export type EntryTexts = Omit<Entry, 'data'> & { readonly data: string };

export type PutTexts = Omit<Extract<Change, { do: 'put' }>, 'value' | 'indexed'> & { readonly value: string; readonly indexed: string };

export type ChangeTexts =
  | PutTexts
  | (Omit<Extract<Change, { do: 'append' }>, 'entries'> & { readonly entries: readonly EntryTexts[] })
  | (Omit<Extract<Change, { do: 'mail' }>, 'value'> & { readonly value: string })
  | Extract<Change, { do: 'delete' | 'count' | 'read' | 'wake' }>;

export type CommitTexts = { readonly partition: string; readonly opId: string; readonly guards: readonly Guard[]; readonly changes: readonly ChangeTexts[] };

/** Between the port's values and the JSON texts that are stored. What was stored as text cannot be changed through a reference. */
export function commitTexts(commit: Commit): CommitTexts {
  return { partition: commit.partition, opId: commit.opId, guards: commit.guards, changes: commit.changes.map(changeTexts) };
}

function changeTexts(change: Change): ChangeTexts {
  switch (change.do) {
    case 'put':
      return { ...change, value: JSON.stringify(change.value), indexed: JSON.stringify(change.indexed ?? {}) };
    case 'mail':
      return { ...change, value: JSON.stringify(change.value) };
    case 'append':
      return { ...change, entries: change.entries.map((entry) => ({ ...entry, data: JSON.stringify(entry.data) })) };
    case 'delete':
    case 'count':
    case 'read':
    case 'wake':
      return change;
  }
}

export function readRecord({ dueMs, owner, leaseUntilMs, indexed, value, ...rest }: RecordTexts): StoredRecord {
  return {
    ...rest,
    ...(dueMs === undefined ? {} : { dueMs }),
    ...(owner === undefined ? {} : { owner }),
    ...(leaseUntilMs === undefined ? {} : { leaseUntilMs }),
    indexed: readIndexed(indexed),
    value: readJson(value),
  };
}

export function readMail(mail: MailTexts): Mail {
  return { ...mail, value: readJson(mail.value) };
}

export function readEntry(entry: EntryTexts): Entry {
  return { ...entry, data: readObject(entry.data) };
}

function readIndexed(text: string): Indexed {
  const indexed: Indexed = parse(text);
  return indexed;
}

function readJson(text: string): Json {
  const value: Json = parse(text);
  return value;
}

function readObject(text: string): JsonObject {
  const value = readJson(text);
  if (isObject(value)) return value;
  throw new SalvorError('store.damaged', 'The store holds an entry whose data is not an object.');
}

function parse(text: string): ReturnType<typeof JSON.parse> {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SalvorError('store.damaged', 'The store holds a value that is not JSON.', { cause: error });
  }
}
