import type { Entry } from '../../model/entry.ts';
import { SalvorError } from '../../model/error.ts';
import type { Mail } from '../../port/store.ts';
import { kindNamed } from '../kinds.ts';
import { type EntryTexts, type MailTexts, type RecordTexts, readEntry, readMail } from '../texts.ts';
import { groupsOf, listIn, numberIn, optional, type Reply, textIn } from './reply.ts';

/** The fields of a record's hash, in the order in which scripts and `recordIn` name them. */
export const FIELDS = ['kind', 'version', 'seq', 'epoch', 'due', 'owner', 'lease', 'op', 'created', 'updated', 'indexed', 'value'] as const;

/** A record from its fields; undefined where there is none. */
export function recordIn(partition: string, id: string, reply: Reply): RecordTexts | undefined {
  const [kind, version, seq, epoch, due, owner, lease, op, created, updated, indexed, value] = listIn(reply);
  if (kind === null) return undefined;
  return {
    partition,
    kind: kindNamed(textIn(kind)),
    id,
    version: numberIn(version),
    seq: numberIn(seq),
    epoch: numberIn(epoch),
    dueMs: optional(due, numberIn),
    owner: optional(owner, textIn),
    leaseUntilMs: optional(lease, numberIn),
    opId: textIn(op),
    createdMs: numberIn(created),
    updatedMs: numberIn(updated),
    indexed: textIn(indexed),
    value: textIn(value),
  };
}

/** Mail as scripts tell it: order, key, "<ms> <JSON>". */
export function mailTextsIn(reader: string, reply: Reply | undefined): readonly MailTexts[] {
  return groupsOf(listIn(reply), 3).map(([order, key, text]) => {
    const [atMs, value] = cut(textIn(text), ' ');
    return { order: numberIn(order), to: reader, key: textIn(key), atMs: Number(atMs), value };
  });
}

export function mailIn(reader: string, reply: Reply | undefined): readonly Mail[] {
  return mailTextsIn(reader, reply).map(readMail);
}

/** An entry as it lies in its journal: number and op id first, so that a script knows its own without reading the rest. */
export function entryText({ n, atMs, type, data, hash }: EntryTexts, opIdJson: string): string {
  return `${n} ${opIdJson}\n${JSON.stringify([atMs, type, hash])}\n${data}`;
}

export function entryTextsIn(reply: Reply): EntryTexts & { readonly opId: string } {
  const [head, rest] = cut(textIn(reply), '\n');
  const [n, opId] = cut(head, ' ');
  const [facts, data] = cut(rest, '\n');
  const [atMs, type, hash]: unknown[] = JSON.parse(facts);
  if (typeof atMs !== 'number' || typeof type !== 'string' || typeof hash !== 'string')
    throw new SalvorError('store.damaged', 'Redis holds an entry without a time, a type or a hash.');
  return { n: Number(n), atMs, type, hash, data, opId: String(JSON.parse(opId)) };
}

export function entryIn(reply: Reply): Entry {
  const { opId: _opId, ...entry } = entryTextsIn(reply);
  return readEntry(entry);
}

function cut(text: string, at: string): readonly [string, string] {
  const place = text.indexOf(at);
  if (place < 0) throw new SalvorError('store.damaged', 'Redis holds an entry or a letter that is cut off.');
  return [text.slice(0, place), text.slice(place + 1)];
}
