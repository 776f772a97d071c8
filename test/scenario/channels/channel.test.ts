import { expect, test } from 'vitest';
import { openSlackScene } from './slack-scene.ts';

test('a grave incident has a channel of its own: people in it, what it is about, and the card pinned', async () => {
  const { slack, channels, failed, pass, seen, timeline, incident } = await openSlackScene();
  await failed();
  await pass('2m');

  const [channel, ...others] = channels();
  expect(others).toEqual([]);
  expect(channel).toMatchObject({ name: expect.stringMatching(/^inc-2026\d{4}-1-prod-velerobackupfailed/), kind: 'public' });
  expect([...(channel?.members ?? [])].sort()).toEqual(['U0ANA', 'U0BEN', 'U0SALVOR']);
  expect(channel?.topic).toMatch(/^SEV1 \| open \| lead nobody yet \| /);
  const { id } = await incident();
  expect(channel?.purpose).toContain(`Salvor incident ${id}`);
  expect(channel?.bookmarks).toMatchObject([{ title: 'Console', link: `https://salvor.example.com/incidents/${id}` }]);

  const name = channel?.name ?? '';
  const [card, approval] = seen(name);
  expect(card?.text).toMatch(/^SEV1 .*: open/);
  expect([...(channel?.pins ?? [])]).toEqual([card?.ts]);
  expect(approval?.text).toMatch(/^Approve [0-9a-f]{8}\? /);
  expect(await timeline()).toContain(`#${name} is the channel of this incident`);
  // The one place for all says where people talk.
  expect(JSON.stringify(slack.messages('dr').find(({ threadTs }) => threadTs === undefined)?.blocks)).toContain(`<#${channel?.id}>`);
});
