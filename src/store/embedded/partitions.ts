import { type Sqlite, text } from './sqlite.ts';

/** Every partition that holds a record: one index step each, never a scan. */
export function partitions(sqlite: Sqlite): readonly string[] {
  const found: string[] = [];
  for (;;) {
    const last = found.at(-1);
    const row =
      last === undefined
        ? sqlite.get('SELECT min(partition) AS partition FROM record')
        : sqlite.get('SELECT min(partition) AS partition FROM record WHERE partition > ?', [last]);
    if (row === undefined || row['partition'] === null) return found;
    found.push(text(row, 'partition'));
  }
}
