import { expect, test } from 'vitest';
import { SalvorError } from '../../../src/model/error.ts';
import { LANE_LEASE_MS } from '../../../src/notify/hold.ts';
import { mailOut } from '../../../src/notify/lane.ts';
import { deliverLane } from '../../../src/notify/outbox.ts';
import { callHeard, newPageLane, pageLaneJson } from '../../../src/notify/pages/lane.ts';
import { silentLog } from '../../../src/port/log.ts';
import type { Call, Confirms, Page, Pager } from '../../../src/port/pager.ts';
import { oracleStore } from '../../../src/store/oracle.ts';
import { virtualClock } from '../../../src/world/clock.ts';

const INCIDENT = 'incident/a-1';
const LANE = `lane/pager/${INCIDENT}`;
const ANA: Call = { id: 'Q1', number: 12, who: ['Ana'] };

/** One lane of pages on the oracle, and a pager that takes, refuses, or is away. */
async function scene({ by = 'asking', withinMs = 60_000 }: Partial<Confirms> = {}) {
  const clock = virtualClock();
  const store = oracleStore({ clock });
  let ops = 0;
  const commit = async (changes: Parameters<typeof store.commit>[0]['changes'], guards: Parameters<typeof store.commit>[0]['guards'] = []) => {
    ops += 1;
    return store.commit({ partition: 'prod', opId: `test-${ops}`, guards, changes });
  };
  await commit([{ do: 'put', id: LANE, kind: 'lane', value: pageLaneJson(newPageLane(INCIDENT)) }], [{ is: 'absent', id: LANE }]);

  const sent: string[] = [];
  const now: { away?: (page: Page) => Error | undefined; calls: readonly Call[]; cannotLook?: boolean; escalates?: Call } = { calls: [] };
  const pager: Pager = {
    async send(page) {
      const fault = now.away?.(page);
      if (fault !== undefined) throw fault;
      sent.push(`${page.action} ${page.target}`);
    },
    takes: () => new Set(['note', 'change', 'ask']),
    confirms: () => ({ by, withinMs }),
    async calls() {
      if (now.cannotLook === true) throw new SalvorError('pager.unavailable', 'it answered 401', { retry: 'later' });
      return now.calls;
    },
    escalate: async () => now.escalates,
    onCall: (target) => ({ names: [`${target}'s Ben`], atMs: 0 }),
  };
  const chat = { deliver: () => Promise.reject(new Error('a page is no message')) };
  let mails = 0;
  const page = async (target: string, more: Partial<Page> = {}) => {
    mails += 1;
    const it: Page = { action: 'trigger', dedupKey: 'k', target, severity: 'error', summary: 's', details: {}, ...more };
    await commit([mailOut(INCIDENT, `${mails}`, { to: 'pager', page: it })]);
  };
  const claim = async () => (await store.claim({ kinds: ['lane'], owner: 'test', limit: 1, leaseMs: LANE_LEASE_MS })).claimed;
  /** Turns the lane whenever it is due, for so long. */
  const pass = async (ms: number) => {
    const endMs = clock.nowMs() + ms;
    for (;;) {
      for (const one of await claim()) await deliverLane({ store, clock, chat, pager, log: silentLog }, one);
      const { nextMs } = await store.claim({ kinds: ['lane'], owner: 'test', limit: 0, leaseMs: LANE_LEASE_MS });
      if (nextMs === undefined || nextMs > endMs) break;
      await clock.pass(Math.max(0, nextMs - clock.nowMs()));
    }
    await clock.pass(endMs - clock.nowMs());
  };
  const news = async () => (await store.mail('prod', INCIDENT)).map(({ value }) => value);
  const hears = (call: Call) => commit([{ do: 'mail', to: LANE, key: `heard/${call.id}`, value: callHeard(call) }]);
  return { clock, store, sent, now, pager, chat, page, pass, news, hears, claim };
}

