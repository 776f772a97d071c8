import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../port/clock.ts';

/** Why a request is not from Slack, for the log; `again`: it is, and came before. */
export type Signed = 'ok' | 'again' | 'unsigned' | 'stale' | 'forged';

/** As Slack's documentation says, in both directions: a request that is dated ahead could be kept for later. */
const WINDOW_S = 300;
/** Longer than a signature can be valid. */
const REMEMBERED_MS = 600_000;

export type SignedRequest = { readonly signature: string | undefined; readonly timestamp: string | undefined; readonly body: Uint8Array };

/**
 * Judges requests to the events address: the time is a number within five minutes of ours, the signature is made with our secret over the bytes as they
 * came, and no signature counts twice.
 * Source  Slack developer documentation, "Verifying requests from Slack", version v0.
 */
export function signatures({ clock }: { readonly clock: Clock }): (request: SignedRequest, secret: string) => Signed {
  /** When each valid signature is forgotten. Only Slack can fill it. */
  const seen = new Map<string, number>();
  return ({ signature, timestamp, body }, secret) => {
    // An empty secret signs for everybody.
    if (signature === undefined || timestamp === undefined || secret === '') return 'unsigned';
    if (!/^\d{1,12}$/.test(timestamp) || Math.abs(Number(timestamp) - clock.nowMs() / 1000) > WINDOW_S) return 'stale';
    const expected = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest();
    const given = /^v0=([0-9a-f]{64})$/.exec(signature)?.[1];
    if (given === undefined || !timingSafeEqual(Buffer.from(given, 'hex'), expected)) return 'forged';
    const nowMs = clock.monotonicMs();
    for (const [one, untilMs] of seen) {
      // Oldest first: whatever follows is younger.
      if (untilMs > nowMs) break;
      seen.delete(one);
    }
    if (seen.has(signature)) return 'again';
    seen.set(signature, nowMs + REMEMBERED_MS);
    return 'ok';
  };
}
