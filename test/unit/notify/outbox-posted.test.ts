import { expect, test } from 'vitest';
import { SalvorError } from '../../../src/model/error.ts';
import { LANE_LEASE_MS } from '../../../src/notify/hold.ts';
import { laneJson, mailOut, newLane } from '../../../src/notify/lane.ts';
import { deliverLane } from '../../../src/notify/outbox.ts';
import type { Chat, ChatMessage } from '../../../src/port/chat.ts';
import type { Clock } from '../../../src/port/clock.ts';
import { silentLog } from '../../../src/port/log.ts';
import type { Claimed, Store } from '../../../src/port/store.ts';
import { oracleStore } from '../../../src/store/oracle.ts';
import { virtualClock } from '../../../src/world/clock.ts';

const INCIDENT = 'incident/a-1';
const LANE = `lane/chat/${INCIDENT}`;

type Seen = { readonly keys: readonly string[]; text: string; readonly root: string | undefined };
type Fault = 'refused' | 'dropped' | 'lost reply' | 'late' | 'killed';

const fault = (outcome: string): SalvorError => new SalvorError('chat.unavailable', 'no', { retry: 'later', details: { outcome } });

/** A place that posts whatever it is told as often as it is told, as Slack does, and can be asked what is there. */
async function scene() {
  const clock = virtualClock();
  const store = oracleStore({ clock });
  let ops = 0;
  const commits: string[] = [];
  const counting: Store = {
    ...store,
    async commit(commit) {
      commits.push(commit.opId);
      if (commits.length === next.refusedCommit) throw new SalvorError('store.unavailable', 'not now', { retry: 'later' });
      return store.commit(commit);
    },
  };
  await store.commit({
    partition: 'prod',
    opId: 'lane',
    guards: [{ is: 'absent', id: LANE }],
    changes: [{ do: 'put', id: LANE, kind: 'lane', value: laneJson(newLane('chat', INCIDENT)) }],
  });
  const there = new Map<string, Seen>();
  /** The fault is the next post's; an edit has none. Of all commits of deliveries one may be refused, by its number. */
  const next: { fault?: Fault | undefined; refusedCommit?: number; waitMs: number; lookups: number } = { waitMs: 0, lookups: 0 };
  const post = ({ key, title, lines, more = [] }: ChatMessage, root: string | undefined): string => {
    const ref = `ts${there.size + 1}`;
    there.set(ref, { keys: [key, ...more.map((line) => line.key)], text: [title, ...lines, ...more.map((line) => line.title)].join(' | '), root });
    return ref;
  };
  const chat: Chat = {
    together: { lines: 5, characters: 1000 },
    waitMs: () => next.waitMs,
    async deliver(message, { ref, root } = {}) {
      const now = ref === undefined ? next.fault : undefined;
      if (ref === undefined) next.fault = undefined;
      if (now === 'refused') throw fault('refused');
      if (now === 'dropped') throw fault('unknown');
      if (now === 'late') {
        clock.after(20_000, () => void post(message, root));
        throw fault('unknown');
      }
      const known = ref === undefined ? undefined : there.get(ref);
      if (ref !== undefined && known === undefined) throw fault('gone');
      if (known !== undefined) known.text = message.title;
      const made = ref ?? post(message, root);
      if (now === 'lost reply') throw fault('unknown');
      if (now === 'killed') await new Promise(() => {});
      return { ref: made };
    },
    async posted({ root, after }) {
      next.lookups += 1;
      const behind = [...there].filter(([ref, seen]) => seen.root === root && (after === undefined || Number(ref.slice(2)) > Number(after.slice(2))));
      return new Map(behind.flatMap(([ref, { keys }]) => keys.map((key) => [key, ref] as const)));
    },
  };
  const say = async (title: string, more: Partial<ChatMessage> = {}) => {
    const message: ChatMessage = { key: `${INCIDENT}/${title}`, thread: INCIDENT, kind: 'timeline', title, lines: [], ...more };
    ops += 1;
    await store.commit({ partition: 'prod', opId: `say-${ops}`, guards: [], changes: [mailOut(INCIDENT, `${title}-${ops}`, { to: 'chat', message })] });
  };
  const card = (title: string) => say(title, { key: `${INCIDENT}/card`, kind: 'card' });
  const approval = (title: string) => say(title, { key: `${INCIDENT}/entry/9`, kind: 'approval' });
  const claim = async (): Promise<readonly Claimed[]> => (await store.claim({ kinds: ['lane'], owner: 'test', limit: 1, leaseMs: LANE_LEASE_MS })).claimed;
  const work = (one: Claimed, by: Clock = clock) => deliverLane({ store: counting, clock: by, chat, pager: { send: async () => {} }, log: silentLog }, one);
  const deliver = async () => {
    for (const one of await claim()) await work(one);
  };
  /** As the loop does it: whenever the lane is due, for so long. */
  const run = async (forMs: number) => {
    for (let passed = 0; passed <= forMs; passed += 1000) {
      await deliver();
      await clock.pass(1000);
    }
  };
  const texts = () => [...there.values()].map(({ text }) => text);
  return { clock, say, card, approval, claim, work, deliver, run, texts, there, next, commits };
}

