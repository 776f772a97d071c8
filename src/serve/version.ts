import { readFileSync } from 'node:fs';
import { z } from 'zod';

const packageFile = [new URL('../../package.json', import.meta.url), new URL('../../../package.json', import.meta.url)];

/** The version of this package, in a checkout and in an installed one. */
export const VERSION = readVersion();

function readVersion(): string {
  for (const file of packageFile) {
    try {
      const read = z.object({ name: z.literal('salvor'), version: z.string() }).safeParse(JSON.parse(readFileSync(file, 'utf8')));
      if (read.success) return read.data.version;
    } catch {
      // The other place has it.
    }
  }
  return '0.0.0';
}
