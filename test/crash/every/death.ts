import type { Change, Commit, Store } from '../../../src/port/store.ts';

/** Where Salvor dies: before its n-th commit is carried out, or behind it, with the answer unread. */
export type Point = { readonly commit: number; readonly side: 'before' | 'behind' };

export type Mortal = {
  /** Stands around the store of each start; only the first start dies. */
  readonly around: (store: Store) => Store;
  /** What each commit of the first start changes, in order: `run changed`, `inbox removed`. */
  readonly commits: () => readonly (readonly string[])[];
  readonly isDead: () => boolean;
};

/** A dead program asks nothing and hears nothing: what it waits for never comes. */
const forEver = <T>(): Promise<T> => new Promise<T>(() => {});

/** Kills the first start at the point, and tells `then` at once: nothing more of the dead one reaches the store. */
export function mortal(point: Point | undefined, then: () => void, onCommit: (commit: Commit, n: number) => void = () => {}): Mortal {
  const commits: (readonly string[])[] = [];
  let starts = 0;
  let dead = false;
  const die = <T>(): Promise<T> => {
    dead = true;
    queueMicrotask(then);
    return forEver<T>();
  };

  const around = (inner: Store): Store => {
    starts += 1;
    if (starts > 1) return inner;
    const living = <T>(call: () => Promise<T>): Promise<T> => (dead ? forEver() : call().then((value) => (dead ? forEver<T>() : value)));
    return {
      ...inner,
      async commit(commit) {
        if (dead) return forEver();
        commits.push(commit.changes.map((change) => wordOf(change)));
        const n = commits.length;
        onCommit(commit, n);
        const isHere = n === point?.commit;
        if (isHere && point?.side === 'before') return die();
        const answer = inner.commit(commit);
        if (!isHere) return living(() => answer);
        // It is carried out when it is made; the answer is not waited for.
        answer.catch(() => undefined);
        return die();
      },
      accept: (webhook) => living(() => inner.accept(webhook)),
      claim: (request) => living(() => inner.claim(request)),
      renew: (lease) => living(() => inner.renew(lease)),
      get: (partition, id) => living(() => inner.get(partition, id)),
      list: (query) => living(() => inner.list(query)),
      mail: (partition, reader) => living(() => inner.mail(partition, reader)),
      counts: (partition, ids) => living(() => inner.counts(partition, ids)),
      entries: (query) => living(() => inner.entries(query)),
      partitions: () => living(() => inner.partitions()),
      prune: (request) => living(() => inner.prune(request)),
    };
  };
  return { around, commits: () => commits, isDead: () => dead };
}

function wordOf(change: Change): string {
  if (change.do === 'put') return `put ${change.kind}`;
  return change.do === 'delete' ? `delete ${change.id.split('/')[0]}` : change.do;
}
