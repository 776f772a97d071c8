import { spawnSync } from 'node:child_process';
import { test } from 'vitest';

/** A test that needs something of its machine: where that is missing it says so aloud, and in CI it fails. */
export function testWhere(isAllowed: boolean, needs: string): typeof test {
  if (isAllowed) return test;
  const reason = `Not tested here: ${needs}`;
  if (process.env['CI'] !== undefined) throw new Error(reason);
  console.warn(reason);
  return test.skip as typeof test;
}

const works = (command: string, ...args: readonly string[]): boolean => spawnSync(command, args).status === 0;

/** A file system of a few MB that ends with its process needs root, or a namespace of its own. */
export const mayMount = works('unshare', '-m', 'sh', '-c', 'mount -t tmpfs -o size=1m none /mnt');
export const hasFaketime = works('faketime', '--version');
