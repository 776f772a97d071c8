import { SalvorError } from '../model/error.ts';
import { number, type Sqlite, text } from './embedded/sqlite.ts';

/**
 * The tables of the embedded store, as ordered migrations: the n-th brings a file from schema n to n + 1.
 * What was released is never edited; a change is a new migration at the end.
 *
 * Times are ms since 1970. `value`, `data` and `indexed` are JSON texts. `n` is the row's own number, used by nobody outside.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE record (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    partition TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    version INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    due INTEGER,
    owner TEXT,
    lease_until INTEGER,
    op_id TEXT NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    indexed TEXT NOT NULL,
    value TEXT NOT NULL
  );
  CREATE UNIQUE INDEX record_id ON record (partition, id);
  CREATE INDEX record_list ON record (partition, kind, created);
  CREATE INDEX record_due ON record (kind, due, created) WHERE due IS NOT NULL;
  CREATE INDEX record_held ON record (kind, lease_until) WHERE lease_until IS NOT NULL;

  -- One row per indexed field of a record, in the order of lists.
  CREATE TABLE field (
    partition TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    created INTEGER NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (partition, kind, name, value, created, n)
  ) WITHOUT ROWID;

  CREATE TABLE mail (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    partition TEXT NOT NULL,
    reader TEXT NOT NULL,
    key TEXT NOT NULL,
    at INTEGER NOT NULL,
    value TEXT NOT NULL
  );
  CREATE UNIQUE INDEX mail_key ON mail (partition, reader, key);
  CREATE INDEX mail_reader ON mail (partition, reader, n);

  CREATE TABLE entry (
    partition TEXT NOT NULL,
    journal TEXT NOT NULL,
    n INTEGER NOT NULL,
    at INTEGER NOT NULL,
    type TEXT NOT NULL,
    data TEXT NOT NULL,
    hash TEXT NOT NULL,
    op_id TEXT NOT NULL,
    PRIMARY KEY (partition, journal, n)
  ) WITHOUT ROWID;

  CREATE TABLE count (
    partition TEXT NOT NULL,
    id TEXT NOT NULL,
    total INTEGER NOT NULL,
    PRIMARY KEY (partition, id)
  ) WITHOUT ROWID;
  `,
  // What is due is claimed from each partition in turn.
  `
  DROP INDEX record_due;
  CREATE INDEX record_due ON record (kind, partition, due, created) WHERE due IS NOT NULL;
  `,
];

/**
 * Brings a file to the newest schema, all or nothing. A new file is schema 0.
 * Refuses a newer schema than this version knows, and a database that is not a store of ours.
 */
export function migrate(sqlite: Sqlite, steps: readonly string[] = migrations): void {
  sqlite.exec('BEGIN EXCLUSIVE');
  try {
    const from = schemaOf(sqlite);
    if (from > steps.length) {
      const words = `The store was written by a newer Salvor (schema ${from}; this one knows ${steps.length}). Start that version again, or restore a backup from before the upgrade.`;
      throw new SalvorError('store.damaged', words, { details: { schema: from, known: steps.length } });
    }
    for (const step of steps.slice(from)) sqlite.exec(step);
    sqlite.run(`INSERT INTO meta (key, value) VALUES ('schema', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, [String(steps.length)]);
    sqlite.exec('COMMIT');
  } catch (error) {
    if (sqlite.inTransaction) sqlite.exec('ROLLBACK');
    throw error;
  }
}

function schemaOf(sqlite: Sqlite): number {
  const tables = sqlite.all(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`).map((row) => text(row, 'name'));
  if (tables.length === 0) sqlite.exec('CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID');
  else if (!tables.includes('meta'))
    throw new SalvorError('store.damaged', `This database is not a store of Salvor: it holds the tables ${tables.slice(0, 5).join(', ')}.`);
  const row = sqlite.get(`SELECT CAST(value AS INTEGER) AS schema FROM meta WHERE key = 'schema'`);
  return row === undefined ? 0 : number(row, 'schema');
}

/** Adds one to a number in `meta` that survives restarts, and answers it. */
export function nextBoot(sqlite: Sqlite): number {
  sqlite.run(`INSERT INTO meta (key, value) VALUES ('boot', '1') ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + 1`);
  const row = sqlite.get(`SELECT CAST(value AS INTEGER) AS boot FROM meta WHERE key = 'boot'`);
  return row === undefined ? 0 : number(row, 'boot');
}
