// Writes `deploy/manifests/`: run it after the chart changed.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { manifestFiles } from './deploy/manifests.ts';
import { root } from './package-file.ts';

for (const [path, text] of manifestFiles()) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
