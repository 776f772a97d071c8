import { describe, expect, test } from 'vitest';
import type { Webhook } from '../../../src/model/alert.ts';
import type { ClaimRequest, Store } from '../../../src/port/store.ts';
import { acceptFirst } from '../../../src/store/accept-first.ts';
import { oracleStore } from '../../../src/store/oracle.ts';
import { virtualClock } from '../../../src/world/clock.ts';

const webhook: Webhook = { sender: 'prod', clusters: ['prod'], receivedMs: 0, body: '{}', alerts: 1 };
const inbox: ClaimRequest = { kinds: ['inbox'], owner: 'me', limit: 500, leaseMs: 6000 };

function scene() {
  const clock = virtualClock();
  const inner = oracleStore({ clock });
  let disk = Promise.resolve();
  const slow: Store = { ...bound(inner), accept: (one) => disk.then(() => inner.accept(one)) };
  const store = acceptFirst(slow, clock);
  return {
    clock,
    store,
    inner,
    /** So many webhooks that all wait for the disk at once; answers what lets them through. */
    burst(count: number) {
      const { promise, resolve } = Promise.withResolvers<void>();
      disk = promise;
      const all = Array.from({ length: count }, () => store.accept(webhook));
      return async () => {
        resolve();
        await Promise.all(all);
      };
    },
  };
}

function bound(store: Store): Store {
  return { ...store, claim: (request) => store.claim(request), accept: (one) => store.accept(one) };
}

/** The claim, and whether it was answered yet. */
function asked(claim: ReturnType<Store['claim']>) {
  const state = { claimed: -1 };
  void claim.then(({ claimed }) => (state.claimed = claimed.length));
  return state;
}

describe('accepting comes before work', () => {
  test('while webhooks come one by one, nothing waits', async () => {
    const { store } = scene();
    await store.accept(webhook);
    expect((await store.claim(inbox)).claimed).toHaveLength(1);
  });

  test('during a burst what is due waits until it is over', async () => {
    const { clock, store, inner, burst } = scene();
    await inner.accept(webhook);
    const through = burst(8);
    const claim = asked(store.claim(inbox));
    await clock.pass(10);
    expect(claim.claimed).toBe(-1);
    await through();
    await clock.pass(20);
    expect(claim.claimed).toBe(9);
  });

  test('however long the burst is, a little is taken four times a second', async () => {
    const { clock, store, inner, burst } = scene();
    for (let one = 0; one < 100; one += 1) await inner.accept(webhook);
    const taken: number[] = [];
    for (let ms = 0; ms < 1000; ms += 10) {
      await burst(8)();
      if (ms % 250 === 0) void store.claim(inbox).then(({ claimed }) => taken.push(claimed.length));
      await clock.pass(10);
    }
    expect(taken).toEqual([16, 16, 16, 16]);
  });
});
