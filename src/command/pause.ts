import { readPause } from '../gate/pause.ts';
import { type ChainHead, chain, type EntryDraft, emptyChain } from '../model/entry.ts';
import { SalvorError } from '../model/error.ts';
import { pauseId } from '../model/identity.ts';
import { isObject, type Json } from '../model/json.ts';
import type { RunMail } from '../model/mail.ts';
import { suggestion } from '../model/problem.ts';
import type { Commands, PauseScope } from '../port/commands.ts';
import { listAll } from '../port/list-all.ts';
import { type Change, type Claimed, type Guard, INBOX, type Store, type StoredRecord } from '../port/store.ts';
import type { PauseList } from '../port/view/operation.ts';
import { assertMayRead, personWith } from './access.ts';
import { type CommandDeps, clustersOf, playbooksOf } from './deps.ts';

/** The journal of pauses, one in every partition, and the record that says where it stands. */
export const PAUSE_JOURNAL = 'pause';
export const PAUSE_HEAD = 'slot/journal/pause';

const TRIES = 8;
const MAILS_AT_ONCE = 100;

/** The big red switch. The records are what counts: a run asks for their absence in the very commit of every intent. */
export function pauses(deps: CommandDeps): Pick<Commands, 'pause' | 'resume' | 'pauses'> {
  return {
    async pause(caller, { reason, forMs, ...scope }) {
      const by = personWith(caller, 'pause', deps.policy());
      assertKnown(deps, scope);
      const sinceMs = deps.clock.nowMs();
      const untilMs = forMs === undefined ? undefined : sinceMs + forMs;
      const value = {
        by,
        reason,
        sinceMs,
        ...(untilMs === undefined ? {} : { untilMs }),
        ...(scope.playbook === undefined ? {} : { playbook: scope.playbook }),
      };
      const line = { type: 'pause.set', atMs: sinceMs, data: { ...value, surface: caller.surface } };
      for (const partition of partitionsOf(deps, scope)) {
        await write(deps, { partition, line, change: () => putPause(value) });
        await tellRuns(deps, { partition, playbook: scope.playbook, why: `${by} paused: ${reason}` });
      }
      return listPauses(deps.store);
    },

    async resume(caller, scope) {
      const by = personWith(caller, 'pause', deps.policy());
      assertKnown(deps, scope);
      const id = pauseId(scope.playbook);
      const partitions = scope.cluster === undefined ? await deps.store.partitions() : [scope.cluster];
      for (const partition of partitions) {
        const line = { type: 'pause.ended', atMs: deps.clock.nowMs(), data: { by, surface: caller.surface, playbook: scope.playbook } };
        const changed = await write(deps, { partition, line, change: (paused) => (paused === undefined ? undefined : { do: 'delete', id }), id });
        if (changed) await tellRuns(deps, { partition, playbook: scope.playbook, why: `${by} resumed` });
      }
      return listPauses(deps.store);
    },

    async pauses(caller) {
      assertMayRead(caller);
      return listPauses(deps.store);
    },
  };
}

type PauseDeps = Pick<CommandDeps, 'store' | 'ids' | 'clock'>;

/** What a loop over due records of the kind `pause` does: the time that somebody gave is over. */
export function endPauses(deps: PauseDeps): (claimed: readonly Claimed[]) => Promise<void> {
  return async (claimed) => {
    for (const { record } of claimed) {
      const { partition, id, epoch, seq } = record;
      const { by, playbook } = readPause(record.value);
      const line = { type: 'pause.ended', atMs: deps.clock.nowMs(), data: { by: 'time', pausedBy: by, playbook } };
      const journal = await journalChanges(deps.store, partition, line);
      const changes: readonly Change[] = [{ do: 'delete', id }, ...journal.changes];
      const result = await deps.store.commit({ partition, opId: deps.ids.next(), guards: [{ is: 'held', id, epoch, seq }, ...journal.guards], changes });
      if (result.kind === 'done') await tellRuns(deps, { partition, playbook, why: 'a pause ended' });
    }
  };
}

