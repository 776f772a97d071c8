import { expect, test } from 'vitest';
import { proveCuts } from '../../../scripts/prove/cuts.ts';
import { mayTrace } from './trace.ts';

// strace tells what the store asks of its disk; it is there only where somebody installed it.
const where = mayTrace ? '' : ' (not tried: needs strace)';

test.skipIf(!mayTrace)(`what was acknowledged survives a power cut at any moment${where}`, { timeout: 120_000 }, async () => {
  const row = await proveCuts({ cuts: 40, seed: 'test' });
  expect(row).toMatchObject({ lost: 0, wrong: 0, lines: [] });
  const counts = new Map(row.counts);
  expect(counts.get('acknowledged and looked for')).toBeGreaterThan(5000);
  expect(counts.get('writes in the air')).toBeGreaterThan(100);
});

test.skipIf(!mayTrace)(`a store that does not wait for its disk is found out by them${where}`, { timeout: 120_000 }, async () => {
  const { lost } = await proveCuts({ cuts: 40, seed: 'test', node: ['--import', new URL('no-sync.ts', import.meta.url).href] });
  expect(lost).toBeGreaterThan(0);
});