const away = new SalvorError('pager.unavailable', 'PagerDuty did not take it: it answered 503', { retry: 'later', details: { answer: 'it answered 503' } });
const refused = new SalvorError('pager.unavailable', 'no such key', { retry: 'later', details: { answer: 'it answered 400', refused: true } });

test('a page that was accepted is asked for until a call is there, and the incident hears who is called', async () => {
  const { page, pass, news, now, sent } = await scene();
  await page('first');
  await pass(5000);
  expect(sent).toEqual(['trigger first']);
  expect(await news()).toEqual([]);
  now.calls = [ANA];
  await pass(60_000);
  expect(await news()).toEqual([{ kind: 'pager', what: 'called', target: 'first', who: ['Ana'], number: 12 }]);
});

test('accepted and no call within its time is no call, and is told once', async () => {
  const { page, pass, news, sent } = await scene();
  await page('first');
  await pass(59_000);
  expect(await news()).toEqual([]);
  await pass(2000);
  expect(await news()).toEqual([{ kind: 'pager', what: 'nobody', target: 'first', withinMs: 60_000 }]);
  await pass(600_000);
  expect(await news()).toHaveLength(1);
  expect(sent).toEqual(['trigger first']);
});

test('a call of its own is told from the one that is open for another target', async () => {
  const { page, pass, news, now } = await scene();
  now.calls = [ANA];
  await page('first');
  await pass(5000);
  await page('second', { before: ['first'] });
  await pass(61_000);
  expect((await news()).at(-1)).toEqual({ kind: 'pager', what: 'joined', target: 'second', number: 12 });
  await page('third', { before: ['first', 'second'] });
  now.calls = [ANA, { id: 'Q2', number: 13, who: ['Cleo'] }];
  await pass(5000);
  expect((await news()).at(-1)).toEqual({ kind: 'pager', what: 'called', target: 'third', who: ['Cleo'], number: 13 });
});

test('where the open call can be escalated, no second page joins it', async () => {
  const { page, pass, news, now, sent } = await scene();
  now.calls = [ANA];
  await page('first');
  await pass(5000);
  now.escalates = { ...ANA, who: ['Ben'] };
  await page('second', { before: ['first'] });
  await pass(5000);
  expect(sent).toEqual(['trigger first']);
  expect((await news()).at(-1)).toEqual({ kind: 'pager', what: 'escalated', target: 'second', who: ['Ben'], number: 12 });
});

test('nobody can look: the incident hears that it is not known, and why', async () => {
  const { page, pass, news, now } = await scene();
  now.cannotLook = true;
  await page('first');
  await pass(65_000);
  expect(await news()).toEqual([{ kind: 'pager', what: 'unsure', target: 'first', reason: 'it answered 401' }]);
});

test('a call that PagerDuty tells of by itself is enough; without one within the time it is none', async () => {
  const { page, pass, news, hears } = await scene({ by: 'hearing' });
  await page('first');
  await pass(1000);
  await hears(ANA);
  await hears(ANA);
  await pass(120_000);
  expect(await news()).toEqual([{ kind: 'pager', what: 'called', target: 'first', who: ['Ana'], number: 12 }]);
  await page('second');
  await pass(61_000);
  expect((await news()).at(-1)).toMatchObject({ what: 'nobody', target: 'second' });
});

test('with no way to know, the incident hears that it was taken', async () => {
  const { page, pass, news } = await scene({ by: 'nothing' });
  await page('first');
  await pass(120_000);
  expect(await news()).toEqual([{ kind: 'pager', what: 'taken', target: 'first' }]);
});

test('while the pager is away the incident hears of it once a page, within a minute, with who can be called by hand, and again when it is taken', async () => {
  const { clock, page, pass, news, now, sent } = await scene();
  const startMs = clock.nowMs();
  now.away = () => away;
  await page('first');
  await pass(59_000);
  expect(await news()).toEqual([
    { kind: 'pager', what: 'waits', target: 'first', sinceMs: startMs, reason: 'it answered 503', who: ["first's Ben"], onCallMs: 0 },
  ]);
  await page('second');
  await pass(3_600_000);
  expect(await news()).toMatchObject([{ target: 'first' }, { target: 'second', what: 'waits' }]);
  delete now.away;
  now.calls = [ANA];
  await pass(70_000);
  expect(sent).toEqual(['trigger first', 'trigger second']);
  expect((await news()).slice(2)).toMatchObject([
    { what: 'called', target: 'first' },
    { what: 'joined', target: 'second' },
  ]);
});

