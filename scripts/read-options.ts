import { type ParseArgsConfig, parseArgs } from 'node:util';

/** The options of a program of this checkout. `--help` prints how it is used and ends it, what is no option of it ends it with 2. */
export function readOptions<const T extends ParseArgsConfig>(usage: string, config: T): ReturnType<typeof parseArgs<T>> {
  if (process.argv.includes('--help')) {
    console.log(usage);
    process.exit(0);
  }
  try {
    return parseArgs(config);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    process.exit(2);
  }
}

/** A whole number from 1 on; whatever else was given ends the program with 2. */
export function wholeNumber(name: string, given: string | undefined, otherwise: number): number {
  const number = given === undefined ? otherwise : Number(given);
  if (Number.isInteger(number) && number >= 1) return number;
  console.error(`--${name} ${given}: expected a whole number from 1 on`);
  process.exit(2);
}
