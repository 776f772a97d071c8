import type { Json } from '../src/model/json.ts';
import { listAll } from '../src/port/list-all.ts';
import type { Change, RecordKind, Store, StoredRecord } from '../src/port/store.ts';
import { closedLoop } from './sender.ts';

/** What one finished run leaves behind, beside what is counted. */
const KINDS: readonly RecordKind[] = ['run', 'incident', 'episode', 'lane'];
const WRITERS = 16;
/** Records of one commit. */
const TOGETHER = 25;

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
  const parts = [...Map.groupBy(originals, ({ partition }) => partition).values()].flatMap((own) =>
    Array.from({ length: Math.ceil(own.length / TOGETHER) }, (_, at) => own.slice(at * TOGETHER, (at + 1) * TOGETHER)),
  );
  const every = Math.max(1, Math.floor(times / 4));
  for (let copy = 1; copy <= times; copy += 1) {
    await closedLoop(WRITERS, parts.length, (turn) => writeCopies(store, parts[turn] ?? [], copy));
    if (copy % every === 0) tell(`copy ${copy} of ${times}`);
  }
}

async function writeCopies(store: Store, originals: readonly Original[], copy: number): Promise<void> {
  const [first] = originals;
  if (first === undefined) return;
  const id = rename(first.id, copy);
  const changes = originals.flatMap((original) => changesOf(original, copy));
  const { kind } = await store.commit({ partition: first.partition, opId: `copy-${copy}-${id}`, guards: [{ is: 'absent', id }], changes });
  if (kind !== 'done') throw new Error(`the copy of ${first.id} was ${kind}`);
}

function changesOf({ id: of, kind, version, indexed, value, entries }: Original, copy: number): readonly Change[] {
  const renamed = <T extends Json>(json: T): T => JSON.parse(rename(JSON.stringify(json), copy));
  const id = rename(of, copy);
  const put: Change = { do: 'put', id, kind, version, indexed: renamed(indexed), value: renamed(value) };
  return entries.length === 0 ? [put] : [put, { do: 'append', of: id, entries: entries.map((entry) => ({ ...entry, data: renamed(entry.data) })) }];
}

/** Ids are made of digests: each becomes another one of the same length, the same everywhere. */
function rename(text: string, copy: number): string {
  const mark = copy.toString(16).padStart(4, '0');
  return text.replaceAll(/\b(run|incident|episode)\/([0-9a-f]{4})/g, `$1/${mark}`);
}
