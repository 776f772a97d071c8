import { errorText } from '../model/error.ts';
import { type Aside, type FindCache, findKey, foldBatch, type Part } from './fold-batch.ts';
import type { Find, Found, Intake } from './intake.ts';

/** The most alerts that one commit folds; a larger webhook is folded in parts, each with a reply of its own. */
export const MOST_ALERTS = 1000;

type Parts<Of> = {
  readonly parts: readonly Part<Of>[];
  /** Whether a part may wait and come again, when its finder fails; else people have to look themselves. */
  readonly mayWait?: (of: Of) => boolean;
};

/**
 * Folds parts of one cluster in few commits. Those whose playbook has to look around first are folded behind the others, so that a slow
 * cluster delays nobody else. Answers what has to come again.
 */
export async function foldParts<Of>(intake: Intake, cluster: string, { parts, mayWait = () => false }: Parts<Of>): Promise<readonly Of[]> {
  const finds: FindCache = new Map();
  const aside: Aside<Of>[] = [];
  for (const batch of batches(parts)) aside.push(...(await foldBatch(intake, cluster, { parts: batch, finds })));
  if (aside.length === 0) return [];
  const failed = await lookAround(intake, finds, aside);
  const waits: Of[] = [];
  const ready: Part<Of>[] = [];
  for (const { part, finds: wanted } of aside) {
    if (mayWait(part.of) && wanted.some((find) => failed.has(findKey(find)))) waits.push(part.of);
    else ready.push(part);
  }
  for (const batch of batches(ready)) await foldBatch(intake, cluster, { parts: batch, finds });
  return waits;
}

/** As many parts as one commit can hold. */
function batches<Of>(parts: readonly Part<Of>[]): readonly (readonly Part<Of>[])[] {
  const all: Part<Of>[][] = [];
  let room = 0;
  for (const part of parts) {
    if (part.alerts.length > room || all.length === 0) {
      all.push([]);
      room = MOST_ALERTS;
    }
    all.at(-1)?.push(part);
    room -= part.alerts.length;
  }
  return all;
}

/** Asks the finders, each question once, a few at a time; answers the questions that got no answer. */
async function lookAround(intake: Intake, finds: FindCache, aside: readonly Aside<unknown>[]): Promise<ReadonlySet<string>> {
  const questions = [...new Map(aside.flatMap(({ finds: wanted }) => wanted.map((find) => [findKey(find), find] as const)))];
  const failed = new Set<string>();
  const worker = async (): Promise<void> => {
    for (let next = questions.pop(); next !== undefined; next = questions.pop()) {
      const [key, find] = next;
      const found = await ask(intake, find);
      finds.set(key, found);
      if ('failed' in found) failed.add(key);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return failed;
}

/** A finder is foreign code: whatever it throws is an answer that did not come. */
export async function ask(intake: Intake, find: Find): Promise<Found> {
  try {
    return await intake.findTargets(find);
  } catch (error) {
    intake.log.warn('find.failed', { playbook: find.playbook.id, cluster: find.cluster, reason: errorText(error) });
    return { failed: errorText(error) };
  }
}
