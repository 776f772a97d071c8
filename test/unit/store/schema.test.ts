import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Sqlite } from '../../../src/store/embedded/sqlite.ts';
import { migrate, migrations, nextBoot } from '../../../src/store/schema.ts';

let folder: string;
let file: string;
let sqlite: Sqlite;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'salvor-schema-'));
  file = join(folder, 'salvor.db');
  sqlite = new Sqlite(file);
});

afterEach(() => {
  sqlite.close();
  rmSync(folder, { recursive: true, force: true });
});

const schemaNow = (): unknown => sqlite.get(`SELECT value FROM meta WHERE key = 'schema'`)?.['value'];
const first = 'CREATE TABLE note (words TEXT)';
const second = `ALTER TABLE note ADD COLUMN author TEXT; UPDATE note SET author = 'ana'`;

describe('the schema', () => {
  test('an empty file is schema 0 and is brought to the newest', () => {
    migrate(sqlite);
    expect(schemaNow()).toBe(String(migrations.length));
    expect(sqlite.all('SELECT * FROM record')).toEqual([]);
  });

  test('a file of today is left as it is', () => {
    migrate(sqlite);
    sqlite.run(`INSERT INTO count (partition, id, total) VALUES ('p', 'n', 1)`);
    migrate(sqlite);
    expect(sqlite.all('SELECT total FROM count')).toHaveLength(1);
  });

  test('an older file gets only the steps it lacks, and keeps its rows', () => {
    migrate(sqlite, [first]);
    sqlite.run(`INSERT INTO note (words) VALUES ('kept')`);
    migrate(sqlite, [first, second]);
    expect(sqlite.all('SELECT words, author FROM note').map((row) => ({ ...row }))).toEqual([{ words: 'kept', author: 'ana' }]);
    expect(schemaNow()).toBe('2');
  });

  test('a step that fails leaves the file as it was', () => {
    migrate(sqlite, [first]);
    expect(() => migrate(sqlite, [first, second, 'CREATE TABLE note (again TEXT)'])).toThrow('already exists');
    expect(schemaNow()).toBe('1');
    expect(() => sqlite.all('SELECT author FROM note')).toThrow('no such column');
    migrate(sqlite, [first, second]);
    expect(schemaNow()).toBe('2');
  });

  test('a newer file than this version knows is refused and not touched', () => {
    migrate(sqlite, [first, second]);
    const refused = expect.objectContaining({ code: 'store.damaged', message: expect.stringContaining('newer Salvor (schema 2; this one knows 1)') });
    expect(() => migrate(sqlite, [first])).toThrow(refused);
    expect(schemaNow()).toBe('2');
  });

  test('a database of somebody else is refused and not touched', () => {
    const other = new DatabaseSync(file);
    other.exec('CREATE TABLE users (name TEXT)');
    other.close();
    expect(() => migrate(sqlite)).toThrow('not a store of Salvor: it holds the tables users');
    expect(sqlite.all(`SELECT name FROM sqlite_schema WHERE type = 'table'`)).toHaveLength(1);
  });

  test('every opening has a number of its own', () => {
    migrate(sqlite);
    expect([nextBoot(sqlite), nextBoot(sqlite), nextBoot(sqlite)]).toEqual([1, 2, 3]);
  });
});
