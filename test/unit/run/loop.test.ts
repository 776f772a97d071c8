import { expect, test } from 'vitest';
import { silentLog } from '../../../src/port/log.ts';
import { startLoop } from '../../../src/run/loop.ts';
import { oracleStore } from '../../../src/store/oracle.ts';
import { virtualClock } from '../../../src/world/clock.ts';

const LEASE_MS = 6000;

test('what is handled slowly stays leased where the loop renews; once its holder is gone, it is free when the lease is past', async () => {
  const clock = virtualClock();
  const store = oracleStore({ clock });
  await store.accept({ sender: 'am', clusters: ['prod'], receivedMs: 0, body: '{}', alerts: 1 });
  const slow = Promise.withResolvers<void>();
  const loop = { name: 'inbox', kinds: ['inbox'], limit: 5, leaseMs: LEASE_MS, renewed: true, together: true, handle: () => slow.promise } as const;
  const running = startLoop({ store, clock, log: silentLog, owner: 'me' }, loop);
  await clock.pass(10);
  const others = async (): Promise<number> => (await store.claim({ kinds: ['inbox'], owner: 'you', limit: 5, leaseMs: LEASE_MS })).claimed.length;
  for (let leases = 0; leases < 4; leases += 1) {
    await clock.pass(LEASE_MS);
    expect(await others(), `after ${leases + 1} leases`).toBe(0);
  }
  // It is done without a trace, and lets go: nobody renews what nobody handles.
  const stopped = running.stop();
  slow.resolve();
  await stopped;
  await clock.pass(LEASE_MS);
  expect(await others()).toBe(1);
});
