import { expect, test } from 'vitest';
import { SalvorError } from '../../../src/model/error.ts';
import { LANE_LEASE_MS } from '../../../src/notify/hold.ts';
import { mailOut } from '../../../src/notify/lane.ts';
import { deliverLane } from '../../../src/notify/outbox.ts';
import { newPageLane, pageLaneJson } from '../../../src/notify/pages/lane.ts';
import { askedToWaitMs, notReached, notTaken } from '../../../src/pagerduty/fault.ts';
import { oneWhileAway } from '../../../src/pagerduty/one-while-away.ts';
import { pace } from '../../../src/pagerduty/pace.ts';
import { sleep } from '../../../src/port/clock.ts';
import { silentLog } from '../../../src/port/log.ts';
import type { Page, Pager } from '../../../src/port/pager.ts';
import { startLoop } from '../../../src/run/loop.ts';
import { oracleState } from '../../../src/store/oracle/state.ts';
import { oracleStore } from '../../../src/store/oracle.ts';
import { virtualClock } from '../../../src/world/clock.ts';
import { simulatedPagerDuty } from '../../../src/world/pagerduty/pagerduty.ts';

const KEYS: { readonly [target: string]: string } = { first: 'a'.repeat(32), second: 'b'.repeat(32) };
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const secret = 'never-shown';

type Behaviour = 'up' | 'refuses' | 'answers 503' | 'hangs' | 'loses replies' | 'throttles';

