import type { Clock } from '../../port/clock.ts';
import type { RecordKind } from '../../port/store.ts';
import { kindNamed } from '../kinds.ts';
import type { StoreLimits } from '../limits.ts';
import type { Hints } from './hints.ts';
import { partitionKey } from './keys.ts';
import type { Link, Wait } from './link.ts';
import type { Partitions } from './partitions.ts';
import type { Reply } from './reply.ts';
import { groupsOf, numberIn, textIn } from './reply.ts';

/** What the operations of the Redis store work with. */
export type OpenRedis = {
  readonly prefix: string;
  /** Separate connections: a burst of large webhooks delays no renewal, nor does a commit that waits for replicas. */
  readonly intake: Link;
  readonly work: Link;
  readonly journal: Link;
  readonly wait: Wait;
  readonly limits: Pick<StoreLimits, 'inbox'>;
  readonly partitions: Partitions;
  readonly hints: Hints;
  readonly time: StoreTime;
  /** A name that no other attempt has. */
  readonly attempt: () => string;
};

/** No answer takes so long: a clock was set. */
const JUMP_MS = 5000;

/** The store's time is Redis's own; a test may set it instead. */
export class StoreTime {
  readonly #clock: Clock;
  readonly #isSet: boolean;
  #aheadMs = 0;

  constructor(clock: Clock, set: Clock | undefined) {
    this.#clock = set ?? clock;
    this.#isSet = set !== undefined;
  }

  /** What a script takes as its time: empty means that it asks Redis. */
  forScript(): string {
    return this.#isSet ? String(this.#clock.nowMs()) : '';
  }

  callerMs(): number {
    return this.#clock.nowMs();
  }

  /** Learns how far Redis's clock is ahead of ours. An answer that was long on its way makes it look less: the quickest one knows best. */
  learn(redisMs: number): void {
    const seenMs = this.#isSet ? 0 : redisMs - this.#clock.nowMs();
    this.#aheadMs = Math.abs(seenMs - this.#aheadMs) > JUMP_MS ? seenMs : Math.max(seenMs, this.#aheadMs - 1);
  }

  get aheadMs(): number {
    return this.#aheadMs;
  }

  /** A time of Redis as our clock will show it. */
  toCaller(redisMs: number): number {
    return redisMs - this.#aheadMs;
  }
}

export function keyOf({ prefix }: Pick<OpenRedis, 'prefix'>, partition: string): string {
  return partitionKey(prefix, partition);
}

/** The end of a script's answer: kinds, and when the first record of each becomes due. */
export function wokenIn({ time }: Pick<OpenRedis, 'time'>, reply: readonly Reply[]): ReadonlyMap<RecordKind, number> {
  return new Map(groupsOf(reply, 2).map(([kind, dueMs]) => [kindNamed(textIn(kind)), time.toCaller(numberIn(dueMs))]));
}
