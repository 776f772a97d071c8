import type { Piece } from '../portable.ts';
import { migrate } from '../schema.ts';
import { RECORD_COLUMNS, recordOf } from './rows.ts';
import { number, type Row, Sqlite, text } from './sqlite.ts';

/** A file with the tables of the embedded store, opened as a plain file: a copy that no server has. */
export class PortableFile {
  readonly #sqlite: Sqlite;

  /** Makes the file where it is missing. */
  constructor(file: string) {
    this.#sqlite = new Sqlite(file);
    this.#sqlite.exec('PRAGMA journal_mode = DELETE');
    migrate(this.#sqlite);
  }

  /** Everything in it. */
  *read(): Generator<Piece> {
    for (const row of this.#all(`SELECT ${RECORD_COLUMNS} FROM record ORDER BY n`)) yield { is: 'record', record: recordOf(row) };
    for (const row of this.#all('SELECT n, partition, reader, key, at, value FROM mail ORDER BY n')) {
      const mail = { order: number(row, 'n'), to: text(row, 'reader'), key: text(row, 'key'), atMs: number(row, 'at'), value: text(row, 'value') };
      yield { is: 'mail', partition: text(row, 'partition'), mail };
    }
    for (const row of this.#all('SELECT partition, journal, n, at, type, data, hash, op_id FROM entry ORDER BY partition, journal, n')) {
      const { atMs, opId } = { atMs: number(row, 'at'), opId: text(row, 'op_id') };
      const entry = { n: number(row, 'n'), atMs, type: text(row, 'type'), data: text(row, 'data'), hash: text(row, 'hash'), opId };
      yield { is: 'entry', partition: text(row, 'partition'), of: text(row, 'journal'), entry };
    }
    for (const row of this.#all('SELECT partition, id, total FROM count ORDER BY partition, id')) {
      yield { is: 'count', partition: text(row, 'partition'), id: text(row, 'id'), total: number(row, 'total') };
    }
  }

  /** Adds pieces, all or nothing. */
  write(pieces: readonly Piece[]): void {
    this.#inOne(() => {
      for (const piece of pieces) this.#writeOne(piece);
    });
  }

  /** Removes what was written of one partition, to write it anew. */
  forget(partition: string): void {
    this.#inOne(() => {
      for (const table of ['field', 'record', 'mail', 'entry', 'count']) this.#sqlite.run(`DELETE FROM ${table} WHERE partition = ?`, [partition]);
    });
  }

  close(): void {
    this.#sqlite.close();
  }

  #all(sql: string): readonly Row[] {
    return this.#sqlite.all(sql);
  }

  #inOne(act: () => void): void {
    this.#sqlite.exec('BEGIN');
    try {
      act();
      this.#sqlite.exec('COMMIT');
    } catch (error) {
      this.#sqlite.exec('ROLLBACK');
      throw error;
    }
  }

  #writeOne(piece: Piece): void {
    const sqlite = this.#sqlite;
    switch (piece.is) {
      case 'record':
        return this.#writeRecord(piece);
      case 'mail': {
        const { to, key, atMs, value } = piece.mail;
        sqlite.run('INSERT INTO mail (partition, reader, key, at, value) VALUES (?, ?, ?, ?, ?)', [piece.partition, to, key, atMs, value]);
        return;
      }
      case 'entry': {
        const { n, atMs, type, data, hash, opId } = piece.entry;
        const values = [piece.partition, piece.of, n, atMs, type, data, hash, opId];
        sqlite.run('INSERT INTO entry (partition, journal, n, at, type, data, hash, op_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)', values);
        return;
      }
      case 'count':
        sqlite.run('INSERT INTO count (partition, id, total) VALUES (?, ?, ?)', [piece.partition, piece.id, piece.total]);
    }
  }

  #writeRecord({ record }: Extract<Piece, { is: 'record' }>): void {
    const { partition, id, kind, version, seq, epoch, dueMs, opId, createdMs, updatedMs, indexed, value } = record;
    const made = this.#sqlite.get(
      `INSERT INTO record (partition, id, kind, version, seq, epoch, due, op_id, created, updated, indexed, value)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING n`,
      [partition, id, kind, version, seq, epoch, dueMs ?? null, opId, createdMs, updatedMs, indexed, value],
    );
    const fields: { readonly [name: string]: string } = JSON.parse(indexed);
    for (const [name, field] of Object.entries(fields)) {
      const values = [partition, kind, name, field, createdMs, made === undefined ? 0 : number(made, 'n')];
      this.#sqlite.run('INSERT INTO field (partition, kind, name, value, created, n) VALUES (?, ?, ?, ?, ?, ?)', values);
    }
  }
}
