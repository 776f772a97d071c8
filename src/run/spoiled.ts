import { type Entry, findSpoiled } from '../model/entry.ts';
import { errorCode, errorText } from '../model/error.ts';
import type { Run } from '../model/run.ts';
import { listAll } from '../port/list-all.ts';
import type { Store } from '../port/store.ts';
import type { Engine } from './engine.ts';
import { readRun, readRuns } from './stored.ts';

const PAGE = 500;

/** `lastN`: the number of the last entry that stands there, whoever wrote it. */
type Spoiled = { readonly reason: string; readonly lastN: number };

export const spoiledWords = (reason: string): string =>
  `Its journal was changed by another hand: ${reason}. Nothing is written for it. Find out who writes to the store (salvor audit verify); then cancel this run and start it anew`;

/** What another hand did to the journal of a run that nobody drives at this moment; `tail`: only what the end of it shows, which costs one short read. */
export async function spoiledBy(
  store: Pick<Store, 'entries'>,
  run: Pick<Run, 'id' | 'cluster' | 'chain'>,
  how: 'whole' | 'tail',
): Promise<Spoiled | undefined> {
  const { id, cluster, chain } = run;
  const afterN = how === 'tail' ? Math.max(0, chain.n - 1) : 0;
  const lines: Entry[] = [];
  try {
    for (let page: readonly Entry[] | undefined; page === undefined || page.length === PAGE; lines.push(...page))
      page = await store.entries({ partition: cluster, of: id, afterN: lines.at(-1)?.n ?? afterN, limit: PAGE });
  } catch (error) {
    if (errorCode(error) !== 'store.damaged') throw error;
    return { reason: errorText(error), lastN: lines.at(-1)?.n ?? chain.n };
  }
  const last = lines.at(-1);
  const isWell = how === 'tail' && (chain.n === 0 ? last === undefined : lines.length === 1 && last?.n === chain.n && last.hash === chain.hash);
  if (isWell) return undefined;
  // Something is wrong with the end: what exactly, all of it says.
  if (how === 'tail') return spoiledBy(store, run, 'whole');
  const spoiled = findSpoiled(id, lines, chain);
  return spoiled && { reason: spoiled.reason, lastN: last?.n ?? 0 };
}

/** Tells each open run whose journal is not as it was written to look at it, so that people hear of it before it is about to write. */
export async function lookForSpoiled({ store, ids, log }: Pick<Engine, 'store' | 'ids' | 'log'>, cluster: string, stop: AbortSignal): Promise<void> {
  for (const { id } of readRuns(await listAll(store, { partition: cluster, kind: 'run', where: { open: 'yes' } }))) {
    if (stop.aborted) return;
    const before = await store.get(cluster, id);
    if (before === undefined) continue;
    const run = readRun(before);
    const spoiled = await spoiledBy(store, run, 'whole');
    // Somebody may have driven it meanwhile, and written what looks forged.
    if (spoiled === undefined || (await store.get(cluster, id))?.seq !== before.seq) continue;
    log.error('run.journal-spoiled', { runId: id, reason: spoiled.reason });
    const key = `look/${ids.next()}`;
    const mail = { do: 'mail', to: id, key, value: { kind: 'look', why: 'Its journal was changed by another hand' } } as const;
    await store.commit({ partition: cluster, opId: key, guards: [{ is: 'absent', id: key }], changes: [mail] });
  }
}
