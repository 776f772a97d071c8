import type { ListQuery, PruneRequest, RecordKind, StoredRecord } from '../../port/store.ts';
import { type Place, readCursor, writeCursor } from '../cursor.ts';
import { readRecord } from '../texts.ts';
import { placeOf, readPlace, wellFormed } from './keys.ts';
import { keyOf, type OpenRedis } from './open-redis.ts';
import { FIELDS, recordIn } from './records.ts';
import { listIn, numberIn, textsIn } from './reply.ts';
import { PRUNE, SELECT } from './script.ts';

type Filter = readonly [field: string, values: readonly string[]];
type Walk = {
  readonly partition: string;
  readonly kind: RecordKind;
  /** What is walked: all of the kind, or those with one value of a field. */
  readonly source: string;
  readonly others: readonly Filter[];
  readonly newestFirst: boolean;
  readonly from: string;
};

/** A script looks at so many places at once, so that nobody else waits long. */
const PAGE = 500;
/** Clocks do not go back further between a record's creation and its last put. */
const CLOCK_MS = 3_600_000;

/** One page of records of a kind, by age. */
export async function list(store: OpenRedis, query: ListQuery): Promise<{ readonly records: readonly StoredRecord[]; readonly cursor?: string }> {
  const { kind, limit, newestFirst = false } = query;
  const after = query.cursor === undefined ? undefined : readCursor(query.cursor);
  const partitions = query.partition === undefined ? await store.partitions.all() : [query.partition];
  const [leading, others] = filtersOf(query.where);
  const sources = leading === undefined ? [`k:${kind}`] : leading[1].map((value) => `f:${kind}:${leading[0]}:${value}`);
  const walks = partitions.flatMap((partition) =>
    sources.map((source) => ({ partition, kind, source, others, newestFirst, from: boundOf({ partition, newestFirst, after }) })),
  );
  const found = (await Promise.all(walks.map((walk) => gather(store, walk, limit + 1)))).flat();
  const sign = newestFirst ? -1 : 1;
  const places = found.toSorted((a, b) => sign * comparePlaces(a, b)).slice(0, limit);
  const records = await readAll(store, places);
  const last = places.at(-1);
  return { records, ...(last !== undefined && found.length > places.length ? { cursor: writeCursor(last) } : {}) };
}

/** Removes records that nobody put for long, the oldest first, with their mail and journals; a few hundred at a time. */
export async function prune(store: OpenRedis, { partition, kind, where, updatedBeforeMs, keep = [], limit }: PruneRequest): Promise<number> {
  const [leading, others] = filtersOf(where);
  const filters = leading === undefined ? others : [leading, ...others];
  const kept = new Set(keep);
  const walk = { partition, kind, source: `k:${kind}`, others: filters, newestFirst: false };
  let removed = 0;
  for (let from: string | undefined = '-'; from !== undefined && removed < limit; ) {
    const page: Page = await pageOf(store, { ...walk, from }, PAGE);
    const ids = page.places.map(({ id }) => id).filter((id) => !kept.has(id));
    const args = [store.time.forScript(), kind, updatedBeforeMs, limit - removed, ...ids];
    if (ids.length > 0) removed += numberIn(listIn(await store.work.run(PRUNE, [keyOf(store, partition), ...args]))[0]);
    // Who was made later was put later.
    const isPast = (page.places.at(-1)?.createdMs ?? 0) > updatedBeforeMs + CLOCK_MS;
    from = isPast ? undefined : page.next;
  }
  if (removed > 0) store.hints.happened(new Map());
  return removed;
}

/** The field with the fewest values leads; the others only check what it finds. */
function filtersOf(where: ListQuery['where'] = {}): readonly [Filter | undefined, readonly Filter[]] {
  const filters = Object.entries(where).map(
    ([field, values]): Filter => [field, [...new Set((typeof values === 'string' ? [values] : values).map(wellFormed))]],
  );
  const [leading, ...others] = filters.toSorted(([, a], [, b]) => a.length - b.length);
  return [leading, others];
}

type Page = { readonly places: readonly Place[]; readonly next: string | undefined };

async function gather(store: OpenRedis, walk: Walk, most: number): Promise<readonly Place[]> {
  const found: Place[] = [];
  for (let from: string | undefined = walk.from; from !== undefined && found.length < most; ) {
    const page: Page = await pageOf(store, { ...walk, from }, most - found.length);
    found.push(...page.places);
    from = page.next;
  }
  return found;
}

async function pageOf(store: OpenRedis, { partition, kind, source, others, newestFirst, from }: Walk, most: number): Promise<Page> {
  const filters = others.flatMap(([field, values]) => [field, values.length, ...values]);
  const args = [store.time.forScript(), source, from, newestFirst ? 1 : '', PAGE, most, kind, others.length, ...filters];
  const [last = '', ...places] = textsIn(await store.work.run(SELECT, [keyOf(store, partition), ...args]));
  return { places: places.map((place) => ({ ...readPlace(place), partition })), next: last === '' ? undefined : `(${last}` };
}

/** Where a list of one partition goes on behind a place of any: lists go by creation, then partition, then id. */
function boundOf({ partition, newestFirst, after }: { readonly partition: string; readonly newestFirst: boolean; readonly after: Place | undefined }): string {
  if (after === undefined) return newestFirst ? '+' : '-';
  if (partition === after.partition) return `(${placeOf(after.createdMs, after.id)}`;
  // All of this partition that were made in the same ms come after that place, or all of them before it.
  const isLater = partition > after.partition;
  if (newestFirst) return `(${placeOf(isLater ? after.createdMs : after.createdMs + 1, '')}`;
  return `[${placeOf(isLater ? after.createdMs : after.createdMs + 1, '')}`;
}

async function readAll(store: OpenRedis, places: readonly Place[]): Promise<readonly StoredRecord[]> {
  const replies = await Promise.all(places.map(({ partition, id }) => store.work.ask('hmget', `${keyOf(store, partition)}:r:${id}`, ...FIELDS)));
  return replies.flatMap((reply, at) => {
    const place = places[at];
    const record = place === undefined ? undefined : recordIn(place.partition, place.id, reply);
    return record === undefined ? [] : [readRecord(record)];
  });
}

function comparePlaces(a: Place, b: Place): number {
  return a.createdMs - b.createdMs || compareText(a.partition, b.partition) || compareText(a.id, b.id);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
