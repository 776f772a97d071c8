import type { Commit, CommitResult, Guard } from '../../port/store.ts';
import { type ChangeTexts, commitTexts } from '../texts.ts';
import { wellFormed } from './keys.ts';
import { keyOf, type OpenRedis, wokenIn } from './open-redis.ts';
import { entryText } from './records.ts';
import { listIn, numberIn, textIn } from './reply.ts';
import { COMMIT } from './script.ts';

type Args = readonly (string | number)[];

/** The port's commit, as one script on one partition. What journals something waits for the replicas where that is asked for. */
export async function commit(store: OpenRedis, made: Commit): Promise<CommitResult> {
  const { partition, opId, guards, changes } = commitTexts(made);
  if (changes.length > 0) await store.partitions.enter(partition);
  const opIdJson = JSON.stringify(opId);
  const args = [
    store.time.forScript(),
    store.time.callerMs(),
    store.attempt(),
    opId,
    opIdJson,
    guards.length,
    ...guards.flatMap(guardArgs),
    changes.length,
    ...changes.flatMap((change) => changeArgs(change, opIdJson)),
  ];
  const isIntent = changes.some((change) => change.do === 'append');
  const link = isIntent ? store.journal : store.work;
  const [kind, ...rest] = listIn(await link.run(COMMIT, [keyOf(store, partition), ...args], isIntent ? store.wait : undefined));
  switch (textIn(kind)) {
    case 'fenced':
      return refused('fenced', guards[numberIn(rest[0])]);
    case 'full':
      return refused('full', guards[numberIn(rest[0])]);
    case 'conflict':
      return refused('conflict', guards[numberIn(rest[0])]);
    default:
      if (changes.length > 0) store.hints.happened(wokenIn(store, rest));
      return { kind: 'done' };
  }
}

function refused(kind: 'fenced' | 'conflict' | 'full', guard: Guard | undefined): CommitResult {
  return guard === undefined ? { kind } : { kind, guard };
}

function guardArgs(guard: Guard): Args {
  switch (guard.is) {
    case 'absent':
      return ['absent', guard.id];
    case 'seq':
      return ['seq', guard.id, guard.seq];
    case 'held':
      return ['held', guard.id, guard.epoch, guard.seq];
    case 'room':
      return ['room', guard.count, guard.add, guard.limit];
  }
}

function changeArgs(change: ChangeTexts, opIdJson: string): Args {
  switch (change.do) {
    case 'put': {
      const { id, kind, version = 1, dueMs, release, indexed, value } = change;
      return ['put', id, kind, version, dueMs ?? '', release === true ? 1 : '', indexedText(indexed), value];
    }
    case 'delete':
      return ['delete', change.id];
    case 'append':
      return ['append', change.of, change.entries.length, ...change.entries.flatMap((entry) => [entry.n, entryText(entry, opIdJson)])];
    case 'count':
      return ['count', change.id, change.add];
    case 'mail':
      return ['mail', change.to, change.key, change.value];
    case 'read':
      return ['read', change.reader, change.upTo];
    case 'wake':
      return ['wake', change.id, change.atMs ?? ''];
  }
}

/** Indexed fields are read by scripts, whose JSON knows no lone surrogates. */
export function indexedText(indexed: string): string {
  if (!indexed.includes('\\ud')) return indexed;
  return JSON.stringify(JSON.parse(indexed, (_, value: unknown) => (typeof value === 'string' ? wellFormed(value) : value)));
}
