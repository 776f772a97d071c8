import type { Clock } from '../port/clock.ts';
import type { Caller, Commands } from '../port/commands.ts';
import type { Page, Seat } from './layout.ts';

/** Who looks at what. */
export type Looking = {
  readonly commands: Commands;
  readonly caller: Caller;
  /** Names of the clusters. */
  readonly clusters: readonly string[];
  readonly clock: Clock;
  readonly seat: Seat;
  /** Of the path. */
  readonly part: (name: string) => string;
  /** Of the query; empty where it is not there. */
  readonly query: (name: string) => string;
};

export type View = (looking: Looking) => Promise<Page>;
