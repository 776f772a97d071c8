import { SalvorError } from '../../src/model/error.ts';
import type { Commit, CommitResult, RecordKind, Store } from '../../src/port/store.ts';
import { keyOf, type OracleState } from '../../src/store/oracle/state.ts';
import { call, type Link } from './link.ts';

/** What the watchers of a history are told of a store. `by`: the life of a program that asked. */
export type StoreSeen = {
  committed(by: string, commit: Commit, result: CommitResult): void;
  claimed(by: string, partition: string, id: string, epoch: number): void;
};

const away = (): never => {
  throw new SalvorError('store.unavailable', 'The store does not answer.', { retry: 'later' });
};

/** Hints of one store to every program that is connected to it, as the drivers give them: which kinds may be claimable now, and when. */
export type Hints = { readonly listeners: Set<(due: Due) => void> };
type Due = ReadonlyMap<RecordKind, number>;

type Linked = { readonly state: OracleState; readonly seen: StoreSeen; readonly hints: Hints };

/** The store as one program reaches it. The oracle carries a call out in the moment in which it is made, so one task of the loop is one step. */
export function linkedStore(link: Link, inner: Store, { state, seen, hints }: Linked): Store {
  const by = link.replica.name;
  const ask = <T>(what: string, run: () => Promise<T>): Promise<T> => call(link, { what: `store.${what}`, run, refused: away, lost: away });
  const tell = (due: Due): void => {
    for (const listener of hints.listeners) listener(due);
  };
  const listen = hinting(link, hints);
  return {
    accept: (webhook) => ask('accept', () => stored(inner.accept(webhook), tell)),
    claim: (request) =>
      ask(`claim ${request.kinds.join()}`, async () => {
        const answer = await inner.claim(request);
        for (const { record } of answer.claimed) seen.claimed(by, record.partition, record.id, record.epoch);
        return answer;
      }),
    commit: (commit) =>
      ask('commit', async () => {
        const result = await inner.commit(commit);
        seen.committed(by, commit, result);
        if (result.kind === 'done') tell(dueOf(state, commit));
        return result;
      }),
    renew: (lease) => ask('renew', () => inner.renew(lease)),
    get: (partition, id) => ask('get', () => inner.get(partition, id)),
    list: (query) => ask('list', () => inner.list(query)),
    entries: (query) => ask('entries', () => inner.entries(query)),
    mail: (partition, reader) => ask('mail', () => inner.mail(partition, reader)),
    counts: (partition, ids) => ask('counts', () => inner.counts(partition, ids)),
    partitions: () => ask('partitions', () => inner.partitions()),
    prune: (request) => ask('prune', () => inner.prune(request)),
    onChange: listen,
    backup: (file) => inner.backup(file),
    check: () => ask('check', () => inner.check()),
    close: () => inner.close(),
  };
}

async function stored<T>(accepted: Promise<T>, tell: (due: Due) => void): Promise<T> {
  const answer = await accepted;
  tell(new Map([['inbox', 0]]));
  return answer;
}

/** Kinds of which a commit made a record claimable, and when. */
function dueOf(state: OracleState, { partition, changes }: Commit): Due {
  const due = new Map<RecordKind, number>();
  for (const change of changes) {
    const id = change.do === 'put' || change.do === 'wake' ? change.id : change.do === 'mail' ? change.to : undefined;
    const record = id === undefined ? undefined : state.records.get(keyOf(partition, id));
    if (record?.dueMs === undefined) continue;
    const atMs = Math.max(record.dueMs, record.leaseUntilMs ?? 0);
    due.set(record.kind, Math.min(due.get(record.kind) ?? Number.POSITIVE_INFINITY, atMs));
  }
  return due;
}

/** A hint is a call of its own, for all who listen in that program; several that are under way are one. Who is cut off hears one of everything when the store is reached again. */
function hinting({ loop, replica, chance, weather, slowestMs }: Link, { listeners }: Hints): (listener: (due?: Due) => void) => () => void {
  const own = new Set<(due?: Due) => void>();
  let under: Map<RecordKind, number> | undefined;
  let missed = false;
  const arrive = (): void => {
    if (weather.isCut()) {
      missed = true;
      loop.after(1000, `${replica.name} hint`, arrive);
      return;
    }
    const due = missed ? undefined : under;
    under = undefined;
    missed = false;
    replica.enter(() => {
      for (const listener of own) listener(due);
    });
  };
  const tell = (due: Due): void => {
    if (due.size === 0 || !replica.isAlive()) return;
    if (under === undefined) loop.after(chance.next() * slowestMs, `${replica.name} hint`, arrive);
    under ??= new Map();
    for (const [kind, atMs] of due) under.set(kind, Math.min(under.get(kind) ?? Number.POSITIVE_INFINITY, atMs));
  };
  listeners.add(tell);
  return (listener) => {
    own.add(listener);
    return () => void own.delete(listener);
  };
}
