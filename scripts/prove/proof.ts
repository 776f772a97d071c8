/** One row of the table that `npm run prove` prints. */
export type Row = {
  readonly proof: string;
  /** What was counted, in order. */
  readonly counts: readonly (readonly [name: string, value: number])[];
  readonly violations: number;
  readonly seconds: number;
};

/** One promise that is put to the test; it says how far it is, and what broke it. */
export type Proof = { readonly name: string; readonly run: (say: (line: string) => void) => Promise<Row> };

/** The rows as text, one below the other. */
export function tableOf(rows: readonly Row[]): string {
  const lines = rows.map(({ proof, counts, violations, seconds }) => [
    proof,
    counts.map(([name, value]) => `${value.toLocaleString('en')} ${name}`).join(', '),
    `${violations} violations`,
    `${Math.round(seconds)} s`,
  ]);
  const widths = [0, 1, 2, 3].map((at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
