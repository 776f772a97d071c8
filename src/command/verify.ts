import { type ChainHead, type Entry, findSpoiled, type Spoiled } from '../model/entry.ts';
import { listAll } from '../port/list-all.ts';
import type { Store, StoredRecord } from '../port/store.ts';
import type { AuditReport } from '../port/view/operation.ts';
import { readRuns } from '../run/stored.ts';
import { incidentOf, readJournal } from './read.ts';
import { auditHead, auditJournal, type Seal, sealsOf } from './seal.ts';
import { PAUSE_HEAD, PAUSE_JOURNAL, readHead } from './switch-journal.ts';

const MOST_PROBLEMS = 200;
/** A journal is sealed a little after its last entry, and pruned by the time of that entry. */
const LATE_MS = 3_600_000;
const TRIES = 5;

/** A journal and where it has to stand: `head` is in a record that its one writer stores together with the entries; `updatedMs` is when it last did, where that is known. */
export type Journal = { readonly partition: string; readonly of: string; readonly headIn: string; readonly updatedMs?: number };

/**
 * Reads every journal and tells which are not as they were written: entries that were changed, dropped, swapped or appended by another hand, a tail or
 * a whole journal that was cut off. What was sealed by `sealAudit` cannot be rewritten unseen, not even together with its record.
 */
export async function verifyAudit(store: Store, { keptSinceMs = 0 }: { readonly keptSinceMs?: number | undefined } = {}): Promise<AuditReport> {
  const problems: AuditReport['problems'][number][] = [];
  let [journals, entries, sealed] = [0, 0, 0];
  for (const partition of await store.partitions()) {
    const seals = sealsByJournal(sealsOf(await readJournal(store, { partition, of: auditJournal(partition) })));
    const seen = new Set<string>();
    for (const journal of await journalsOf(store, partition)) {
      seen.add(journal.of);
      const { lines, head } = await readWithHead(store, journal);
      if (head === undefined) {
        problems.push({ cluster: partition, journal: journal.of, reason: 'its record holds no run: another hand wrote it' });
        continue;
      }
      if (lines.length === 0 && head.n === 0) continue;
      journals += 1;
      entries += lines.length;
      const own = seals.get(journal.of) ?? [];
      if (own.length > 0) sealed += 1;
      const problem = problemOf(journal.of, { lines, head, seals: own });
      if (problem !== undefined) problems.push({ cluster: partition, journal: journal.of, ...problem });
    }
    for (const [of, own] of seals) {
      const last = own.at(-1);
      if (seen.has(of) || last === undefined || last.atMs < keptSinceMs + LATE_MS) continue;
      problems.push({ cluster: partition, journal: of, reason: `the whole journal is missing; ${last.n} entries were sealed` });
    }
  }
  return { ok: problems.length === 0, journals, entries, sealed, problems: problems.slice(0, MOST_PROBLEMS) };
}

/** Every journal of a partition. */
export async function journalsOf(store: Store, partition: string): Promise<readonly Journal[]> {
  const runs = await listAll(store, { partition, kind: 'run' });
  const incidents = await listAll(store, { partition, kind: 'incident' });
  const own = [...runs, ...incidents].map(({ id, updatedMs }) => ({ partition, of: id, headIn: id, updatedMs }));
  return [...own, { partition, of: PAUSE_JOURNAL, headIn: PAUSE_HEAD }, { partition, of: auditJournal(partition), headIn: auditHead(partition) }];
}

/** Entries and head as of one moment: work may go on meanwhile. */
async function readWithHead(
  store: Store,
  { partition, of, headIn }: Journal,
): Promise<{ readonly lines: readonly Entry[]; readonly head: ChainHead | undefined }> {
  for (let attempt = 0; ; attempt += 1) {
    const before = await store.get(partition, headIn);
    const lines = await readJournal(store, { partition, of });
    const after = await store.get(partition, headIn);
    if (before?.seq === after?.seq || attempt >= TRIES) return { lines, head: headOf(after) };
  }
}

/** Undefined for a record that is not what it says. */
function headOf(record: StoredRecord | undefined): ChainHead | undefined {
  if (record?.kind === 'run') return readRuns([record])[0]?.chain;
  if (record?.kind === 'incident') return incidentOf(record).chain;
  return readHead(record?.value);
}

type Checked = { readonly lines: readonly Entry[]; readonly head: ChainHead; readonly seals: readonly Seal[] };

/** The first thing that is wrong with one journal. */
export function problemOf(of: string, { lines, head, seals }: Checked): Spoiled | undefined {
  const spoiled = findSpoiled(of, lines, head);
  if (spoiled !== undefined) return spoiled;
  for (const seal of seals) {
    if (lines.length < seal.n) return { n: lines.length + 1, reason: `the tail was cut off: ${seal.n} entries were sealed, ${lines.length} are left` };
    if (lines[seal.n - 1]?.hash !== seal.hash) return { n: seal.n, reason: `entry ${seal.n} or one before it is not the one that was sealed` };
  }
  return undefined;
}

function sealsByJournal(seals: readonly Seal[]): ReadonlyMap<string, readonly Seal[]> {
  const byJournal = new Map<string, Seal[]>();
  for (const seal of seals) {
    const own = byJournal.get(seal.journal);
    if (own === undefined) byJournal.set(seal.journal, [seal]);
    else own.push(seal);
  }
  return byJournal;
}
