import { expect, test } from 'vitest';
import { sharing } from '../../../src/kube/share.ts';
import { manualClock } from './manual-clock.ts';

test('an answer counts for a second, for everybody who asks the same', async () => {
  const clock = manualClock();
  const shared = sharing<string>(clock);
  const asked: string[] = [];
  const ask = (key: string): Promise<string> =>
    shared(key, async () => {
      asked.push(key);
      return `${key} ${asked.length}`;
    });
  expect(await Promise.all([ask('a'), ask('a'), ask('b')])).toEqual(['a 1', 'a 1', 'b 2']);
  await clock.pass(999);
  expect(await ask('a')).toBe('a 1');
  await clock.pass(1);
  expect(await ask('a')).toBe('a 3');
});

test('what went wrong, and a no where only a yes counts, are asked again at once', async () => {
  const shared = sharing<boolean>(manualClock(), (allowed) => allowed);
  const answers: (() => boolean)[] = [
    () => {
      throw new Error('away');
    },
    () => false,
    () => true,
  ];
  const ask = (): Promise<boolean> => shared('create pods', async () => answers.shift()?.() ?? false);
  await expect(ask()).rejects.toThrow('away');
  expect(await ask()).toBe(false);
  expect(await ask()).toBe(true);
  expect(await ask()).toBe(true);
});
