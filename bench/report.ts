import { z } from 'zod';
import { Machine } from './machine.ts';
import { median, spread, tableText } from './table.ts';
import type { Line, Round, Target, Work } from './work.ts';

/** `nearly`: by the median, but not in every round. */
const Verdict = z.enum(['met', 'nearly', 'missed']);
type Verdict = z.infer<typeof Verdict>;

const Row = z.strictObject({
  what: z.string(),
  of: z.string(),
  unit: z.string(),
  digits: z.int(),
  /** One for each round. */
  values: z.array(z.number()),
  floor: z.strictObject({ of: z.string(), ratios: z.array(z.number()) }).optional(),
  targets: z.array(z.string()),
  verdict: Verdict.optional(),
  /** Missed, it fails the whole bench: something was lost, or done twice. */
  isPromise: z.boolean(),
});
type Row = z.infer<typeof Row>;

const WorkReport = z.strictObject({
  name: z.string(),
  about: z.string(),
  tookS: z.number(),
  /** Every figure of every round, by whose it is. */
  rounds: z.array(z.record(z.string(), z.record(z.string(), z.number()))),
  rows: z.array(Row),
  skipped: z.string().optional(),
  failed: z.string().optional(),
});
export type WorkReport = z.infer<typeof WorkReport>;

/** What `--json` writes. */
export const Report = z.strictObject({
  format: z.literal(1),
  machine: Machine,
  rounds: z.int(),
  quick: z.boolean(),
  works: z.array(WorkReport),
});
export type Report = z.infer<typeof Report>;

/** The lines of the table: each figure of each of those that have it, beside its floor of the same round. */
export function rowsOf({ lines, floors = [] }: Pick<Work, 'lines' | 'floors'>, rounds: readonly Round[]): readonly Row[] {
  const names = [...new Set(rounds.flatMap((round) => Object.keys(round)))].toSorted((a, b) => Number(floors.includes(a)) - Number(floors.includes(b)));
  return lines.flatMap((line) => names.flatMap((of) => rowOf(floors.includes(of) ? { ...line, floor: undefined, targets: [] } : line, of, rounds)));
}

function rowOf({ figure, what, unit, floor, targets: wanted = [], digits = 2 }: Line, of: string, rounds: readonly Round[]): readonly Row[] {
  const values = rounds.flatMap((round) => round[of]?.[figure] ?? []);
  if (values.length === 0) return [];
  const beside = floor === undefined ? [] : rounds.flatMap((round) => round[floor]?.[figure] ?? []);
  const ratios = beside.length === values.length ? values.map((value, at) => value / (beside[at] ?? Number.NaN)) : [];
  const targets = typeof wanted === 'function' ? wanted(of) : wanted;
  const verdicts = targets.map((target) => verdictOf(target, target.times === true ? ratios : values));
  return [
    {
      what,
      of,
      unit,
      digits,
      values,
      ...(floor === undefined || ratios.length === 0 ? {} : { floor: { of: floor, ratios } }),
      targets: targets.map((target) => textOf(target, floor)),
      ...(verdicts.length === 0 ? {} : { verdict: worst(verdicts) }),
      isPromise: targets.some(({ always }) => always === true),
    },
  ];
}

function verdictOf(target: Target, values: readonly number[]): Verdict {
  const isMet = (value: number): boolean => ('atMost' in target ? value <= target.atMost : value >= target.atLeast);
  if (values.length > 0 && values.every(isMet)) return 'met';
  return target.always !== true && isMet(median(values)) ? 'nearly' : 'missed';
}

function worst(verdicts: readonly Verdict[]): Verdict {
  return verdicts.includes('missed') ? 'missed' : verdicts.includes('nearly') ? 'nearly' : 'met';
}

function textOf(target: Target, floor: string | undefined): string {
  const bound = 'atMost' in target ? `at most ${target.atMost}` : `at least ${target.atLeast}`;
  return target.times === true ? `${bound} × ${floor ?? 'the floor'}` : bound;
}

const WORDS: { readonly [V in Verdict]: string } = { met: 'met', nearly: 'met by the median', missed: 'MISSED' };

/** One work as it is printed. */
export function workText({ name, about, tookS, rounds, rows, skipped, failed }: WorkReport): string {
  const head = `\n## ${name}\n\n${about}\n`;
  if (skipped !== undefined) return `${head}\nNot measured: ${skipped}`;
  const cells = rows.map(({ what, of, unit, digits, values, floor, targets, verdict }) => [
    what,
    of,
    `${spread(values, digits)}${unit === '' ? '' : ` ${unit}`}`,
    floor === undefined ? '' : `${spread(floor.ratios)} × ${floor.of}`,
    targets.join(', '),
    verdict === undefined ? '' : WORDS[verdict],
  ]);
  const table = rows.length === 0 ? '' : `\n${tableText(['what', 'of', 'measured', 'beside its floor', 'target', 'target is'], cells)}\n`;
  const end = failed === undefined ? `\n${rounds.length} ${rounds.length === 1 ? 'round' : 'rounds'} in ${tookS.toFixed(0)} s` : `\nFAILED: ${failed}`;
  return `${head}${table}${end}`;
}

/** Nothing broke, and no promise was broken. A figure of time that is missed is no fault of the program: machines differ. */
export function isSound({ works }: Report): boolean {
  return works.every(({ failed, rows }) => failed === undefined && rows.every(({ isPromise, verdict }) => !isPromise || verdict === 'met'));
}
