import { expect, test } from 'vitest';
import { DAILY_FAILED, failedNight, openScene } from './scene.ts';

/** A backup that nobody can make again, so that people are called. */
const hopeless = () =>
  openScene({
    world: failedNight('location-unavailable', {
      storage: { default: 'wrong-credentials' },
      backups: [{ name: 'daily-20261121020000', schedule: 'daily', phase: 'FailedValidation', reason: 'location-unavailable', ago: '10h' }],
    }),
  });

test('PagerDuty is away: the chat hears of it within a minute of the page, with whom to call by hand', { timeout: 60_000 }, async () => {
  const { change, alert, pass, chat, pages, timeline } = hopeless();
  change({ pager: 'down' });
  await alert(DAILY_FAILED);
  await pass('2m');
  const waits = (line: string): boolean => line.startsWith('PagerDuty takes no pages since ');
  expect((await timeline()).filter(waits)).toEqual([
    expect.stringMatching(
      /^PagerDuty takes no pages since 2026-11-21 12:0\d:\d\d UTC \(.*\): the page for platform-primary waits\. Call by hand: platform-primary$/,
    ),
  ]);
  expect(chat().filter(waits)).toHaveLength(1);
  await pass('2h');
  // The rungs above are paged in their time, and each says once that its page waits.
  expect((await timeline()).filter(waits)).toHaveLength(3);
  expect(pages()).toEqual([]);
  change({ pager: 'up' });
  await pass('2m');
  expect(pages().map((page) => page.split(' ')[1])).toEqual(['platform-primary', 'platform-secondary', 'incident-command']);
});

test('Slack and PagerDuty are both away from before the start to after the end: the run goes on, and both catch up, in order, once', {
  timeout: 60_000,
}, async () => {
  const scene = openScene({ world: failedNight('server-restarted') });
  const { world, change, alert, resolved, pass, approve, run, writes, chat, pages, calling, timeline, incident, kill } = scene;
  change({ chat: 'down', pager: 'down' });
  await alert(DAILY_FAILED);
  // Nobody sees it, so the ladder starts after an hour.
  await pass('61m');
  await approve('ana');
  await pass('10m');
  kill();
  await pass('1m');
  await resolved(DAILY_FAILED);
  await pass('5m');
  expect([(await run()).state, (await incident()).state, writes().length]).toEqual(['done', 'closed', 1]);
  expect([chat(), pages()]).toEqual([[], []]);

  change({ chat: 'up', pager: 'up' });
  await pass('3m');
  expect(pages().map((page) => page.split(' ')[1])).toEqual(['platform-primary']);
  expect(calling()).toEqual([]);
  const actions = world.pager.pages().map(({ action }) => action);
  expect(actions).toEqual(['trigger', 'acknowledge', 'resolve']);
  const delivered = world.chat.deliveries().map(({ key }) => key);
  expect(new Set(delivered).size).toBe(delivered.length);
  expect(chat()).toHaveLength((await timeline()).length + 1);
});
