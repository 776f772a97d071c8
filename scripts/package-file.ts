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

export function readPackage(): z.infer<typeof packageShape> {
  return packageShape.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
}

/** Changes only `exports`; everything else keeps its place and its spelling. */
export function rewriteExports(change: (exports: Exports) => Exports): void {
  const content = readPackage();
  writeFileSync(join(root, 'package.json'), `${JSON.stringify({ ...content, exports: change(content.exports) }, undefined, 2)}\n`);
}