test('a key that is refused keeps nobody else waiting, and is told at once', async () => {
  const { page, pass, news, now, sent } = await scene();
  now.away = ({ target }) => (target === 'first' ? refused : undefined);
  await page('first');
  await page('second');
  await pass(1000);
  expect(sent).toEqual(['trigger second']);
  expect(await news()).toEqual([{ kind: 'pager', what: 'refused', target: 'first', reason: 'it answered 400' }]);
  delete now.away;
  await pass(60_000);
  expect(sent).toEqual(['trigger second', 'trigger first']);
});

test('an answer ends the wait for a call', async () => {
  const { page, pass, news } = await scene();
  await page('first');
  await pass(5000);
  await page('first', { action: 'acknowledge' });
  await pass(120_000);
  expect(await news()).toEqual([]);
});

test('notes wait for pages and keep none waiting; one that can never be noted is let go', async () => {
  const { page, pass, now, sent } = await scene();
  now.away = ({ action }) => (action === 'note' ? away : undefined);
  await page('first', { action: 'note' });
  await page('first');
  await page('first', { action: 'note', summary: 'two' });
  await pass(5000);
  expect(sent).toEqual(['trigger first']);
  now.away = ({ summary }) => (summary === 'two' ? new SalvorError('pager.unavailable', 'no such incident', { retry: 'never' }) : undefined);
  await pass(61_000);
  expect(sent).toEqual(['trigger first', 'note first']);
  await page('first', { action: 'change' });
  await pass(1000);
  expect(sent.at(-1)).toBe('change first');
});

test('who lost the lane stores nothing and tells nothing', async () => {
  const { page, claim, clock, pass, store, chat, pager, news, sent } = await scene({ by: 'nothing' });
  await page('first');
  const [zombie] = await claim();
  await clock.pass(LANE_LEASE_MS + 1);
  await pass(1000);
  if (zombie === undefined) throw new Error('nothing was claimed');
  await deliverLane({ store, clock, chat, pager, log: silentLog }, zombie);
  // Under the same dedup key: the pager knows it for a repeat.
  expect(sent).toEqual(['trigger first', 'trigger first']);
  expect(await news()).toHaveLength(1);
});

test('people are asked to help behind the pages; the incident hears of it, also that it did not work, and notes are not kept for it', async () => {
  const { page, pass, news, now, sent } = await scene();
  const help = { action: 'ask', details: { names: 'cleo, dora', whom: 'P1,P2' } } as const;
  now.calls = [ANA];
  await page('ask', help);
  await page('first');
  await pass(5000);
  expect(sent).toEqual(['trigger first', 'ask ask']);
  expect(await news()).toContainEqual({ kind: 'pager', what: 'asked', target: 'the decision', who: ['cleo, dora'] });
  // Its incident is not there, and never will be.
  now.away = ({ action }) => (action === 'ask' ? away : undefined);
  await page('ask', help);
  await page('note', { action: 'note' });
  await pass(10_000);
  expect(sent.at(-1)).toBe('ask ask');
  await pass(120_000);
  expect(sent.at(-1)).toBe('note note');
  expect((await news()).filter((one) => JSON.stringify(one).includes('not-asked'))).toEqual([
    { kind: 'pager', what: 'not-asked', target: 'the decision', who: ['cleo, dora'], reason: 'it answered 503' },
  ]);
  // What can never be done is let go at once.
  now.away = ({ action }) => (action === 'ask' ? new SalvorError('pager.unavailable', 'no such user', { retry: 'never' }) : undefined);
  await page('ask', help);
  await pass(1000);
  expect(JSON.stringify((await news()).at(-1))).toContain('no such user');
});
