/**
 * The program that is killed in the middle of a migration: brings the file at its first argument to a schema that is one step further than today's.
 * The step takes as long as its rows; it says `migrating` and `migrated`.
 */
import { writeSync } from 'node:fs';
import { Sqlite } from '../../../src/store/embedded/sqlite.ts';
import { migrate, migrations } from '../../../src/store/schema.ts';

const [file = '', rows = '0'] = process.argv.slice(2);
const step = `UPDATE record SET value = value || ' ';
  CREATE TABLE later AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${Number(rows)}) SELECT i, hex(randomblob(100)) AS more FROM n`;
const sqlite = new Sqlite(file);
sqlite.exec('PRAGMA journal_mode = WAL');
writeSync(1, 'migrating\n');
migrate(sqlite, [...migrations, step]);
writeSync(1, 'migrated\n');
