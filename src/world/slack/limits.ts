import type { Clock } from '../../port/clock.ts';

/** Calls that are let through: so many at once, and then so many in a minute. */
export type Rate = { readonly burst: number; readonly perMinute: number /** Counted for each channel. */; readonly byChannel?: true };

const tier = (perMinute: number): Rate => ({ burst: perMinute, perMinute });

/** Slack's tiers are the least that it promises; here they are the most. Source  Slack documentation, "Rate limits". */
export const TIER = {
  two: tier(20),
  three: tier(50),
  four: tier(100),
  /** Slack has tier 1 for `apps.connections.open` and is patient with apps that connect again. */
  connect: tier(20),
  /** About one a second in each channel, with short bursts. */
  posting: { burst: 3, perMinute: 60, byChannel: true },
  special: tier(600),
} as const satisfies Record<string, Rate>;

const MINUTE_MS = 60_000;

export type Limits = {
  /** Ms to wait, 0 where the call may pass; a call that passes is counted. */
  take(asked: { readonly method: string; readonly channel?: string | undefined; readonly rate: Rate }): number;
  enforce(isOn: boolean): void;
};

/** A bucket for each method, or each method and channel, that fills as the clock goes. */
export function limits(clock: Clock): Limits {
  const buckets = new Map<string, { level: number; atMs: number }>();
  let isOn = true;
  return {
    take({ method, channel = '', rate: { burst, perMinute, byChannel } }) {
      if (!isOn) return 0;
      const key = byChannel ? `${method} ${channel}` : method;
      const nowMs = clock.monotonicMs();
      const bucket = buckets.get(key) ?? { level: burst, atMs: nowMs };
      bucket.level = Math.min(burst, bucket.level + ((nowMs - bucket.atMs) * perMinute) / MINUTE_MS);
      bucket.atMs = nowMs;
      buckets.set(key, bucket);
      if (bucket.level < 1) return Math.ceil(((1 - bucket.level) * MINUTE_MS) / perMinute);
      bucket.level -= 1;
      return 0;
    },
    enforce: (next) => void (isOn = next),
  };
}
