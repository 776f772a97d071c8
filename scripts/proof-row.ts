import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** One claim, what was measured for it, and whether that is enough. */
export type ProofRow = {
  readonly claim: string;
  readonly measured: string;
  readonly ok: boolean;
  /** What went wrong, one line each. */
  readonly details: readonly string[];
  readonly seconds: number;
};

/** Prints a row, and makes the program fail where the claim does not hold. */
export function printRow({ claim, measured, ok, details, seconds }: ProofRow): void {
  console.log(`${ok ? 'holds ' : 'BROKEN'}  ${claim}\n        ${measured} (${seconds} s)`);
  for (const line of details) console.log(`        ${line}`);
  if (!ok) process.exitCode = 1;
}

/** Whether this module is the program, and not imported by one. */
export function isMain(url: string): boolean {
  return process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(url);
}
