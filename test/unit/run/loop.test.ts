import { expect, test } from 'vitest';
import { sleep } from '../../../src/port/clock.ts';
import { silentLog } from '../../../src/port/log.ts';
import type { Claimed } from '../../../src/port/store.ts';
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

test('a store whose clock is an hour behind is asked about once a second for what is due by ours, and hands it out when it is due there', async () => {
  const behind = virtualClock();
  const clock = virtualClock();
  clock.jump(3_600_000);
  const store = oracleStore({ clock: behind });
  const put = { do: 'put', id: 'pause/x', kind: 'pause', dueMs: clock.nowMs(), value: {} } as const;
  await store.commit({ partition: 'prod', opId: 'one', guards: [{ is: 'absent', id: put.id }], changes: [put] });
  let asked = 0;
  let handled = 0;
  const counting = { ...store, claim: (request: Parameters<typeof store.claim>[0]) => ((asked += 1), store.claim(request)) };
  const loop = { name: 'pause', kinds: ['pause'], limit: 5, leaseMs: LEASE_MS, handle: async () => void (handled += 1) } as const;
  const running = startLoop({ store: counting, clock, log: silentLog, owner: 'me' }, loop);
  await clock.pass(60_000);
  expect([asked < 80, handled]).toEqual([true, 0]);
  behind.jump(3_700_000);
  await clock.pass(1100);
  expect(handled).toBe(1);
  await running.stop();
});

test('what is still in hand when a step of the clock ends its lease is not handled beside itself, and again once it is done', async () => {
  const clock = virtualClock();
  const store = oracleStore({ clock });
  const put = { do: 'put', id: 'run/x', kind: 'run', dueMs: 1, value: {} } as const;
  await store.commit({ partition: 'prod', opId: 'one', guards: [{ is: 'absent', id: put.id }], changes: [put] });
  const slow = Promise.withResolvers<void>();
  let begun = 0;
  const handle = async (): Promise<void> => {
    begun += 1;
    await slow.promise;
  };
  const running = startLoop({ store, clock, log: silentLog, owner: 'me' }, { name: 'run', kinds: ['run'], limit: 5, leaseMs: LEASE_MS, handle });
  await clock.pass(10);
  clock.jump(LEASE_MS);
  await clock.pass(2 * LEASE_MS);
  expect((await store.get('prod', put.id))?.epoch).toBeGreaterThan(1);
  expect(begun).toBe(1);
  slow.resolve();
  await clock.pass(LEASE_MS);
  expect(begun).toBeGreaterThan(1);
  await running.stop();
});

test('an answer of the store that was longer on its way than the lease is not worked on: by then it may be in other hands', async () => {
  const clock = virtualClock();
  const store = oracleStore({ clock });
  const put = { do: 'put', id: 'run/x', kind: 'run', dueMs: 1, value: {} } as const;
  await store.commit({ partition: 'prod', opId: 'one', guards: [{ is: 'absent', id: put.id }], changes: [put] });
  const late = { ms: LEASE_MS + 1000 };
  const slow: typeof store = {
    ...store,
    async claim(request) {
      const answer = await store.claim(request);
      await sleep(clock, late.ms);
      return answer;
    },
  };
  const epochs: number[] = [];
  const handle = async (claimed: readonly Claimed[]): Promise<void> => void epochs.push(...claimed.map(({ record }) => record.epoch));
  const running = startLoop({ store: slow, clock, log: silentLog, owner: 'me' }, { name: 'run', kinds: ['run'], limit: 5, leaseMs: LEASE_MS, handle });
  await clock.pass(LEASE_MS);
  const [other] = (await store.claim({ kinds: ['run'], owner: 'you', limit: 5, leaseMs: 2 * LEASE_MS })).claimed;
  expect(other?.record.epoch).toBe(2);
  await clock.pass(LEASE_MS + 3000);
  expect(epochs).toEqual([]);
  late.ms = 0;
  await clock.pass(60_000);
  expect(epochs[0]).toBeGreaterThan(2);
  await running.stop();
});
