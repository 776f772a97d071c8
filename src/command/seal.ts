import { type ChainHead, chain, type Entry, type EntryDraft } from '../model/entry.ts';
import { isObject } from '../model/json.ts';
import type { Clock } from '../port/clock.ts';
import type { Ids } from '../port/ids.ts';
import type { Guard, Store } from '../port/store.ts';
import { readRuns } from '../run/stored.ts';
import { liveRecords } from './live.ts';
import { incidentOf, readJournal } from './read.ts';
import { PAUSE_HEAD, PAUSE_JOURNAL, readHead } from './switch-journal.ts';

/** A journal's line must stay small; a storm seals in several. */
const HEADS_AT_ONCE = 100;
const TRIES = 4;

export const auditJournal = (cluster: string): string => `audit/${cluster}`;
export const auditHead = (cluster: string): string => `slot/audit/${cluster}`;

type SealDeps = { readonly store: Store; readonly clock: Clock; readonly ids: Ids };
type Sealer = { readonly runs: ReturnType<typeof liveRecords>; readonly incidents: ReturnType<typeof liveRecords>; sealed: Map<string, number> | undefined };

/**
 * Seals a cluster's journals: the heads of those that grew since the last seal are appended to the cluster's own audit journal, which is chained like
 * any other. So an entry, or a whole journal, cannot be changed later without changing every seal behind it. The answer counts the heads.
 * Called every few seconds and when the server stops; the first call for a cluster looks at everything, also at what grew while nothing ran.
 */
export function sealAudit(deps: SealDeps): (cluster: string) => Promise<number> {
  const sealers = new Map<string, Sealer>();
  return async (cluster) => {
    const sealer = sealers.get(cluster) ?? {
      runs: liveRecords(deps, { kind: 'run', partition: cluster }),
      incidents: liveRecords(deps, { kind: 'incident', partition: cluster }),
      sealed: undefined,
    };
    sealers.set(cluster, sealer);
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const count = await trySeal(deps, cluster, sealer);
      if (count !== undefined) return count;
      // Another replica sealed meanwhile: read what it did.
      sealer.sealed = undefined;
    }
    return 0;
  };
}

async function trySeal(deps: SealDeps, cluster: string, sealer: Sealer): Promise<number | undefined> {
  const { store, clock, ids } = deps;
  const slot = await store.get(cluster, auditHead(cluster));
  const all = sealer.sealed === undefined;
  const sealed = sealer.sealed ?? lastSealed(await readJournal(store, { partition: cluster, of: auditJournal(cluster) }));
  sealer.sealed = sealed;
  const heads = new Map<string, ChainHead>();
  for (const { id, chain: head } of readRuns(await sealer.runs({ all }))) heads.set(id, head);
  for (const record of await sealer.incidents({ all })) heads.set(record.id, incidentOf(record).chain);
  heads.set(PAUSE_JOURNAL, readHead((await store.get(cluster, PAUSE_HEAD))?.value));

  const grown = [...heads].filter(([id, head]) => head.n > (sealed.get(id) ?? 0)).sort(([a], [b]) => (a < b ? -1 : 1));
  if (grown.length === 0) return 0;
  const drafts: EntryDraft[] = [];
  for (let first = 0; first < grown.length; first += HEADS_AT_ONCE) {
    const part = grown.slice(first, first + HEADS_AT_ONCE).map(([id, { n, hash }]) => [id, { n, hash }] as const);
    drafts.push({ type: 'audit.sealed', atMs: clock.nowMs(), data: { heads: Object.fromEntries(part) } });
  }
  const { entries, head } = chain(auditJournal(cluster), readHead(slot?.value), drafts);
  const guard: Guard = slot === undefined ? { is: 'absent', id: auditHead(cluster) } : { is: 'seq', id: auditHead(cluster), seq: slot.seq };
  const result = await store.commit({
    partition: cluster,
    opId: ids.next(),
    guards: [guard],
    changes: [
      { do: 'append', of: auditJournal(cluster), entries },
      { do: 'put', id: auditHead(cluster), kind: 'slot', value: { chain: head } },
    ],
  });
  if (result.kind !== 'done') return undefined;
  for (const [id, { n }] of grown) sealed.set(id, n);
  return grown.length;
}

export type Seal = { readonly journal: string; readonly n: number; readonly hash: string; readonly atMs: number };

/** Every head that was ever sealed, oldest first. */
export function sealsOf(entries: readonly Entry[]): readonly Seal[] {
  return entries.flatMap(({ type, data, atMs }) => {
    const { heads } = data;
    if (type !== 'audit.sealed' || !isObject(heads)) return [];
    return Object.entries(heads).flatMap(([journal, head]) => {
      if (!isObject(head) || typeof head['n'] !== 'number' || typeof head['hash'] !== 'string') return [];
      return [{ journal, n: head['n'], hash: head['hash'], atMs }];
    });
  });
}

function lastSealed(entries: readonly Entry[]): Map<string, number> {
  return new Map(sealsOf(entries).map(({ journal, n }) => [journal, n]));
}
