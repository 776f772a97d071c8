import { describe, expect, test } from 'vitest';
import { sleep } from '../../../src/port/clock.ts';
import { fastClock, START_MS, virtualClock } from '../../../src/world/clock.ts';
import { seededIds, suffix, uuid } from '../../../src/world/ids.ts';

describe('the virtual clock', () => {
  test('stands still until it is told to pass', async () => {
    const clock = virtualClock();
    let rang = false;
    clock.after(0, () => (rang = true));
    expect([clock.nowMs(), rang]).toEqual([START_MS, false]);
    await clock.pass(5);
    expect([clock.nowMs(), clock.monotonicMs(), rang]).toEqual([START_MS + 5, 5, true]);
  });

  test('runs timers in order of their time, then of their making, each at its own moment', async () => {
    const clock = virtualClock();
    const rang: string[] = [];
    const note = (name: string) => (): void => void rang.push(`${name} ${clock.monotonicMs()}`);
    clock.after(20, note('late'));
    clock.after(10, note('first'));
    clock.after(10, note('second'));
    clock.after(31, note('too late'));
    await clock.pass(30);
    expect(rang).toEqual(['first 10', 'second 10', 'late 20']);
    expect(clock.waiting()).toBe(1);
  });

  test('lets what a timer started settle before the next timer, and runs timers that it set on the way', async () => {
    const clock = virtualClock();
    const seen: string[] = [];
    const work = async (name: string): Promise<void> => {
      await sleep(clock, 5);
      for (let step = 0; step < 50; step += 1) await Promise.resolve();
      seen.push(`${name} ${clock.monotonicMs()}`);
    };
    clock.after(10, () => void work('one'));
    clock.after(16, () => seen.push('other 16'));
    await clock.pass(20);
    expect(seen).toEqual(['one 15', 'other 16']);
  });

  test('forgets a cancelled timer', async () => {
    const clock = virtualClock();
    let rang = false;
    clock.after(1, () => (rang = true))();
    await clock.pass(10);
    expect(rang).toBe(false);
  });

  test('can move the wall time alone', async () => {
    const clock = virtualClock({ startMs: 1000 });
    clock.jump(-400);
    await clock.pass(100);
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([700, 100]);
  });
});

test('the fast clock goes as many times as fast as its base, from the same wall time on', async () => {
  const base = virtualClock({ startMs: 1_000_000 });
  const clock = fastClock({ speed: 60, base });
  let rangMs = 0;
  clock.after(60_000, () => (rangMs = base.monotonicMs()));
  await base.pass(2000);
  expect([clock.nowMs(), clock.monotonicMs(), rangMs]).toEqual([1_120_000, 120_000, 1000]);
});

test('seeded ids repeat with their seed and with no other', () => {
  const draw = (seed: string): readonly string[] => {
    const ids = seededIds(seed);
    return [ids.next(), ids.next(), String(ids.random()), suffix(ids)];
  };
  expect(draw('a')).toEqual(draw('a'));
  expect(new Set([...draw('a'), ...draw('b')]).size).toBe(8);
  expect(uuid(seededIds('a').next())).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
});
