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

test('the lock file has the packages of every kind of machine, or npm ci refuses it', () => {
  const { packages }: { packages: Record<string, { optionalDependencies?: Record<string, string> }> } = JSON.parse(
    readFileSync(join(root, 'package-lock.json'), 'utf8'),
  );
  const wanted = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies).map(([name, version]) => ({ path, name, version })),
  );
  expect(wanted.length).toBeGreaterThan(20);
  const missing = wanted.filter(({ path, name, version }) => {
    // As Node looks it up: beside the package that wants it, then outwards.
    const places = [...path.matchAll(/^|\/(?=node_modules\/)|$/g)].map(({ index }) => path.slice(0, index)).reverse();
    const found = places.map((place) => packages[place === '' ? `node_modules/${name}` : `${place}/node_modules/${name}`]).find((one) => one !== undefined);
    return found === undefined || (/^\d/.test(version) && 'version' in found && found.version !== version);
  });
  expect(missing).toEqual([]);
});
