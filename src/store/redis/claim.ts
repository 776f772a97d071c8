import { type Claimed, type ClaimRequest, MOST_MAIL } from '../../port/store.ts';
import { inTurns, PARTITIONS } from '../in-turns.ts';
import { kindNamed } from '../kinds.ts';
import { readRecord } from '../texts.ts';
import { readPlace } from './keys.ts';
import { keyOf, type OpenRedis } from './open-redis.ts';
import { mailIn, recordIn } from './records.ts';
import { groupsOf, listIn, numberIn, type Reply, textIn } from './reply.ts';
import { LOOK, TAKE } from './script.ts';

type Ready = { readonly partition: string; readonly kind: string; readonly id: string; readonly createdMs: number; readonly dueMs: number };
type Look = {
  readonly ready: readonly Ready[];
  readonly turns: ReadonlyMap<string, readonly Ready[]>;
  readonly nextMs: number | undefined;
  readonly nowMs: number;
};
type Answer = { readonly claimed: readonly Claimed[]; readonly nextMs?: number };

/** Whose turn it was last, by indexed field; each process has its own. */
export type Turns = Map<string, string>;

/**
 * Takes due records of all partitions: each tells what is ready, the choice among them is made here, and each hands over what was chosen and is
 * still free. What another replica took in between is not ours, and no harm is done.
 */
export async function claim(store: OpenRedis, request: ClaimRequest, turns: Turns): Promise<Answer> {
  const looks = await lookEverywhere(store, request);
  const ready = looks.flatMap((look) => look.ready).toSorted((a, b) => a.dueMs - b.dueMs || byAge(a, b));
  const chosen = choose(request, { ready, looks }, turns);
  const claimed = await take(store, request, chosen);
  noteTurn(turns, request, claimed);
  const isCut = request.mostBytes !== undefined && claimed.length < chosen.length;
  const leftovers = isCut || ready.length > chosen.length;
  const ends = claimed.map(({ record }) => Math.max(record.dueMs ?? 0, record.leaseUntilMs ?? 0));
  const times = leftovers ? looks.map((look) => look.nowMs) : [...looks.flatMap((look) => look.nextMs ?? []), ...ends];
  return { claimed, ...(times.length === 0 ? {} : { nextMs: store.time.toCaller(Math.min(...times)) }) };
}

/** Looks at the partitions that were known and asks which there are, at once; then at those that were not known. */
async function lookEverywhere(store: OpenRedis, request: ClaimRequest): Promise<readonly Look[]> {
  const { known } = store.partitions;
  const look = (partition: string): Promise<Look> => lookAt(store, request, partition);
  const [all, looks] = await Promise.all([store.partitions.all(), Promise.all(known.map(look))]);
  const others = all.filter((partition) => !known.includes(partition));
  return [...looks, ...(await Promise.all(others.map(look)))];
}

async function lookAt(store: OpenRedis, request: ClaimRequest, partition: string): Promise<Look> {
  const { leaseMs, inTurnBy = '' } = request;
  // One more than is wanted says whether something is left; whoever comes in turn is taken twice into account.
  const most = inTurnBy === '' ? request.limit + 1 : 2 * request.limit + 1;
  const args = [store.time.forScript(), leaseMs, most, inTurnBy, ...new Set(request.kinds)];
  const [now, next, ready, turns] = listIn(await store.work.run(LOOK, [keyOf(store, partition), ...args]));
  const read = ([kind, place, due]: readonly Reply[]): Ready => ({ partition, kind: textIn(kind), ...readPlace(textIn(place)), dueMs: numberIn(due) });
  const groups = new Map<string, Ready[]>();
  for (const [value, ...one] of groupsOf(listIn(turns), 4)) groups.set(textIn(value), [...(groups.get(textIn(value)) ?? []), read(one)]);
  const nowMs = numberIn(now);
  store.time.learn(nowMs);
  return { ready: groupsOf(listIn(ready), 3).map(read), turns: groups, nowMs, nextMs: next === '' ? undefined : numberIn(next) };
}

function choose(
  { limit, inTurnBy }: ClaimRequest,
  { ready, looks }: { readonly ready: readonly Ready[]; readonly looks: readonly Look[] },
  turns: Turns,
): readonly Ready[] {
  const byPartition = (those: readonly Ready[]): readonly Ready[] =>
    inTurns(
      Map.groupBy(those, ({ partition }) => partition),
      { after: turns.get(PARTITIONS), limit },
    );
  if (inTurnBy === undefined) return byPartition(ready);
  const groups = new Map<string, Ready[]>();
  for (const [value, members] of looks.flatMap((look) => [...look.turns])) groups.set(value, [...(groups.get(value) ?? []), ...members].toSorted(byAge));
  const picked = inTurns(groups, { after: turns.get(inTurnBy), limit });
  const taken = new Set(picked.map(nameOf));
  return [...picked, ...byPartition(ready.filter((one) => !taken.has(nameOf(one))))].slice(0, limit);
}

/** Keeps in mind whose turn it was last. */
function noteTurn(turns: Turns, { inTurnBy: field }: ClaimRequest, claimed: readonly Claimed[]): void {
  const groupOf = ({ record }: Claimed): string | undefined => (field === undefined ? record.partition : record.indexed[field]);
  const last = claimed.findLast((one) => groupOf(one) !== undefined);
  if (last !== undefined) turns.set(field ?? PARTITIONS, groupOf(last) ?? '');
}

async function take(store: OpenRedis, { owner, leaseMs, mostBytes = 0 }: ClaimRequest, chosen: readonly Ready[]): Promise<readonly Claimed[]> {
  const partitions = [...new Set(chosen.map(({ partition }) => partition))];
  const taken = await Promise.all(
    partitions.map(async (partition) => {
      const own = chosen.filter((one) => one.partition === partition);
      const args = [store.time.forScript(), owner, leaseMs, MOST_MAIL, store.attempt(), mostBytes, ...own.flatMap(({ kind, id }) => [kindNamed(kind), id])];
      return listIn(await store.work.run(TAKE, [keyOf(store, partition), ...args])).flatMap((reply) => claimedIn(partition, listIn(reply)));
    }),
  );
  const byName = new Map(taken.flat().map((one) => [nameOf(one.record), one]));
  return chosen.flatMap((one) => byName.get(nameOf(one)) ?? []);
}

function claimedIn(partition: string, [fields, mail]: readonly Reply[]): readonly Claimed[] {
  const words = listIn(fields);
  const id = textIn(words.at(-1));
  const record = recordIn(partition, id, words);
  return record === undefined ? [] : [{ record: readRecord(record), mail: mailIn(id, mail) }];
}

function nameOf({ partition, id }: { readonly partition: string; readonly id: string }): string {
  return `${partition} ${id}`;
}

function byAge(a: Ready, b: Ready): number {
  return a.createdMs - b.createdMs || compareText(a.partition, b.partition) || compareText(a.id, b.id);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
