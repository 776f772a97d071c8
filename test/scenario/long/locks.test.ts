import { expect, test } from 'vitest';
import { testActions } from '../engine/actions.ts';
import { openLongSite, type Version } from './site.ts';

const HOUR_MS = 3_600_000;

/** Makes a thing at a place, and keeps both until the far side is ready. */
const text = (within: string): string => `
summary: Make a thing, and wait.
params: { thing: { type: text }, place: { type: namespace, optional: true } }
target: { from: params.thing }
locks: [{ from: params.place }]
stages:
  - { id: make, approval: { within: 6d }, steps: [{ id: one, action: test.write }] }
  - { id: back, await: { action: test.ready, within: ${within}, every: 30m, otherwise: stop } }
`;

const version: Version = {
  actions: ['test.write', 'test.ready'].flatMap((id) => testActions.get(id) ?? []),
  playbooks: { early: text('6h'), late: text('6h'), last: text('6h') },
};

test('locks say who holds what since when and who waits since when, before and after restarts, and go to who waited longest', async () => {
  await using site = await openLongSite();
  await site.start(version);
  const begin = async (playbook: string): Promise<string> => {
    const id = await site.begin('ana', playbook, { thing: 'shelf' });
    await site.pass(0.01);
    await site.approve('ana', id);
    await site.pass(0.01);
    return id;
  };
  const listed = async () => (await site.as('ana', (commands, ana) => commands.locks(ana))).items;

  const early = await begin('early');
  const earlyMs = site.clock.nowMs();
  await site.pass(0.25);
  const late = await begin('late');
  await site.pass(0.25);
  const last = await begin('last');
  const held = await listed();
  expect(held).toEqual([
    {
      key: expect.stringMatching(/shelf$/),
      cluster: 'prod',
      run: early,
      since: expect.any(Number),
      waiting: [
        { run: late, since: expect.any(Number) },
        { run: last, since: expect.any(Number) },
      ],
    },
  ]);
  const [lock] = held;
  expect(earlyMs - (lock?.since ?? 0)).toBeLessThan(60_000);
  const [firstWaiter, secondWaiter] = lock?.waiting ?? [];
  expect((secondWaiter?.since ?? 0) - (firstWaiter?.since ?? 0)).toBeGreaterThan(0.25 * HOUR_MS);
  expect(await site.salvor('ana', 'locks')).toMatch(
    new RegExp(`^1 lock\\nLOCK .*\\n\\S*shelf +${early} +12:00:\\d\\d UTC \\(33m .*ago\\) +${late} since 12:1.*, ${last} since 12:3.*\\n$`),
  );
  expect((await site.run(late)).hold).toMatchObject({ gate: 'lock', reason: expect.stringContaining(`is held by run/${early} since 2026-11-21 12:`) });

  // Neither an end nor a kill changes who holds and who waits, nor since when.
  await site.stop();
  await site.pass(1);
  await site.start(version);
  expect(await listed()).toEqual(held);
  await site.kill();
  await site.pass(1.5);
  await site.start(version);
  expect(await listed()).toEqual(held);

  // Who holds it ends while Salvor is away: the next one takes it when Salvor is back.
  await site.stop();
  await site.pass(4);
  await site.start(version);
  await site.pass(0.1);
  expect((await site.run(early)).state).toBe('failed');
  expect(await listed()).toMatchObject([{ run: late, waiting: [{ run: last }] }]);
  expect(site.clock.nowMs() - ((await listed())[0]?.since ?? 0)).toBeLessThan(0.2 * HOUR_MS);

  // Who waits and is cancelled stands in no queue any more; who holds and is cancelled gives back.
  await site.as('ana', (commands, ana) => commands.cancel(ana, last, {}));
  await site.pass(0.01);
  expect(await listed()).toMatchObject([{ run: late, waiting: [] }]);
  await site.as('ana', (commands, ana) => commands.cancel(ana, late, {}));
  await site.pass(0.01);
  expect(await listed()).toEqual([]);
  expect(await site.salvor('ana', 'locks')).toMatch(/^No lock/);
}, 60_000);
