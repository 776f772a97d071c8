import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Exports } from './package-exports.ts';

export const root = join(import.meta.dirname, '..');

const packageShape = z.looseObject({
  name: z.string(),
  version: z.string(),
  exports: z.record(z.string(), z.union([z.string(), z.strictObject({ types: z.string(), default: z.string() })])),
});

function readText(): string {
  return readFileSync(join(root, 'package.json'), 'utf8');
}

export function readPackage(): z.infer<typeof packageShape> {
  return packageShape.parse(JSON.parse(readText()));
}

/** Changes only `exports`; every other field keeps its place and its spelling. */
export function rewriteExports(change: (exports: Exports) => Exports): void {
  const exports = change(readPackage().exports);
  // A parse by schema would move the fields that the schema names to the front.
  const replaced: unknown = JSON.parse(readText(), (key, value: unknown) => (key === 'exports' ? exports : value));
  writeFileSync(join(root, 'package.json'), `${JSON.stringify(replaced, undefined, 2)}\n`);
}