test('a first post is written down before it goes out; the ones behind it need no commit more than they had', async () => {
  const { card, approval, deliver, texts, commits } = await scene();
  await card('card');
  await approval('yes?');
  await approval('yes? 1 of 2');
  await deliver();
  expect(texts()).toEqual(['card', 'yes? 1 of 2']);
  expect(commits).toHaveLength(3);
});

test('lines that wait together are one message; they do not pass an approval, and a message holds only so many', async () => {
  const { card, say, approval, deliver, texts } = await scene();
  await card('card');
  for (const title of ['1', '2', '3', '4', '5', '6']) await say(title);
  await approval('yes?');
  await say('7');
  await say('8', { aloud: true });
  await say('9');
  await deliver();
  expect(texts()).toEqual(['card', '1 | 2 | 3 | 4 | 5', '6', 'yes?', '7', '8', '9']);
});

test('killed between a post and its record, it finds what it posted, and goes on behind it', async () => {
  const { card, say, claim, work, clock, run, texts, next } = await scene();
  await card('card');
  for (const title of ['1', '2']) await say(title);
  await run(0);
  next.fault = 'killed';
  for (const title of ['3', '4']) await say(title);
  const [claimed] = await claim();
  if (claimed === undefined) throw new Error('nothing was claimed');
  void work(claimed);
  await clock.pass(LANE_LEASE_MS + 1);
  await say('5');
  await run(5000);
  expect(texts()).toEqual(['card', '1 | 2', '3 | 4', '5']);
});

test('killed behind the first card, it is that card that is edited and that the thread hangs on', async () => {
  const { card, say, claim, work, clock, run, texts, there, next } = await scene();
  next.fault = 'killed';
  await card('card 1');
  const [claimed] = await claim();
  if (claimed === undefined) throw new Error('nothing was claimed');
  void work(claimed);
  await clock.pass(LANE_LEASE_MS + 1);
  await card('card 2');
  await say('line');
  await run(3000);
  expect(texts()).toEqual(['card 2', 'line']);
  expect(there.get('ts2')?.root).toBe('ts1');
});

test('after a lost reply the message is adopted; nothing comes twice, and all in order', async () => {
  const { card, say, run, texts, next } = await scene();
  next.fault = 'lost reply';
  await card('card');
  await say('1');
  await run(4000);
  next.fault = 'lost reply';
  await say('2');
  await say('3');
  await run(4000);
  expect(texts()).toEqual(['card', '1', '2 | 3']);
});

test('a post that hung may still arrive: it is looked for until it cannot, and only then posted again', async () => {
  const { card, run, texts, next } = await scene();
  next.fault = 'late';
  await card('card');
  await run(60_000);
  expect(texts()).toEqual(['card']);
  expect(next.lookups).toBeGreaterThan(1);
});