/** A cluster that appears while everything is paused is paused, too. Called when the configuration gains a cluster, before anything runs there. */
export async function spreadPauses(deps: PauseDeps, cluster: string): Promise<void> {
  for (const record of await listAll(deps.store, { partition: INBOX, kind: 'pause' })) {
    if ((await deps.store.get(cluster, record.id)) !== undefined) continue;
    const pause = readPause(record.value);
    const line = { type: 'pause.set', atMs: deps.clock.nowMs(), data: { ...pause } };
    await write(deps, { partition: cluster, line, change: (paused) => (paused === undefined ? putPause(pause) : undefined), id: record.id });
  }
}

/** Every cluster that is known, and the inbox, whose record is copied to clusters that appear later. */
function partitionsOf(deps: CommandDeps, { cluster }: PauseScope): readonly string[] {
  return cluster === undefined ? [...clustersOf(deps), INBOX] : [cluster];
}

function assertKnown(deps: CommandDeps, { cluster, playbook }: PauseScope): void {
  const clusters = clustersOf(deps);
  if (cluster !== undefined && !clusters.includes(cluster))
    throw new SalvorError('request.invalid', `There is no cluster "${cluster.slice(0, 80)}".${suggestion(cluster, clusters)}`);
  const known = playbooksOf(deps).map(({ id }) => id);
  if (playbook !== undefined && !known.includes(playbook))
    throw new SalvorError('playbook.unknown', `There is no playbook "${playbook.slice(0, 80)}".${suggestion(playbook, known)}`);
}

type PauseValue = ReturnType<typeof readPause>;

function putPause(value: PauseValue): Change {
  const { by, reason, sinceMs, untilMs, playbook } = value;
  const stored = { by, reason, sinceMs, ...(untilMs === undefined ? {} : { untilMs }), ...(playbook === undefined ? {} : { playbook }) };
  return {
    do: 'put',
    id: pauseId(playbook),
    kind: 'pause',
    indexed: { playbook: playbook ?? '' },
    value: stored,
    ...(untilMs === undefined ? {} : { dueMs: untilMs }),
  };
}

type Write = {
  readonly partition: string;
  readonly line: EntryDraft;
  readonly change: (paused: StoredRecord | undefined) => Change | undefined;
  readonly id?: string;
};

/** One change of a pause with its journal line; again from the beginning where another hand was quicker. False: there was nothing to change. */
async function write(deps: PauseDeps, { partition, line, change, id }: Write): Promise<boolean> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const paused = id === undefined ? undefined : await deps.store.get(partition, id);
    const made = change(paused);
    if (made === undefined) return false;
    const journal = await journalChanges(deps.store, partition, line);
    const own: readonly Guard[] = paused === undefined ? [] : [{ is: 'seq', id: paused.id, seq: paused.seq }];
    const result = await deps.store.commit({ partition, opId: deps.ids.next(), guards: [...own, ...journal.guards], changes: [made, ...journal.changes] });
    if (result.kind === 'done') return true;
  }
  throw new SalvorError('request.conflict', 'Others change the pause at the same moment; look, and try again', { retry: 'now' });
}

async function journalChanges(
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
async function tellRuns(
  deps: PauseDeps,
  { partition, playbook, why }: { readonly partition: string; readonly playbook: string | undefined; readonly why: string },
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

async function listPauses(store: Store): Promise<PauseList> {
  const records = await listAll(store, { kind: 'pause' });
  const items = records.flatMap(({ partition, value }) => {
    if (partition === INBOX) return [];
    const { by, reason, sinceMs, untilMs, playbook } = readPause(value);
    return [{ cluster: partition, playbook, by, reason, since: sinceMs, until: untilMs }];
  });
  return { items };
}
