import { systemClock } from '../../src/port/clock.ts';

/** One row of the table that `npm run prove` prints. */
export type Row = {
  readonly proof: string;
  /** What was counted, in order: the first says how often the promise was put to the test. */
  readonly counts: readonly (readonly [name: string, value: number])[];
  /** What was acknowledged or asked for, and is not there. */
  readonly lost: number;
  /** What happened more than once. */
  readonly twice: number;
  /** Everything else that is not as promised. */
  readonly wrong: number;
  /** What is lost here is said in `docs/operating.md`: it is counted, and breaks nothing. */
  readonly mayLose?: true;
  /** What went wrong, one line each; beside it what is worth knowing where nothing did. */
  readonly lines: readonly string[];
  /** The command that shows it again. */
  readonly again: string;
  /** Why it was not put to the test here; absent: it was. */
  readonly skipped?: string;
  readonly seconds: number;
};

/** How much of everything: a proof is as good as the number of times that it was tried. */
export type Size = {
  readonly seeds: number;
  readonly from: number;
  /** Histories that each planted bug has to be found in. */
  readonly bugSeeds: number;
  readonly kills: number;
  readonly killsWithinMs: number;
  /** Rounds against each bug that is planted into the real server. */
  readonly bugKills: number;
  /** 1: before and behind every commit of every rehearsal, or as many as are enough for a long one; 0.1: every tenth. */
  readonly part: number;
  /** Rounds of each fault of Redis. */
  readonly rounds: number;
  readonly roundsWithinMs: number;
  /** Places at which the current goes off. */
  readonly cuts: number;
  readonly seed: string;
};

/** One promise that is put to the test; `say` is told how far it is. */
export type Proof = { readonly name: string; readonly claim: string; readonly run: (size: Size, say: (line: string) => void) => Promise<Row> };

export const holds = ({ lost, twice, wrong, mayLose, counts, skipped }: Row): boolean =>
  skipped !== undefined || ((mayLose === true || lost === 0) && twice === 0 && wrong === 0 && (counts[0]?.[1] ?? 0) > 0);

/** Measures how long it takes. */
export async function timed(act: () => Promise<Omit<Row, 'seconds'>>): Promise<Row> {
  const beganMs = systemClock.monotonicMs();
  const row = await act();
  return { ...row, seconds: (systemClock.monotonicMs() - beganMs) / 1000 };
}

const HEAD = ['proof', 'how many, and what was counted', 'lost', 'twice', 'wrong', 'time', ''] as const;

/** The rows as text, one below the other, and what there is to say of each; then whether all hold. */
export function tableOf(rows: readonly Row[]): string {
  const lines = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  const table = lines.map((line) =>
    line
      .map((cell, at) => (at > 1 && at < 6 ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  const told = rows.flatMap((row) => [...row.lines.map((line) => `${row.proof}: ${line}`), ...(holds(row) ? [] : [`${row.proof}, again: ${row.again}`])]);
  const failed = rows.filter((row) => !holds(row)).length;
  const skipped = rows.filter((row) => row.skipped !== undefined).length;
  const end = `${rows.length - failed - skipped} proofs hold, ${failed} fail${skipped === 0 ? '' : `, ${skipped} not tried here`}`;
  return [...table, ...(told.length === 0 ? [] : ['', ...told]), '', end].join('\n');
}

function cellsOf(row: Row): readonly string[] {
  const { proof, counts, lost, twice, wrong, mayLose, skipped, seconds } = row;
  if (skipped !== undefined) return [proof, skipped, '-', '-', '-', '-', 'not tried'];
  const verdict = holds(row) ? (mayLose === true && lost > 0 ? 'holds: the papers say so' : 'holds') : 'FAILS';
  const counted = counts.map(([name, value]) => `${value.toLocaleString('en')} ${name}`).join(', ');
  return [proof, counted, String(lost), String(twice), String(wrong), timeOf(seconds), verdict];
}

function timeOf(seconds: number): string {
  return seconds < 100 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
