import { type Io, printLine, printTable } from './print.ts';

export type ListOptions = { readonly limit?: string; readonly cursor?: string };

type Listed = {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What one row is, in the singular: `open run`. */
  readonly noun: string;
  /** Where it is not made by an s. */
  readonly plural?: string;
  readonly next?: string | undefined;
};

/** How many there are, then a table of them. */
export function printList(io: Io, { head, rows, noun, plural = `${noun}s`, next }: Listed): void {
  printLine(io, rows.length === 0 ? `No ${plural}` : `${rows.length} ${rows.length === 1 ? noun : plural}${next === undefined ? '' : ', and there are more'}`);
  printTable(io, head, rows);
  if (next !== undefined) printLine(io, `More: --limit ${Math.min(500, rows.length * 4)}, or --cursor with "next" of --json`);
}
