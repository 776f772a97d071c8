import { closeSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Clock } from '../../port/clock.ts';
import { INBOX, LEDGER } from '../../port/store.ts';
import { ledgerProblems } from '../ledger.ts';
import type { StoreLimits } from '../limits.ts';
import { migrate, nextBoot } from '../schema.ts';
import { backupTo } from './backup.ts';
import { totalOf } from './commit.ts';
import { faultOf } from './fault.ts';
import type { Call, Reply } from './message.ts';
import { freshMemory, type OpenStore } from './open-store.ts';
import { freeBytes, Reserve } from './reserve.ts';
import { number, Sqlite, text } from './sqlite.ts';
import { runBatch } from './transact.ts';

type Say = (level: 'info' | 'warn', name: string, facts: { readonly [name: string]: string | number | boolean }) => void;

/** How often the space on the disk is looked at again. */
const LOOK_AGAIN_MS = 1000;
/** A log smaller than this waits for the next idle moment. */
const SMALL_LOG_PAGES = 64;
const PAGE_BYTES = 4096;

/** The database file of one store: opened for this process alone, kept small, and kept working on a full disk. */
export class Database {
  readonly #file: string;
  readonly #clock: Clock;
  readonly #say: Say;
  readonly #reserve: Reserve;
  readonly #store: OpenStore;
  #lookAgainMs = 0;
  #measureMs = 0;
  #limitBytes = 0;

  constructor({ file, limits, clock, say }: { readonly file: string; readonly limits: StoreLimits; readonly clock: Clock; readonly say: Say }) {
    this.#file = file;
    this.#clock = clock;
    this.#say = say;
    this.#reserve = new Reserve(join(dirname(file), 'reserve'), limits.reserveBytes);
    const open = (): OpenStore => openStore(file, limits);
    try {
      this.#store = open();
    } catch (error) {
      if (faultOf(error, file).code !== 'store.full') throw error;
      this.#reserve.giveUp();
      this.#store = open();
    }
    if (!this.#reserve.restore()) this.#store.memory.full = true;
  }

  run(calls: readonly Call[]): Extract<Reply, { kind: 'batch' }> {
    this.#resume();
    const reply = runBatch(this.#store, calls, { file: this.#file, makeRoom: () => this.#makeRoom() });
    if (reply.fatal !== undefined) return reply;
    try {
      if (this.#logPages() * PAGE_BYTES > this.#logLimitBytes()) this.#checkpoint();
      return reply;
    } catch (error) {
      // What was committed stays committed and is answered so; the storage is over all the same.
      return { ...reply, fatal: { ...faultOf(error, this.#file), fatal: true } };
    }
  }

  /** Work for a moment in which nobody waits. */
  idle(): void {
    this.#resume();
    if (this.#logPages() >= SMALL_LOG_PAGES) this.#checkpoint();
  }

  async backup(file: string): Promise<number> {
    return backupTo(this.#store.sqlite, { file, storeFile: this.#file });
  }

  check(): readonly string[] {
    const { sqlite } = this.#store;
    const problems = sqlite
      .all('PRAGMA integrity_check(20)')
      .map((row) => text(row, 'integrity_check'))
      .filter((line) => line !== 'ok');
    const lost = sqlite.get(
      'SELECT count(*) AS rows FROM field f LEFT JOIN record r ON r.n = f.n AND r.kind = f.kind AND r.partition = f.partition WHERE r.n IS NULL',
    );
    if (lost !== undefined && number(lost, 'rows') > 0) problems.push(`${number(lost, 'rows')} indexed fields belong to no record`);
    const bare = sqlite.get('SELECT count(*) AS rows FROM record WHERE seq < 1 OR epoch < 0 OR (owner IS NULL) <> (lease_until IS NULL)');
    if (bare !== undefined && number(bare, 'rows') > 0) problems.push(`${number(bare, 'rows')} records have an impossible seq, epoch or lease`);
    problems.push(...ledgerProblems(Object.values(LEDGER).map((id) => totalOf(sqlite, INBOX, id))));
    return problems;
  }

  close(): void {
    this.#store.sqlite.close();
  }

  /**
   * Moving the log into the database can need as much new space as the log has. Where the disk is nearly full the log
   * therefore stays well below the reserve, so that giving up the reserve always makes room enough to move it.
   */
  #logLimitBytes(): number {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs >= this.#measureMs) {
      const { walBytes, reserveBytes } = this.#store.limits;
      this.#measureMs = nowMs + LOOK_AGAIN_MS;
      const nearlyFull = freeBytes(dirname(this.#file)) < 4 * Math.max(walBytes, reserveBytes);
      this.#limitBytes = nearlyFull ? Math.min(walBytes, reserveBytes / 2) : walBytes;
    }
    return this.#limitBytes;
  }

  #logPages(): number {
    const row = this.#store.sqlite.get('PRAGMA wal_checkpoint(NOOP)');
    return row === undefined ? 0 : number(row, 'log');
  }

  /** Moves the log into the database. It costs nothing durable where the disk is full: the log stays until it works. */
  #checkpoint(mode: 'PASSIVE' | 'TRUNCATE' = 'PASSIVE'): void {
    try {
      this.#store.sqlite.get(`PRAGMA wal_checkpoint(${mode})`);
    } catch (error) {
      if (faultOf(error, this.#file).code !== 'store.full') throw error;
      this.#say('warn', 'store.checkpoint-postponed', { reason: 'disk full' });
    }
  }

  #makeRoom(): void {
    if (!this.#store.memory.full) this.#say('warn', 'store.full', { file: this.#file });
    this.#store.memory.full = true;
    this.#lookAgainMs = this.#clock.monotonicMs() + LOOK_AGAIN_MS;
    this.#reserve.giveUp();
    this.#checkpoint('TRUNCATE');
  }

  #resume(): void {
    const { memory } = this.#store;
    if (!memory.full || this.#clock.monotonicMs() < this.#lookAgainMs) return;
    this.#lookAgainMs = this.#clock.monotonicMs() + LOOK_AGAIN_MS;
    if (!this.#reserve.restore()) return;
    memory.full = false;
    this.#say('info', 'store.has-space-again', { file: this.#file });
  }
}

function openStore(file: string, limits: StoreLimits): OpenStore {
  makeOwnFile(file);
  const sqlite = new Sqlite(file);
  try {
    // Exclusive before WAL: no shared memory file, and a second process is refused at once.
    sqlite.exec('PRAGMA locking_mode = EXCLUSIVE');
    sqlite.exec('PRAGMA journal_mode = WAL');
    sqlite.exec('PRAGMA synchronous = FULL');
    sqlite.exec('PRAGMA wal_autocheckpoint = 0');
    sqlite.exec(`PRAGMA journal_size_limit = ${limits.walBytes}`);
    sqlite.exec('PRAGMA cache_size = -16384');
    if (limits.pages !== undefined) sqlite.exec(`PRAGMA max_page_count = ${limits.pages}`);
    migrate(sqlite);
    sqlite.exec('BEGIN');
    // Only one process can have the file: whoever held a lease before is gone.
    sqlite.run('UPDATE record SET owner = NULL, lease_until = NULL WHERE lease_until IS NOT NULL');
    const boot = nextBoot(sqlite);
    sqlite.exec('COMMIT');
    return { sqlite, limits, boot, memory: freshMemory() };
  } catch (error) {
    sqlite.close();
    throw error;
  }
}

/** Makes a missing file for its owner alone; the log beside it inherits that. Where it cannot be made, opening it says why. */
function makeOwnFile(file: string): void {
  try {
    closeSync(openSync(file, 'ax', 0o600));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
  }
}
