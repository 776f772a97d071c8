import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkoutExports, packedExports } from '../../scripts/package-exports.ts';

const root = join(import.meta.dirname, '..', '..');
const checkout = { './action': './src/action/contract.ts', './package.json': './package.json' };
const packed = { './action': { types: './dist/src/action/contract.d.ts', default: './dist/src/action/contract.js' }, './package.json': './package.json' };

test('a packed package exports compiled files, a checkout its sources', () => {
  expect(packedExports(checkout)).toEqual(packed);
  expect(checkoutExports(packed)).toEqual(checkout);
});

test('packing twice, or giving back twice, changes nothing more', () => {
  expect(packedExports(packed)).toEqual(packed);
  expect(checkoutExports(checkout)).toEqual(checkout);
});

test('package.json is as a checkout needs it', () => {
  const { exports, bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(exports).toEqual(checkout);
  for (const path of [...Object.values(checkout), ...Object.values<string>(bin)]) expect(existsSync(join(root, path)), path).toBe(true);
});

test('code in a checkout gets the action contract as salvor/action', () => {
  const script = `const { z, remediation } = await import('salvor/action'); process.stdout.write(typeof z.object + ' ' + typeof remediation);`;
  expect(execFileSync(process.execPath, ['--input-type=module', '--eval', script], { cwd: root, encoding: 'utf8' })).toBe('function function');
});
