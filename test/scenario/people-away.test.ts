import { expect, test } from 'vitest';
import { DAILY_FAILED, failedNight, openScene } from './scene.ts';

test('with the chat away for an hour the backup is made all the same, and every message comes later, in order, once', async () => {
  const { world, change, alert, resolved, pass, approve, run, chat, writes, timeline, incident } = openScene({ world: failedNight('server-restarted') });
  change({ chat: 'down' });
  await alert(DAILY_FAILED, { annotations: { summary: 'Velero backup daily failed' } });
  await pass('5m');
  // The card is not there, so ana approves on the command line.
  expect(chat()).toEqual([]);
  await approve('ana');
  await pass('10m');
  await resolved(DAILY_FAILED);
  await pass('45m');
  expect(await run()).toMatchObject({ state: 'done' });
  expect(writes()).toHaveLength(1);
  expect(await incident()).toMatchObject({ state: 'closed' });
  expect(chat()).toEqual([]);

  change({ chat: 'up' });
  await pass('2m');
  const delivered = world.chat.deliveries().map(({ key }) => key);
  expect(new Set(delivered).size).toBe(delivered.length);
  // The card first, since the thread hangs on it; then the timeline as it was.
  const [card, ...thread] = chat();
  expect(card).toContain('SEV1 VeleroBackupFailed on prod: closed');
  const titles = thread.map((text) => text.split('\n')[0]?.replace(/^Approved by ana via slack\. It was about (\S+): (.*)$/, 'Proposed $1: $2'));
  const lines = (await timeline()).map((line) => line.replace(/ \(needs .*\)$/, ''));
  expect(titles).toEqual(lines);
});

test('a chat that takes messages and breaks before it answers shows each of them once', async () => {
  const { change, alert, pass, approve, chat, run } = openScene({ world: failedNight('server-restarted') });
  change({ chat: 'lost-reply' });
  await alert(DAILY_FAILED);
  await pass('2m');
  change({ chat: 'up' });
  await pass('3m');
  await approve('ana');
  await pass('10m');
  expect(await run()).toMatchObject({ state: 'done' });
  const thread = chat().slice(1);
  expect(thread.filter((text) => text.startsWith('VeleroBackupFailed fires'))).toHaveLength(1);
  expect(thread.filter((text) => text.startsWith('Approved by ana via slack'))).toHaveLength(1);
  expect(thread.filter((text) => text.startsWith('Verified: '))).toHaveLength(1);
});

test('a slow chat holds up nothing but itself', async () => {
  const { change, alert, pass, approve, writes, run, chat } = openScene({ world: failedNight('server-restarted') });
  change({ chat: 'slow' });
  await alert(DAILY_FAILED);
  await pass('3s');
  await approve('ana');
  await pass('3m');
  expect(await run()).toMatchObject({ state: 'done' });
  expect(writes()).toHaveLength(1);
  await pass('10m');
  expect(chat().at(-1)).toBe('Mitigated: every run ended well; one alert still fires');
});

test('with the pager away, pages come when it is back, each cause once, and the run is not held up', async () => {
  const { change, alert, pass, pages, calling, chat, run } = openScene({
    world: failedNight('location-unavailable', {
      storage: { default: 'wrong-credentials' },
      backups: [{ name: 'daily-20261121020000', schedule: 'daily', phase: 'FailedValidation', reason: 'location-unavailable', ago: '10h' }],
    }),
  });
  change({ pager: 'down' });
  await alert(DAILY_FAILED);
  await pass('20m');
  expect(await run()).toMatchObject({ state: 'handed-over' });
  expect(pages()).toEqual([]);
  expect(chat()).toContainEqual(expect.stringMatching(/^paged platform-primary: /));

  change({ pager: 'up' });
  await pass('2m');
  expect(pages()).toEqual([expect.stringMatching(/^12:2\d platform-primary$/), expect.stringMatching(/^12:2\d platform-secondary$/)]);
  expect(calling()).toHaveLength(1);
});

test('killed while messages wait, none is lost and none overtakes another', async () => {
  const { world, change, kill, alert, pass, chat, timeline } = openScene({ world: failedNight('server-restarted') });
  change({ chat: 'down' });
  await alert(DAILY_FAILED);
  await pass('1m');
  kill();
  await pass('1m');
  change({ chat: 'up' });
  kill();
  await pass('3m');
  expect(chat()).toHaveLength((await timeline()).length + 1);
  const times = world.chat.messages().map(({ atMs }) => atMs);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});
