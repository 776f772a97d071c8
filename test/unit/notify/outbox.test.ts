import { expect, test } from 'vitest';
import { SalvorError } from '../../../src/model/error.ts';
import type { Json } from '../../../src/model/json.ts';
import { LANE_LEASE_MS } from '../../../src/notify/hold.ts';
import { laneJson, mailOut, newLane } from '../../../src/notify/lane.ts';
import { deliverLane } from '../../../src/notify/outbox.ts';
import type { Chat, ChatMessage } from '../../../src/port/chat.ts';
import { silentLog } from '../../../src/port/log.ts';
import type { Page, Pager } from '../../../src/port/pager.ts';
import { oracleStore } from '../../../src/store/oracle.ts';
import { virtualClock } from '../../../src/world/clock.ts';

const INCIDENT = 'incident/a-1';
const LANE = `lane/chat/${INCIDENT}`;

/** One chat lane on the oracle, a chat that can go away, and the driver's loop. */
async function scene(to: 'chat' | 'pager' = 'chat') {
  const clock = virtualClock();
  const store = oracleStore({ clock });
  const lane = `lane/${to}/${INCIDENT}`;
  let ops = 0;
  const commit = async (changes: Parameters<typeof store.commit>[0]['changes'], guards: Parameters<typeof store.commit>[0]['guards'] = []) => {
    ops += 1;
    return store.commit({ partition: 'prod', opId: `test-${ops}`, guards, changes });
  };
  await commit([{ do: 'put', id: lane, kind: 'lane', value: laneJson(newLane(to, INCIDENT)) }], [{ is: 'absent', id: lane }]);

  const said: string[] = [];
  const refs: (string | undefined)[] = [];
  const pages: Page[] = [];
  const away: { error?: Error; after?: number } = {};
  const chat: Chat = {
    async deliver(message, before) {
      if (away.error !== undefined && said.length >= (away.after ?? 0)) throw away.error;
      said.push(message.title);
      refs.push(before?.ref);
      return { ref: `ref-${message.key}` };
    },
  };
  const pager: Pager = {
    async send(page) {
      if (away.error !== undefined) throw away.error;
      pages.push(page);
    },
  };
  const say = async (title: string, more: Partial<ChatMessage> = {}) => {
    const message: ChatMessage = { key: `${INCIDENT}/${title}`, thread: INCIDENT, kind: 'timeline', title, lines: [], ...more };
    await commit([mailOut(INCIDENT, title, { to: 'chat', message })]);
  };
  const card = (title: string) => say(title, { key: `${INCIDENT}/card`, kind: 'card' });
  const page = (summary: string) =>
    commit([mailOut(INCIDENT, summary, { to: 'pager', page: { action: 'trigger', dedupKey: 'k', target: 't', severity: 'error', summary, details: {} } })]);
  const claim = async () => (await store.claim({ kinds: ['lane'], owner: 'test', limit: 1, leaseMs: LANE_LEASE_MS })).claimed;
  const deliver = async (stop?: AbortSignal) => {
    for (const one of await claim()) await deliverLane({ store, clock, chat, pager, log: silentLog }, one, stop);
  };
  const nextMs = async () => ((await store.claim({ kinds: ['lane'], owner: 'test', limit: 0, leaseMs: LANE_LEASE_MS })).nextMs ?? Infinity) - clock.nowMs();
  const unread = async () => (await store.mail('prod', lane)).length;
  return { clock, store, commit, chat, pager, said, refs, pages, away, say, card, page, claim, deliver, nextMs, unread };
}

const gone = new SalvorError('chat.unavailable', 'Slack is away', { retry: 'later' });

test('messages are delivered in order, once, and the lane rests', async () => {
  const { say, deliver, said, unread, nextMs } = await scene();
  for (const title of ['one', 'two', 'three']) await say(title);
  await deliver();
  expect(said).toEqual(['one', 'two', 'three']);
  expect(await unread()).toBe(0);
  expect(await nextMs()).toBe(Infinity);
  await deliver();
  expect(said).toHaveLength(3);
});

test('while the chat is away everything waits, and nothing is lost or overtaken', async () => {
  const { say, deliver, said, away, clock, nextMs } = await scene();
  away.error = gone;
  await say('one');
  await say('two');
  await deliver();
  expect(said).toEqual([]);
  expect(await nextMs()).toBe(1000);
  await say('three');
  await deliver();
  expect(said).toEqual([]);
  delete away.error;
  await clock.pass(1000);
  await deliver();
  expect(said).toEqual(['one', 'two', 'three']);
});

test('news during a pause does not shorten it', async () => {
  const { say, deliver, away, clock, nextMs, claim } = await scene();
  away.error = gone;
  await say('one');
  await deliver();
  await clock.pass(400);
  await say('two');
  await deliver();
  expect(await nextMs()).toBe(600);
  expect(await claim()).toEqual([]);
});

