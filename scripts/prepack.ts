// Makes `dist/`: the checkout again, with JavaScript in place of TypeScript. A path that code takes relative to its
// own file (playbooks, Lua scripts, package.json) therefore means the same in a checkout and in the installed package.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packedExports } from './package-exports.ts';
import { readPackage, rewriteExports, root } from './package-file.ts';

const dist = join(root, 'dist');
rmSync(dist, { recursive: true, force: true });

const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const { status } = spawnSync(process.execPath, [compiler, '--project', join(root, 'tsconfig.build.json')], {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit'],
});
if (status !== 0) throw new Error('the compiler refused the sources; nothing was packed');

for (const folder of ['src', 'handlers', 'playbooks']) {
  if (!existsSync(join(root, folder))) continue;
  cpSync(join(root, folder), join(dist, folder), { recursive: true, filter: (path) => !path.endsWith('.ts') });
}
const { name, version } = readPackage();
writeFileSync(join(dist, 'package.json'), `${JSON.stringify({ name, version, type: 'module' }, undefined, 2)}\n`);

rewriteExports(packedExports);
