import type { Readable } from 'node:stream';
import type { Clock } from '../port/clock.ts';
import type { Ids } from '../port/ids.ts';
import type { Io } from './print.ts';

/** What every command is given beside its own words and options. */
export type Context = {
  readonly io: Io;
  readonly environment: { readonly [name: string]: string | undefined };
  readonly clock: Clock;
  readonly ids: Ids;
  /** Aborts at the first SIGINT or SIGTERM. Only for commands that go on until then: before it is asked, a signal ends the program at once. */
  readonly stop: () => AbortSignal;
  readonly stdin: Readable & { readonly isTTY?: boolean };
};

/** What the program answers: 0 done · 1 the answer is no · 2 wrong use or configuration · 3 server or cluster not reached. */
export const EXIT = { done: 0, no: 1, wrongUse: 2, unreached: 3 } as const;