test('each failure doubles the pause, up to a minute; a delivery starts over', async () => {
  const { say, deliver, away, clock, nextMs, said } = await scene();
  away.error = gone;
  await say('one');
  const pauses: number[] = [];
  for (let round = 0; round < 8; round += 1) {
    await deliver();
    pauses.push(await nextMs());
    await clock.pass(pauses.at(-1) ?? 0);
  }
  expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  delete away.error;
  await deliver();
  expect(said).toEqual(['one']);
  away.error = gone;
  await say('two');
  await deliver();
  expect(await nextMs()).toBe(1000);
});

test('where the other side says how long, that is how long', async () => {
  const { say, deliver, away, nextMs } = await scene();
  away.error = new SalvorError('chat.unavailable', 'slow down', { retry: 'later', retryAfterMs: 90_000 });
  await say('one');
  await deliver();
  expect(await nextMs()).toBe(90_000);
});

test('what was delivered before a failure is not delivered again', async () => {
  const { say, deliver, away, clock, said } = await scene();
  away.error = gone;
  away.after = 2;
  for (const title of ['one', 'two', 'three']) await say(title);
  await deliver();
  expect(said).toEqual(['one', 'two']);
  delete away.error;
  await clock.pass(1000);
  await deliver();
  expect(said).toEqual(['one', 'two', 'three']);
});

test('of waiting edits of one card only the newest goes out, in the place of the first', async () => {
  const { say, card, deliver, said, unread } = await scene();
  await card('card 1');
  await say('one');
  await card('card 2');
  await say('two');
  await card('card 3');
  await deliver();
  expect(said).toEqual(['card 3', 'one', 'two']);
  expect(await unread()).toBe(0);
});

test('edits are coalesced over an outage, too', async () => {
  const { say, card, deliver, said, away, clock } = await scene();
  away.error = gone;
  await card('card 1');
  await say('one');
  await deliver();
  await card('card 2');
  delete away.error;
  await clock.pass(1000);
  await deliver();
  expect(said).toEqual(['card 2', 'one']);
});

test('an edit goes to the message that was posted', async () => {
  const { card, deliver, refs } = await scene();
  await card('card 1');
  await deliver();
  await card('card 2');
  await deliver();
  expect(refs).toEqual([undefined, `ref-${INCIDENT}/card`]);
});

test('a fault that is no outage waits as well, and is not lost', async () => {
  const { say, deliver, away, clock, said } = await scene();
  away.error = new TypeError('our own mistake');
  await say('one');
  await deliver();
  delete away.error;
  await clock.pass(1000);
  await deliver();
  expect(said).toEqual(['one']);
});

test('pages go out by the pager, and wait while it is away', async () => {
  const { page, deliver, pages, away, clock } = await scene('pager');
  away.error = new SalvorError('pager.unavailable', 'away', { retry: 'later' });
  await page('first');
  await page('second');
  await deliver();
  expect(pages).toEqual([]);
  delete away.error;
  await clock.pass(1000);
  await deliver();
  expect(pages.map(({ summary }) => summary)).toEqual(['first', 'second']);
});

test('who lost the lane stores nothing, and the next one goes on', async () => {
  const { say, claim, clock, store, chat, pager, said, deliver } = await scene();
  await say('one');
  await say('two');
  const [zombie] = await claim();
  await clock.pass(LANE_LEASE_MS + 1);
  await deliver();
  expect(said).toEqual(['one', 'two']);
  if (zombie === undefined) throw new Error('nothing was claimed');
  await deliverLane({ store, clock, chat, pager, log: silentLog }, zombie);
  // At least once: the zombie repeats the first under its old key, sees that it is fenced, and stops.
  expect(said).toEqual(['one', 'two', 'one']);
});

test('a stop leaves the rest for the next one, due at once', async () => {
  const { say, deliver, said, nextMs } = await scene();
  await say('one');
  await say('two');
  await deliver(AbortSignal.abort());
  expect(said).toEqual(['one']);
  expect(await nextMs()).toBe(0);
  await deliver();
  expect(said).toEqual(['one', 'two']);
});

test('mail that is no message keeps nothing behind it waiting', async () => {
  const { commit, say, deliver, said, unread } = await scene();
  await commit([{ do: 'mail', to: LANE, key: 'odd', value: { message: { key: 7 } } satisfies Json }]);
  await say('one');
  await deliver();
  expect(said).toEqual(['one']);
  expect(await unread()).toBe(0);
});

test('a lane record that cannot be read is begun anew', async () => {
  const { commit, store, say, deliver, said } = await scene();
  const record = await store.get('prod', LANE);
  await commit([{ do: 'put', id: LANE, kind: 'lane', value: 'torn' }], [{ is: 'seq', id: LANE, seq: record?.seq ?? 0 }]);
  await say('one');
  await deliver();
  expect(said).toEqual(['one']);
});
