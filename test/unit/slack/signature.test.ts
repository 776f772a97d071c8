import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { signatures } from '../../../src/slack/signature.ts';
import { START_MS, virtualClock } from '../../../src/world/clock.ts';

const SECRET = 'a-signing-secret';
const nowS = START_MS / 1000;

function desk(): {
  readonly judge: (timestamp: string, body?: string, change?: (signature: string) => string | undefined) => string;
  readonly clock: ReturnType<typeof virtualClock>;
} {
  const clock = virtualClock();
  const judge = signatures({ clock });
  return {
    clock,
    judge: (timestamp, body = 'payload=1', change = (signature) => signature) => {
      const signature = `v0=${createHmac('sha256', SECRET).update(`v0:${timestamp}:payload=1`).digest('hex')}`;
      return judge({ signature: change(signature), timestamp, body: Buffer.from(body) }, SECRET);
    },
  };
}

describe('a request to the events address', () => {
  test('counts when it is signed now', () => {
    expect(desk().judge(String(nowS))).toBe('ok');
  });

  test('is not Slack’s when the signature is missing, wrong, of another version, or over another body', () => {
    const { judge } = desk();
    expect(judge(String(nowS), 'payload=1', () => undefined)).toBe('unsigned');
    expect(judge(String(nowS), 'payload=2')).toBe('forged');
    expect(judge(String(nowS), 'payload=1', (signature) => signature.replace('v0=', 'v1='))).toBe('forged');
    expect(judge(String(nowS), 'payload=1', (signature) => signature.slice(0, -1))).toBe('forged');
    expect(judge(String(nowS), 'payload=1', (signature) => signature.replace(/.$/, (last) => (last === '0' ? '1' : '0')))).toBe('forged');
  });

  test.each([nowS - 301, nowS + 301, 'abc', '', '1e9', ' 1', '-5', '99999999999999999999'])('is too old, too early or no time at all: %s', (timestamp) => {
    expect(desk().judge(String(timestamp))).toBe('stale');
  });

  test.each([nowS - 300, nowS + 300])('counts at the edge of the window: %s', (timestamp) => {
    expect(desk().judge(String(timestamp))).toBe('ok');
  });

  test('counts once', async () => {
    const { judge, clock } = desk();
    const dated = String(nowS + 300);
    expect(judge(dated)).toBe('ok');
    expect(judge(dated)).toBe('again');
    await clock.pass(599_000);
    expect(judge(dated)).toBe('again');
    await clock.pass(2000);
    expect(judge(dated)).toBe('stale');
  });

  test('a forged one does not take the place of the real one', () => {
    const { judge } = desk();
    expect(judge(String(nowS), 'payload=2')).toBe('forged');
    expect(judge(String(nowS))).toBe('ok');
  });

  test('nobody is let in by an empty secret', () => {
    const timestamp = String(nowS);
    const signature = `v0=${createHmac('sha256', '').update(`v0:${timestamp}:`).digest('hex')}`;
    expect(signatures({ clock: virtualClock() })({ signature, timestamp, body: Buffer.alloc(0) }, '')).toBe('unsigned');
  });
});
