import type { Cluster } from '../../../src/port/kube.ts';
import type { Commit, Store } from '../../../src/port/store.ts';
import type { Around } from '../../scenario/engine/stage.ts';

/** Where a program dies: at the n-th thing of its kind, before it is done or when it is done and nobody has read the answer. */
export type Boundary = { readonly what: 'commit' | 'claim' | 'write' | 'read'; readonly n: number; readonly side: 'before' | 'behind' };

export type Death = {
  readonly around: (start: number) => Around;
  /** How many things of each kind happened so far. */
  readonly counts: { readonly [W in Boundary['what']]: () => number };
  /** States of runs, and what they wait for, as they were stored. */
  readonly seen: ReadonlySet<string>;
  /** How many engines died. */
  deaths(): number;
  /** The engine that was started last is dead. */
  isDead(): boolean;
};

const WRITES = ['create', 'patch', 'delete', 'evict'] as const;
const READS = ['get', 'find', 'list'] as const;

/** A dead program asks nothing and hears nothing: what it waits for never comes. */
const forEver = <T>(): Promise<T> => new Promise<T>(() => {});

/**
 * Stands around the engines of a stage, counts what the first one does, and kills the first at the first boundary, the second at the second …
 * Engines that follow live.
 */
export function death(boundaries: readonly Boundary[] = []): Death {
  const first = life(boundaries[0]);
  const lives: Life[] = [first];
  return {
    around(start) {
      const one = start === 1 ? first : life(boundaries[start - 1]);
      if (start > 1) lives.push(one);
      return { store: one.store, cluster: one.cluster };
    },
    counts: first.counts,
    seen: first.seen,
    deaths: () => lives.filter((one) => one.isDead()).length,
    isDead: () => lives.at(-1)?.isDead() === true,
  };
}

type Life = Pick<Death, 'counts' | 'seen' | 'isDead'> & { readonly store: (inner: Store) => Store; readonly cluster: (inner: Cluster) => Cluster };

/** One engine's life, to its boundary. */
function life(boundary: Boundary | undefined): Life {
  const done = { commit: 0, claim: 0, write: 0, read: 0 };
  const seen = new Set<string>();
  let dead = false;

  const through = async <T>(what: Boundary['what'], call: () => Promise<T>): Promise<T> => {
    if (dead) return forEver();
    done[what] += 1;
    const isHere = boundary?.what === what && boundary.n === done[what];
    if (isHere && boundary.side === 'before') {
      dead = true;
      return forEver();
    }
    const answer = call();
    if (isHere) dead = true;
    // What comes of it is heard only by the living.
    const settled = await answer.then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    if (dead) return forEver();
    if ('error' in settled) throw settled.error;
    return settled.value;
  };
  const living = <T>(call: () => Promise<T>): Promise<T> => (dead ? forEver() : call().then((value) => (dead ? forEver<T>() : value)));

  const store = (inner: Store): Store => ({
    ...inner,
    async claim(request) {
      return through('claim', () => inner.claim(request));
    },
    commit(commit) {
      note(commit, seen);
      return through('commit', () => inner.commit(commit));
    },
    renew: (lease) => living(() => inner.renew(lease)),
    get: (partition, id) => living(() => inner.get(partition, id)),
    list: (query) => living(() => inner.list(query)),
    mail: (partition, reader) => living(() => inner.mail(partition, reader)),
    counts: (partition, ids) => living(() => inner.counts(partition, ids)),
    entries: (query) => living(() => inner.entries(query)),
  });

  const cluster = (inner: Cluster): Cluster => {
    const access = { ...inner.access };
    for (const verb of READS) Object.assign(access, { [verb]: (...given: never[]) => through('read', () => (inner.access[verb] as Asking)(...given)) });
    for (const verb of WRITES) Object.assign(access, { [verb]: (...given: never[]) => through('write', () => (inner.access[verb] as Asking)(...given)) });
    return { ...inner, access, uid: () => living(() => inner.uid()) };
  };

  return {
    store,
    cluster,
    counts: { commit: () => done.commit, claim: () => done.claim, write: () => done.write, read: () => done.read },
    seen,
    isDead: () => dead,
  };
}

type Asking = (...given: never[]) => Promise<unknown>;

function note(commit: Commit, seen: Set<string>): void {
  for (const change of commit.changes) {
    if (change.do !== 'put' || change.kind !== 'run') continue;
    const run = change.value as { readonly state: string; readonly waiting?: { readonly what: string } };
    seen.add(run.waiting === undefined ? run.state : `${run.state} ${run.waiting.what}`);
  }
}