/** Lanes of many incidents and the simulated PagerDuty on one virtual clock; each request to it counts. */
async function outage(incidents: number) {
  const clock = virtualClock();
  const state = oracleState();
  let store = oracleStore({ clock, state });
  const pagerduty = simulatedPagerDuty({ clock });
  const now: { is: Behaviour } = { is: 'up' };
  const requests: number[] = [];
  const events = pace({ clock, most: 100 });

  const reach = async ({ action, dedupKey, target, severity, summary }: Page): Promise<void> => {
    const key = KEYS[target] ?? '';
    events(key);
    requests.push(clock.nowMs());
    if (now.is === 'refuses') throw notReached(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
    if (now.is === 'answers 503') throw notTaken('no', { status: 503 }, { secret });
    if (now.is === 'throttles') throw notTaken('no', { status: 429, retryAfterMs: askedToWaitMs(new Headers({ 'retry-after': '30' })) }, { secret });
    if (now.is === 'hangs') {
      await sleep(clock, 10_000);
      throw notReached(new DOMException('late', 'TimeoutError'));
    }
    const payload = action === 'trigger' ? { payload: { summary, source: 'prod', severity } } : {};
    const { code } = pagerduty.enqueue({ routing_key: key, event_action: action, dedup_key: dedupKey, ...payload });
    if (now.is === 'loses replies') throw notReached(new Error('the connection broke'));
    if (code !== 202) throw notTaken('no', { status: code }, { secret });
  };
  const pager: Pager = { send: oneWhileAway(reach), confirms: () => ({ by: 'nothing', withinMs: MINUTE_MS }) };
  const chat = { deliver: () => Promise.reject(new SalvorError('chat.unavailable', 'away', { retry: 'later' })) };
  const boot = () =>
    startLoop(
      { store, clock, log: silentLog, owner: 'test' },
      {
        name: 'lane',
        kinds: ['lane'],
        limit: 16,
        leaseMs: LANE_LEASE_MS,
        renewed: true,
        async handle(claimed, stop) {
          for (const one of claimed) await deliverLane({ store, clock, chat, pager, log: silentLog }, one, stop);
        },
      },
    );
  let loop = boot();

  const names = Array.from({ length: incidents }, (_, index) => `incident/i-${index}`);
  let ops = 0;
  const commit = (changes: Parameters<typeof store.commit>[0]['changes'], guards: Parameters<typeof store.commit>[0]['guards'] = []) => {
    ops += 1;
    return store.commit({ partition: 'prod', opId: `test-${ops}`, guards, changes });
  };
  for (const name of names) {
    const id = `lane/pager/${name}`;
    await commit([{ do: 'put', id, kind: 'lane', indexed: { to: 'pager', incident: name }, value: pageLaneJson(newPageLane(name)) }], [{ is: 'absent', id }]);
  }
  const page = async (action: Page['action'], target: string, of = names): Promise<void> => {
    for (const name of of) {
      const it: Page = { action, target, dedupKey: name, severity: 'error', summary: `about ${name}`, details: {} };
      await commit([mailOut(name, `${action}/${target}/${clock.nowMs()}`, { to: 'pager', page: it })]);
    }
  };
  return {
    clock,
    now,
    names,
    requests,
    page,
    pagerduty,
    news: async (name: string) => (await store.mail('prod', name)).map(({ value, atMs }) => ({ ...(value as { what: string; target: string }), atMs })),
    waiting: () => store.list({ kind: 'lane', limit: 500 }).then(({ records }) => records.filter(({ dueMs }) => dueMs !== undefined).length),
    kill() {
      const dead = loop;
      store = oracleStore({ clock, state });
      void dead.stop();
      loop = boot();
    },
    stop: () => loop.stop(),
  };
}

test.each<[Behaviour, number]>([
  ['refuses', 1],
  ['answers 503', 12],
  ['hangs', 1],
  ['hangs', 12],
  ['throttles', 1],
  ['loses replies', 1],
])('PagerDuty %s for %i h: told within a minute, nothing lost, nothing twice, in order, and it is not hammered', { timeout: 120_000 }, async (is, hours) => {
  const { clock, now, names, page, pagerduty, news, requests, waiting, kill, stop } = await outage(40);
  now.is = is;
  await page('trigger', 'first');
  await clock.pass(MINUTE_MS);
  for (const name of names) expect(await news(name), name).toMatchObject([{ what: 'waits', target: 'first' }]);
  await clock.pass(14 * MINUTE_MS);
  await page('trigger', 'second');
  await clock.pass(hours * HOUR_MS - 15 * MINUTE_MS);
  await page('acknowledge', 'first', names.slice(0, 10));
  kill();
  await clock.pass(5000);
  // Of forty incidents, no more than what finds out whether it is back.
  expect(requests.length).toBeLessThan(hours * 60 * 100);
  now.is = 'up';
  await clock.pass(3 * MINUTE_MS);

  const found = pagerduty.incidents().toReversed();
  expect(found).toHaveLength(80);
  for (const [index, name] of names.entries()) {
    const own = found.filter(({ key }) => key === name);
    expect(own.map(({ integration, status }) => [integration, status])).toEqual([
      [KEYS['first'], index < 10 ? 'acknowledged' : 'triggered'],
      [KEYS['second'], 'triggered'],
    ]);
    expect((await news(name)).map(({ what, target }) => `${what} ${target}`)).toEqual(['waits first', 'waits second', 'taken first', 'taken second']);
  }
  expect(await waiting()).toBe(0);
  await stop();
});

test('three hundred incidents at once: PagerDuty never has to refuse, and all are there in their time', async () => {
  const { clock, page, pagerduty, requests, waiting, stop } = await outage(300);
  await page('trigger', 'first');
  await clock.pass(MINUTE_MS - 1000);
  expect(pagerduty.incidents()).toHaveLength(100);
  await clock.pass(5 * MINUTE_MS);
  expect(pagerduty.incidents()).toHaveLength(300);
  expect(pagerduty.incidents().every(({ alerts }) => alerts === 1)).toBe(true);
  expect(requests).toHaveLength(300);
  expect(await waiting()).toBe(0);
  await stop();
});

test('while PagerDuty hangs, one page finds out whether it is back; all others are turned away at once', async () => {
  const hanging: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  const send = oneWhileAway(
    () =>
      new Promise((resolve, reject) => {
        hanging.push({ resolve, reject });
      }),
  );
  const page: Page = { action: 'trigger', dedupKey: 'k', target: 't', severity: 'error', summary: 's', details: {} };
  const first = send(page);
  hanging[0]?.reject(notReached(new DOMException('late', 'TimeoutError')));
  await expect(first).rejects.toThrow('it did not answer in time');
  const second = send(page);
  await expect(send(page)).rejects.toMatchObject({ code: 'pager.unavailable', retryAfterMs: 5000 });
  expect(hanging).toHaveLength(2);
  hanging[1]?.resolve();
  await second;
  void send(page);
  void send(page);
  expect(hanging).toHaveLength(4);
});
