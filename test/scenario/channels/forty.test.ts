import { expect, test } from 'vitest';
import { openSlackScene } from './slack-scene.ts';

test('forty grave incidents at once stay readable: a channel and a card each, within Slack’s limits', async () => {
  const scene = await openSlackScene();
  const names = Array.from({ length: 40 }, (_, n) => `Strange${n + 1}`);
  for (const alertname of names) await scene.alert({ alertname, severity: 'critical', cluster: 'prod' });
  await scene.pass('10m');

  const channels = scene.channels();
  expect(channels).toHaveLength(40);
  const numbers = channels.map(({ name }) => Number(/^inc-\d{8}-(\d+)-prod-/.exec(name)?.[1]));
  expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, n) => n + 1));
  for (const channel of channels) {
    const [card, ...more] = scene.seen(channel.name);
    expect([card?.text, channel.topic]).toEqual([expect.stringMatching(/^SEV1 /), expect.stringMatching(/^SEV1 \| open/)]);
    expect([...channel.pins]).toEqual([card?.ts]);
    expect(channel.bookmarks).toHaveLength(1);
    // What is not for everybody lies in the thread of the card.
    expect(more.length).toBeLessThanOrEqual(2);
  }
  // In the one place for all, one message each.
  expect(scene.seen('dr')).toHaveLength(40);
  const refused = scene.slack.calls().filter(({ outcome }) => outcome === 'ratelimited');
  expect(refused.map(({ method }) => method)).toEqual([]);
}, 60_000);
