import { type Problem, problemText } from '../model/problem.ts';

/** Where a command prints. Text is written as it is, so lines bring their own end. */
export type Io = {
  stdout(text: string): void;
  stderr(text: string): void;
  /** Absent: no colours. */
  readonly colour?: boolean;
};

const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, cyan: 36 } as const;
export type Style = keyof typeof STYLES;

/** Colours are for terminals, and for nobody who said no (`--no-color`, `NO_COLOR`). */
export function wantsColour(of: {
  readonly noColor?: boolean;
  readonly environment: { readonly [name: string]: string | undefined };
  readonly isTerminal: boolean;
}): boolean {
  const refused = (of.environment['NO_COLOR'] ?? '') !== '' || of.environment['TERM'] === 'dumb';
  return of.isTerminal && of.noColor !== true && !refused;
}

export function paint(io: Io, style: Style, text: string): string {
  return io.colour === true ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text;
}

export function printLine(io: Io, text = ''): void {
  io.stdout(`${plain(text)}\n`);
}

/** One JSON value, for programs. */
export function printJson(io: Io, value: unknown): void {
  io.stdout(`${JSON.stringify(value, undefined, 2)}\n`);
}

/** A refusal or a fault, on standard error. */
export function printFault(io: Io, text: string): void {
  io.stderr(`${paint(io, 'red', plain(text))}\n`);
}

/** Columns as wide as their longest cell, a blank line never; without a row: nothing. */
export function printTable(io: Io, head: readonly string[], rows: readonly (readonly string[])[]): void {
  if (rows.length === 0) return;
  const cells = [head, ...rows].map((row) => row.map(oneLine));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  for (const [index, row] of cells.entries()) {
    const text = row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  ');
    io.stdout(`${index === 0 ? paint(io, 'bold', text) : text}\n`);
  }
}

/** One line each, as `file:line:column: field: what is wrong`. */
export function printProblems(io: Io, problems: readonly Problem[]): void {
  for (const problem of problems) io.stdout(`${paint(io, problem.warning ? 'yellow' : 'red', oneLine(problemText(problem)))}\n`);
}

/** `1 problem`, `3 problems`. */
export function countOf(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

function oneLine(text: string): string {
  return plain(text).replaceAll(/\s*\n\s*/g, ' ');
}

/** Text from outside must not steer a terminal: control characters but line ends, tabs and our own colours become visible. */
function plain(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are the characters that it is about
  return text.replaceAll(/\u001b\[\d{1,2}m|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, (found) => (found.startsWith('\u001b[') ? found : '�'));
}
