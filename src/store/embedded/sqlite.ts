import { backup, DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { SalvorError } from '../../model/error.ts';

/** One row as SQLite gives it; read its columns with `text`, `number`, `optionalText` and `optionalNumber`. */
export type Row = Record<string, SQLOutputValue>;

/** The only connection to a database file, with its prepared statements. The one file that knows `node:sqlite`. */
export class Sqlite {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(file: string) {
    this.#db = new DatabaseSync(file, { timeout: 0, enableDoubleQuotedStringLiterals: false });
  }

  get inTransaction(): boolean {
    return this.#db.isTransaction;
  }

  exec(sql: string): void {
    this.#db.exec(sql);
  }

  /** Runs a statement; answers how many rows it changed. */
  run(sql: string, values: readonly SQLInputValue[] = []): number {
    return Number(this.#statement(sql).run(...values).changes);
  }

  get(sql: string, values: readonly SQLInputValue[] = []): Row | undefined {
    return this.#statement(sql).get(...values);
  }

  all(sql: string, values: readonly SQLInputValue[] = []): readonly Row[] {
    return this.#statement(sql).all(...values);
  }

  /** Copies page by page while statements go on between the steps. */
  async backup(file: string): Promise<void> {
    await backup(this.#db, file, { rate: 256 });
  }

  close(): void {
    this.#statements.clear();
    this.#db.close();
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

export function text(row: Row, column: string): string {
  const value = row[column];
  return typeof value === 'string' ? value : wrongColumn(column);
}

export function number(row: Row, column: string): number {
  const value = row[column];
  return typeof value === 'number' ? value : wrongColumn(column);
}

export function optionalText(row: Row, column: string): string | undefined {
  return row[column] === null ? undefined : text(row, column);
}

export function optionalNumber(row: Row, column: string): number | undefined {
  return row[column] === null ? undefined : number(row, column);
}

function wrongColumn(column: string): never {
  throw new SalvorError('store.damaged', `The store holds a value of a wrong type in the column ${column}.`);
}
