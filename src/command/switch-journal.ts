import { type ChainHead, chain, type EntryDraft, emptyChain } from '../model/entry.ts';
import { SalvorError } from '../model/error.ts';
import { isObject, type Json } from '../model/json.ts';
import type { RunMail } from '../model/mail.ts';
import { suggestion } from '../model/problem.ts';
import { listAll } from '../port/list-all.ts';
import { type Change, type Guard, INBOX, type Store, type StoredRecord } from '../port/store.ts';
import { type CommandDeps, clustersOf } from './deps.ts';

/** What pauses and freezes share: each change of one is a line of one journal, and every open run hears of it. */

/** The journal of pauses and freezes, one in every partition, and the record that says where it stands. */
export const PAUSE_JOURNAL = 'pause';
export const PAUSE_HEAD = 'slot/journal/pause';

const TRIES = 8;
const MAILS_AT_ONCE = 100;

export type SwitchDeps = Pick<CommandDeps, 'store' | 'ids' | 'clock'>;

type Write = {
  readonly partition: string;
  readonly line: EntryDraft;
  readonly change: (before: StoredRecord | undefined) => Change | undefined;
  /** The record that `change` looks at. Absent: it is written whatever is there. */
  readonly id?: string;
};

/** One change with its journal line; again from the beginning where another hand was quicker. False: there was nothing to change. */
export async function writeSwitch(deps: SwitchDeps, { partition, line, change, id }: Write): Promise<boolean> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const before = id === undefined ? undefined : await deps.store.get(partition, id);
    const made = change(before);
    if (made === undefined) return false;
    const journal = await journalChanges(deps.store, partition, line);
    const own: readonly Guard[] = id === undefined ? [] : [before === undefined ? { is: 'absent', id } : { is: 'seq', id, seq: before.seq }];
    const result = await deps.store.commit({ partition, opId: deps.ids.next(), guards: [...own, ...journal.guards], changes: [made, ...journal.changes] });
    if (result.kind === 'done') return true;
  }
  throw new SalvorError('request.conflict', 'Others change the same at the same moment; look, and try again', { retry: 'now' });
}

/** What puts a line on the journal, in the commit that makes it true. */
export async function journalChanges(
  store: Store,
  partition: string,
  line: EntryDraft,
): Promise<{ readonly guards: readonly Guard[]; readonly changes: readonly Change[] }> {
  const record = await store.get(partition, PAUSE_HEAD);
  const { entries, head } = chain(PAUSE_JOURNAL, readHead(record?.value), [line]);
  return {
    guards: [record === undefined ? { is: 'absent', id: PAUSE_HEAD } : { is: 'seq', id: PAUSE_HEAD, seq: record.seq }],
    changes: [
      { do: 'append', of: PAUSE_JOURNAL, entries },
      { do: 'put', id: PAUSE_HEAD, kind: 'slot', value: { chain: head } },
    ],
  };
}

/** Where a journal stands, from the record of its head. */
export function readHead(value: Json | undefined): ChainHead {
  const head = isObject(value) ? value['chain'] : undefined;
  if (!isObject(head) || typeof head['n'] !== 'number' || typeof head['hash'] !== 'string') return emptyChain;
  return { n: head['n'], hash: head['hash'] };
}

/** Open runs look again at once, instead of when their hold says. A crash in between is harmless: they look by themselves. */
export async function tellRuns(
  deps: SwitchDeps,
  { partition, playbook, why }: { readonly partition: string; readonly playbook?: string | undefined; readonly why: string },
): Promise<void> {
  const where = { open: 'yes', ...(playbook === undefined ? {} : { playbook }) };
  const runs = await listAll(deps.store, { partition, kind: 'run', where });
  const mail: RunMail = { kind: 'look', why };
  const key = `look/${deps.ids.next()}`;
  for (let first = 0; first < runs.length; first += MAILS_AT_ONCE) {
    const changes = runs.slice(first, first + MAILS_AT_ONCE).map(({ id }): Change => ({ do: 'mail', to: id, key, value: mail }));
    await deps.store.commit({ partition, opId: deps.ids.next(), guards: [], changes });
  }
}

/** Every cluster that is known, and the inbox, whose record is copied to clusters that appear later. */
export function partitionsOf(deps: CommandDeps, cluster: string | undefined): readonly string[] {
  return cluster === undefined ? [...clustersOf(deps), INBOX] : [cluster];
}

export function assertCluster(deps: CommandDeps, cluster: string | undefined): void {
  const clusters = clustersOf(deps);
  if (cluster !== undefined && !clusters.includes(cluster))
    throw new SalvorError('request.invalid', `There is no cluster "${cluster.slice(0, 80)}".${suggestion(cluster, clusters)}`);
}