test.each([1, 2, 3])('what was found among edits is not posted again where the store refuses to hear of it (commit %i)', async (refused) => {
  const { card, say, deliver, claim, work, clock, texts, next, commits } = await scene();
  await card('card 1');
  await deliver();
  await card('card 2');
  await say('1');
  await card('card 3');
  await say('2');
  next.fault = 'killed';
  const [claimed] = await claim();
  if (claimed === undefined) throw new Error('nothing was claimed');
  void work(claimed);
  await clock.pass(LANE_LEASE_MS + 1);
  next.refusedCommit = commits.length + refused;
  await deliver().catch(() => {});
  await clock.pass(LANE_LEASE_MS + 1);
  await deliver();
  expect(texts()).toEqual(['card 3', '1 | 2']);
});

test.each([1, 2, 3, 4, 5, 6])('among edits, each line is there, and once, wherever the store refuses to hear of it (commit %i)', async (refused) => {
  const { card, say, deliver, run, clock, texts, next, commits } = await scene();
  await card('card 1');
  await deliver();
  await card('card 2');
  await say('1');
  await card('card 3');
  await say('2', { aloud: true });
  await say('3');
  next.refusedCommit = commits.length + refused;
  await deliver().catch(() => {});
  await clock.pass(LANE_LEASE_MS + 1);
  await run(5000);
  expect(texts()).toEqual(['card 3', '1', '2', '3']);
});

test('a post that hung is waited for, too, by whose clock is an hour behind the one by which it was posted', async () => {
  const { card, claim, work, deliver, clock, texts, next } = await scene();
  next.fault = 'late';
  await card('card');
  await deliver();
  const behind: Clock = { ...clock, nowMs: () => clock.nowMs() - 3_600_000 };
  for (let passed = 0; passed < 60_000; passed += 1000) {
    await clock.pass(1000);
    for (const one of await claim()) await work(one, behind);
  }
  expect(texts()).toEqual(['card']);
  expect(next.lookups).toBeGreaterThan(1);
});

test('a post that never arrived is posted again', async () => {
  const { card, say, run, texts, next } = await scene();
  await card('card');
  await run(0);
  next.fault = 'dropped';
  await say('1');
  await run(10_000);
  expect(texts()).toEqual(['card']);
  await say('2');
  await run(40_000);
  expect(texts()).toEqual(['card', '1 | 2']);
});

test('what was surely refused is posted again without a look', async () => {
  const { card, run, texts, next } = await scene();
  next.fault = 'refused';
  await card('card');
  await run(3000);
  expect(texts()).toEqual(['card']);
  expect(next.lookups).toBe(0);
});

test('a card that somebody deleted is posted anew', async () => {
  const { card, run, texts, there } = await scene();
  await card('card 1');
  await run(0);
  there.delete('ts1');
  await card('card 2');
  await run(3000);
  expect(texts()).toEqual(['card 2']);
});

test('while its turn has not come the lane is let go, and what comes meanwhile goes with it', async () => {
  const { card, say, deliver, clock, texts, next } = await scene();
  await card('card');
  await deliver();
  next.waitMs = 3000;
  await say('1');
  await deliver();
  await say('2');
  await deliver();
  expect(texts()).toEqual(['card']);
  next.waitMs = 0;
  await clock.pass(3000);
  await deliver();
  expect(texts()).toEqual(['card', '1 | 2']);
});

test('of a thousand quiet lines that wait, the first and the last are read, and how many there were between; nothing that people decide is folded', async () => {
  const { card, say, approval, deliver, run, texts, next } = await scene();
  await card('card');
  await deliver();
  next.waitMs = 1000;
  for (let index = 0; index < 1000; index += 1) {
    if (index === 500) await say('failed', { aloud: true });
    await say(`line ${index}`);
    if (index % 100 === 99) await deliver();
  }
  await approval('yes?');
  await deliver();
  next.waitMs = 0;
  await run(2000);
  const lines = texts()
    .slice(1)
    .flatMap((text) => text.split(' | '));
  expect(lines.slice(0, 100)).toEqual(Array.from({ length: 100 }, (_, index) => `line ${index}`));
  expect(lines.slice(-101, -1)).toEqual(Array.from({ length: 100 }, (_, index) => `line ${900 + index}`));
  expect(lines.filter((line) => line.includes('folded'))).toEqual(['800 more lines folded; the console and the report have them all']);
  expect(lines).toContain('failed');
  expect(lines.at(-1)).toBe('yes?');
});
