import { describe, expect, test } from 'vitest';
import { createLog } from '../../../src/observe/log.ts';
import type { LogFacts } from '../../../src/port/log.ts';
import { START_MS, virtualClock } from '../../../src/world/clock.ts';

function logOf(options: Partial<Parameters<typeof createLog>[0]> = {}) {
  const lines: string[] = [];
  const log = createLog({ clock: virtualClock(), to: (line) => void lines.push(line), ...options });
  return { log, lines };
}

describe('the log', () => {
  test('writes one JSON line a call, with time, level and name before the facts', () => {
    const { log, lines } = logOf();
    log.warn('step.verify-failed', { runId: 'run/1', attempt: 2, cold: true, nothing: undefined });
    expect(lines).toEqual([
      `{"at":"${new Date(START_MS).toISOString()}","level":"warn","name":"step.verify-failed","runId":"run/1","attempt":2,"cold":true}\n`,
    ]);
  });

  test('stays one line whatever is in the facts, and no fact takes the place of a fixed field', () => {
    const { log, lines } = logOf();
    log.info('a', { text: 'one\ntwo\r\nthree\u2028four', level: 'error', name: 'forged', at: 0 });
    expect(lines[0]?.match(/\n/g)).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toEqual({ at: expect.any(String), level: 'info', name: 'a', text: 'one\ntwo\r\nthree\u2028four' });
  });

  test('leaves out what is below its level', () => {
    const { log, lines } = logOf({ level: 'warn' });
    for (const level of ['debug', 'info', 'warn', 'error'] as const) log[level](level);
    expect(lines.map((line) => (JSON.parse(line) as { name: string }).name)).toEqual(['warn', 'error']);
  });

  test('takes secrets out of every text, and cuts long ones', () => {
    const { log, lines } = logOf({ redact: (text) => text.replaceAll('hunter2', '***') });
    log.info('a', { reason: 'password hunter2', count: 2, long: 'x'.repeat(10_000) });
    expect(lines[0]).not.toContain('hunter2');
    expect(lines[0]).toContain('password ***');
    expect(lines[0]?.length).toBeLessThan(5000);
  });

  test('never throws: not for facts that cannot be written, and not for a reader that went away', () => {
    const circle: { [name: string]: unknown } = {};
    circle['self'] = circle;
    const { log, lines } = logOf();
    log.info('a', circle as unknown as LogFacts);
    log.info('b', { big: 1n as unknown as number });
    expect(lines).toEqual(['{"level":"error","name":"log.failed"}\n', '{"level":"error","name":"log.failed"}\n']);
    const closed = createLog({
      clock: virtualClock(),
      to: () => {
        throw new Error('EPIPE');
      },
    });
    expect(() => closed.error('a')).not.toThrow();
  });
});
