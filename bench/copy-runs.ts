import type { Json } from '../src/model/json.ts';
import { listAll } from '../src/port/list-all.ts';
import type { Change, RecordKind, Store, StoredRecord } from '../src/port/store.ts';
import { closedLoop } from './sender.ts';

/** What one finished run leaves behind, beside what is counted. */
const KINDS: readonly RecordKind[] = ['run', 'incident', 'episode', 'lane'];
const WRITERS = 64;

type Original = Pick<StoredRecord, 'partition' | 'id' | 'kind' | 'version' | 'indexed' | 'value'> & { readonly entries: Awaited<ReturnType<Store['entries']>> };

/**
 * Writes every finished run of the store again, so many times, with its incident, episodes and journals, each copy under names of its own. Copies are
 * not linked by their hashes as real ones are: they weigh the same, and nothing but that is asked of them.
 */
export async function copyRuns(store: Store, { times, tell }: { readonly times: number; readonly tell: (text: string) => void }): Promise<void> {
  const originals: Original[] = [];
  for (const kind of KINDS)
    for (const { partition, id, version, indexed, value } of await listAll(store, { kind }))
      originals.push({ partition, id, kind, version, indexed, value, entries: await store.entries({ partition, of: id }) });
  const every = Math.max(1, Math.floor(times / 4));
  for (let copy = 1; copy <= times; copy += 1) {
    await closedLoop(WRITERS, originals.length, (turn) => writeCopy(store, originals[turn], copy));
    if (copy % every === 0) tell(`copy ${copy} of ${times}`);
  }
}

async function writeCopy(store: Store, original: Original | undefined, copy: number): Promise<void> {
  if (original === undefined) return;
  const { partition, kind, version, entries } = original;
  const renamed = <T extends Json>(text: T): T => JSON.parse(rename(JSON.stringify(text), copy));
  const id = rename(original.id, copy);
  const changes: Change[] = [{ do: 'put', id, kind, version, indexed: renamed(original.indexed), value: renamed(original.value) }];
  if (entries.length > 0) changes.push({ do: 'append', of: id, entries: entries.map((entry) => ({ ...entry, data: renamed(entry.data) })) });
  const result = await store.commit({ partition, opId: `copy-${copy}-${id}`, guards: [{ is: 'absent', id }], changes });
  if (result.kind !== 'done') throw new Error(`the copy of ${original.id} was ${result.kind}`);
}

/** Ids are made of digests: each becomes another one of the same length, the same everywhere. */
function rename(text: string, copy: number): string {
  const mark = copy.toString(16).padStart(4, '0');
  return text.replaceAll(/\b(run|incident|episode)\/([0-9a-f]{4})/g, `$1/${mark}`);
}
