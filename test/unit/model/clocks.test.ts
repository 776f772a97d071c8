import { describe, expect, test } from 'vitest';
import { clocksOf } from '../../../src/model/clocks.ts';
import type { Run } from '../../../src/model/run.ts';

type Timed = Pick<Run, 'start' | 'measured' | 'createdMs' | 'endedMs'>;
const alert = { by: 'alert', episode: 'e', labels: [], startsAtMs: 1000, receivedMs: 4000 } as const;
const run: Timed = { start: alert, measured: {}, createdMs: 5000 };
const at = (type: string, atMs: number) => ({ type, atMs });

describe('the clocks of a run', () => {
  test('give every interval to one of them, waiting for people and cleaning up apart', () => {
    const journal = [
      at('run.queued', 5000),
      at('run.started', 6000),
      at('run.diagnosed', 6500),
      at('run.proposed', 8000),
      at('approval.vote', 9000),
      at('approval.granted', 18_000),
      at('run.executing', 18_500),
      at('step.done', 19_000),
      at('run.verifying', 20_000),
      at('run.verified', 23_000),
      at('run.closing', 23_500),
      at('run.ended', 30_000),
    ];
    const clocks = clocksOf({ ...run, endedMs: 30_000 }, journal, 99_000);
    expect(clocks).toEqual({ detect: 5000, decide: 2500, people: 10_000, act: 2000, prove: 3000, cleanup: 6500 });
    expect(Object.values(clocks).reduce((sum, spent) => sum + spent, 0)).toBe(29_000);
  });

  test('start with the time of the fact where it is known, never behind the run itself', () => {
    const journal = [at('run.started', 6000)];
    expect(clocksOf({ ...run, measured: { factTimeMs: 500 } }, journal, 6000).detect).toBe(5500);
    expect(clocksOf({ ...run, measured: { factTimeMs: 50_000 } }, journal, 6000).detect).toBe(1000);
    expect(clocksOf({ ...run, start: { by: 'schedule', slotMs: 4500 } }, journal, 6000).detect).toBe(1500);
    expect(clocksOf({ ...run, start: { by: 'person', person: 'ana', surface: 'cli', reason: 'x' } }, journal, 6000).detect).toBe(1000);
  });

  test('go on until now while the run is open, and give no negative time when a clock was set back', () => {
    const journal = [at('run.started', 6000), at('run.proposed', 5500)];
    const clocks = clocksOf(run, journal, 10_000);
    expect(clocks).toMatchObject({ decide: 0, people: 4000 });
    expect(Object.values(clocksOf(run, [], 0)).every((spent) => spent >= 0)).toBe(true);
  });
});
