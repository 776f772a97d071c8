import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Reserve } from '../../../../src/store/embedded/reserve.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'salvor-reserve-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('the reserve takes its whole size, is given up, and comes back', () => {
  const file = join(folder, 'reserve');
  const reserve = new Reserve(file, 300_000);
  expect(reserve.restore()).toBe(true);
  expect(statSync(file).size).toBe(300_000);
  expect(statSync(file).blocks).toBeGreaterThan(300_000 / 512 - 8); // really taken, not a hole
  expect(reserve.restore()).toBe(true);
  reserve.giveUp();
  expect(existsSync(file)).toBe(false);
  reserve.giveUp();
  expect(reserve.restore()).toBe(true);
});

test('the reserve does not come back where the disk has no room for it twice', () => {
  const file = join(folder, 'reserve');
  expect(new Reserve(file, Number.MAX_SAFE_INTEGER).restore()).toBe(false);
  expect(existsSync(file)).toBe(false);
});

test('what a crash left of the reserve is made whole', () => {
  const file = join(folder, 'reserve');
  writeFileSync(file, 'part');
  expect(new Reserve(file, 300_000).restore()).toBe(true);
  expect(statSync(file).size).toBe(300_000);
});
