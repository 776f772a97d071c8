import { expect, test } from 'vitest';
import { measuredStore } from '../../../src/observe/measured-store.ts';
import { createMetrics } from '../../../src/observe/metrics.ts';
import { oracleStore } from '../../../src/store/oracle.ts';
import { virtualClock } from '../../../src/world/clock.ts';
import { run } from '../notify/story.ts';

test('a metric that cannot be counted fails nothing: not the commit, not the program', async () => {
  const clock = virtualClock();
  const inner = oracleStore({ clock });
  let asked = 0;
  const broken = {
    ...createMetrics({ version: 'test' }),
    runEnded: () => {
      asked += 1;
      throw new Error('a number that no histogram takes');
    },
  };
  const store = measuredStore(inner, broken, clock);
  const unhandled: unknown[] = [];
  const hear = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', hear);
  const ended = { n: 1, atMs: 0, type: 'run.ended', data: {}, hash: 'h' };
  const changes = [
    { do: 'put', id: run.id, kind: 'run', value: { ...run, endedMs: 1 } },
    { do: 'append', of: run.id, entries: [ended] },
  ] as const;
  const result = await store.commit({ partition: 'prod', opId: 'op', guards: [{ is: 'absent', id: run.id }], changes });
  await expect.poll(() => asked).toBe(1);
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', hear);
  expect([result.kind, unhandled]).toEqual(['done', []]);
});
