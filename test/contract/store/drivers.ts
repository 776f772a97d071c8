import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { type Clock, systemClock } from '../../../src/port/clock.ts';
import { systemIds } from '../../../src/port/ids.ts';
import { silentLog } from '../../../src/port/log.ts';
import type { Change, ClaimRequest, Commit, Guard, Store } from '../../../src/port/store.ts';
import { openEmbedded } from '../../../src/store/embedded.ts';
import { oracleState } from '../../../src/store/oracle/state.ts';
import { oracleStore } from '../../../src/store/oracle.ts';
import { openRedis } from '../../../src/store/redis.ts';
import type { SharedRedis } from '../../redis/shared.ts';

/** A clock that stands until the test moves it. */
export class StillClock implements Clock {
  #nowMs = 1_000_000;
  nowMs(): number {
    return this.#nowMs;
  }
  monotonicMs(): number {
    return this.#nowMs;
  }
  after(): () => void {
    return () => {};
  }
  pass(durationMs: number): void {
    this.#nowMs += durationMs;
  }
}

/** A store under test, its clock, and a restart of the program that has it. */
export type Bench = { readonly store: Store; readonly clock: StillClock; readonly restart: () => Promise<Store> };
export type Limits = { readonly inbox?: number };
export type Driver = {
  readonly name: string;
  /** Only one process can have it: a restart ends all leases, because their holder is gone. */
  readonly alone: boolean;
  readonly open: (limits?: Limits) => Promise<Bench>;
};

const endings: (() => Promise<void>)[] = [];

/** Closes what the test opened and removes its files. */
export async function closeAll(): Promise<void> {
  for (const end of endings.splice(0).reverse()) await end();
}

/** A folder that is removed after the test. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'salvor-store-'));
  endings.push(async () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function closeLater(store: Store): Store {
  endings.push(() => store.close());
  return store;
}

const inProcess: readonly Driver[] = [
  {
    name: 'oracle',
    alone: true,
    async open(limits = {}) {
      const clock = new StillClock();
      const state = oracleState();
      const open = (): Store => closeLater(oracleStore({ clock, limits, state }));
      return { store: open(), clock, restart: async () => open() };
    },
  },
  {
    name: 'embedded',
    alone: true,
    async open(limits = {}) {
      const clock = new StillClock();
      const path = scratchFolder();
      const open = async (): Promise<Store> => closeLater(await openEmbedded({ path, clock, log: silentLog, limits: { ...limits, reserveBytes: 4096 } }));
      const store = await open();
      return {
        store,
        clock,
        async restart() {
          await store.close();
          return open();
        },
      };
    },
  },
];

let prefixes = 0;

/** A store of its own on a Redis that others use, too. */
function onRedis({ name, place }: SharedRedis): Driver {
  return {
    name,
    alone: false,
    async open(limits = {}) {
      prefixes += 1;
      const clock = new StillClock();
      const prefix = `t${process.pid}-${prefixes}`;
      const options = { place, prefix, clock: systemClock, ids: systemIds, log: silentLog, limits, time: clock };
      let boot = 0;
      const open = async (): Promise<Store> => closeLater(await openRedis({ ...options, boot: (boot += 1) }));
      const store = await open();
      return {
        store,
        clock,
        async restart() {
          await store.close();
          return open();
        },
      };
    },
  };
}

const servers = inject('redis');

/** What this suite runs on: the drivers without a server, or the forms of Redis where the suite has started them. */
export const drivers: readonly Driver[] = servers === undefined ? inProcess : servers.map(onRedis);

export { absent, put, webhook } from './commits.ts';

export const P = 'prod';

let operations = 0;

/** A commit in `prod` with an op id of its own. */
export function commitOf(guards: readonly Guard[], changes: readonly Change[], opId?: string): Commit {
  operations += 1;
  return { partition: P, opId: opId ?? `op-${operations}`, guards, changes };
}

export const mailTo = (to: string, key: string, value = key): Change => ({ do: 'mail', to, key, value });
export const wake = (id: string, atMs?: number): Change => ({ do: 'wake', id, ...(atMs === undefined ? {} : { atMs }) });

export const runs: ClaimRequest = { kinds: ['run'], owner: 'me', limit: 10, leaseMs: 6000 };
