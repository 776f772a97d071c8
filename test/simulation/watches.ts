import type { ChatMessage } from '../../src/port/chat.ts';
import type { Page } from '../../src/port/pager.ts';
import type { Commit, CommitResult } from '../../src/port/store.ts';
import type { PeopleSeen } from './people-link.ts';
import type { StoreSeen } from './store-link.ts';
import type { Taken } from './watch/pages.ts';
import type { Watch, Written } from './watch/watch.ts';

/** What everybody tells while a history is played, and the watchers that listen. */
export type Watches = StoreSeen &
  PeopleSeen & {
    listen(watch: Watch): void;
    wrote(write: Written): void;
    /** The store has forgotten the end of this partition. */
    wentBack(partition: string): void;
    /** Whether it ever has. */
    forgot(): boolean;
    /** A post was done in Slack by that program, as it may or may not hear, so long after it was sent. */
    posted(by: string, underWayMs: number): void;
    pagerTook(one: Taken): void;
    /** A fault was met by that program. */
    met(program: string, fault: string): void;
    /** How many faults a life of a program, or those before it, met until now. */
    troubleOf(life: string): number;
    /** A clock was set: until then leases may end before whoever holds them knows. */
    shaken(untilMs: number): void;
    shakenUntilMs(): number;
    /** How far the clocks of the programs are apart from now on. */
    clocksSet(apartMs: number): void;
    clocksApartMs(): number;
    readonly faults: ReadonlyMap<string, number>;
    readonly counts: { commits: number; writes: number };
    /** How often each write was made, by stepKey and line. */
    times: ReadonlyMap<string, number>;
  };

export function watches(): Watches {
  const all: Watch[] = [];
  const faults = new Map<string, number>();
  const troubles = new Map<string, number>();
  const done = new Set<string>();
  const counts = { commits: 0, writes: 0 };
  let shakenMs = 0;
  let clocksMs = 0;
  let forgetful = false;
  return {
    faults,
    counts,
    times: new Map(),
    listen: (watch) => void all.push(watch),
    committed(by: string, commit: Commit, result: CommitResult) {
      // A repeat under the same name changes nothing.
      const name = `${commit.partition} ${commit.opId}`;
      if (result.kind !== 'done' || done.has(name)) return;
      done.add(name);
      counts.commits += 1;
      for (const watch of all) watch.committed?.(by, commit);
    },
    wentBack(partition) {
      forgetful = true;
      for (const watch of all) watch.wentBack?.(partition);
    },
    forgot: () => forgetful,
    claimed(by, partition, id, epoch) {
      for (const watch of all) watch.claimed?.(by, partition, id, epoch);
    },
    wrote(write) {
      counts.writes += 1;
      for (const watch of all) watch.wrote?.(write);
    },
    delivered(by: string, message: ChatMessage, heard: boolean) {
      for (const watch of all) watch.delivered?.(by, message, heard);
    },
    pagerTook(one: Taken) {
      for (const watch of all) watch.pagerTook?.(one);
    },
    posted(by: string, underWayMs: number) {
      for (const watch of all) watch.posted?.(by, underWayMs);
    },
    paged(by: string, page: Page) {
      for (const watch of all) watch.paged?.(by, page);
    },
    met(program, fault) {
      faults.set(fault, (faults.get(fault) ?? 0) + 1);
      troubles.set(program, (troubles.get(program) ?? 0) + 1);
    },
    shaken(untilMs) {
      shakenMs = Math.max(shakenMs, untilMs);
    },
    shakenUntilMs: () => shakenMs,
    clocksSet(apartMs) {
      clocksMs = apartMs;
    },
    clocksApartMs: () => clocksMs,
    troubleOf: (life) => troubles.get(life.split('#')[0] ?? '') ?? 0,
  };
}
