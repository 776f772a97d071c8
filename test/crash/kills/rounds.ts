import { systemClock } from '../../../src/port/clock.ts';
import type { Ids } from '../../../src/port/ids.ts';
import type { Salvor } from '../../e2e/stage/salvor.ts';
import { until } from '../../e2e/stage/until.ts';
import type { Ground } from './ground.ts';
import { missing } from './judge.ts';
import type { Load } from './load.ts';

/** How a round ends: in the middle of work, while it starts, while it drains, between a reply and its reader, or frozen longer than a lease. */
export const WAYS = ['at work', 'at start', 'at drain', 'at a reply', 'frozen'] as const;
export type Way = (typeof WAYS)[number];

/** Of a hundred rounds so many end in each way; a frozen one takes nine seconds. */
const SHARE: { readonly [W in Way]: number } = { 'at work': 50, 'at start': 16, 'at drain': 16, 'at a reply': 16, frozen: 2 };

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export function drawWay(ids: Ids): Way {
  let left = ids.random() * 100;
  return WAYS.find((way) => (left -= SHARE[way]) < 0) ?? 'at work';
}

/** On a machine with nothing else to do a start takes this long, and so does the work of a run between two waits. */
export const START_MS = 1500;

/**
 * Starts Salvor and ends it by a kill -9, in this way. `paceMs`: how long its last start took; a machine that is busy needs longer for all of it. Answers
 * how long this one took, where it came so far.
 */
export async function killOnce({ site, program }: Ground, way: Way, { ids, paceMs }: { readonly ids: Ids; readonly paceMs: number }): Promise<number> {
  const random = (mostMs: number): number => Math.floor((ids.random() * mostMs * paceMs) / START_MS);
  let tookMs = paceMs;
  const beganMs = systemClock.monotonicMs();
  const starting = site.start();
  if (way === 'at start') {
    starting.catch(() => undefined);
    // A start is mostly loading code: the store is opened behind half a second of it.
    await Promise.race([sleep(random(START_MS)), starting]);
  } else {
    // On a machine that is busy with other things it may not listen in time: then this, too, is a kill at the start.
    const listens = await starting.then(
      () => true,
      (error: unknown) => {
        if (!program().isRunning()) throw error;
        return false;
      },
    );
    tookMs = Math.max(START_MS, systemClock.monotonicMs() - beganMs);
    if (listens) await pass(way);
  }
  const { signal, ended } = program();
  signal('SIGKILL');
  await ended;
  await starting.catch(() => undefined);
  return tookMs;

  async function pass(how: Exclude<Way, 'at start'>): Promise<void> {
    switch (how) {
      case 'at work':
        return sleep(random(START_MS));
      case 'at drain':
        await sleep(random(800));
        program().signal('SIGTERM');
        return sleep(random(150));
      case 'at a reply':
        // The line knows of an answer before whoever waits for it; that is most often a 200.
        return Promise.race([new Promise<void>((resolve) => site.line.nextAnswer(() => resolve())), sleep(paceMs)]);
      case 'frozen':
        await sleep(random(800));
        program().signal('SIGSTOP');
        await sleep(8000);
        program().signal('SIGCONT');
        return sleep(random(500));
    }
  }
}

/** Starts Salvor for good, and waits until everything is through, or something acknowledged is known to be lost: that is never through. */
export async function untilThrough({ site }: Ground, load: Pick<Load, 'open' | 'stuck' | 'sent'>, withinMs: number): Promise<Salvor> {
  const salvor = await site.start();
  const isThrough = async (): Promise<boolean> => load.open() === 0 || (await missing(salvor.api, load)).length > 0;
  await until('everything is through', isThrough, { withinMs, everyMs: 100 }).catch(async (error: unknown) => {
    throw new Error(`not through: ${(await load.stuck()).join('; ')}`, { cause: error });
  });
  await until('nothing is pending', async () => (await salvor.api.ledger()).pending === 0);
  return salvor;
}
