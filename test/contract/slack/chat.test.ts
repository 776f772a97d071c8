import { expect, test } from 'vitest';
import { incidentOn, leastGapMs, openStage, rootOf, threadOf } from './stage.ts';

test('a card stands in the channel, its lines in its thread, and what everybody should see in both', async () => {
  const stage = await openStage();
  const { card, line } = incidentOn(stage, 'a');
  await card('SEV2 daily: open');
  await line('looking');
  await line('step failed', { aloud: true });
  await stage.clock.pass(5000);
  const [first, second, third, ...more] = stage.slack.messages();
  expect(more).toEqual([]);
  expect(first).toMatchObject({ text: 'SEV2 daily: open', threadTs: undefined });
  expect(second).toMatchObject({ text: 'looking', threadTs: first?.ts });
  expect(second?.isBroadcast).not.toBe(true);
  expect(third).toMatchObject({ text: 'step failed', threadTs: first?.ts, isBroadcast: true });
  expect(stage.posts().every(({ args }) => args['unfurl_links'] === 'false' && args['unfurl_media'] === 'false' && args['link_names'] === undefined)).toBe(
    true,
  );
});

test('a card is edited in place, and an edit sends text and blocks', async () => {
  const stage = await openStage();
  const { card } = incidentOn(stage, 'a');
  await card('SEV2 daily: open');
  await stage.clock.pass(2000);
  await card('SEV2 daily: closed');
  await stage.clock.pass(2000);
  expect(stage.slack.messages()).toMatchObject([{ text: 'SEV2 daily: closed', edits: 1, blocks: [{ text: { text: 'SEV2 daily: closed' } }] }]);
});

test('a channel is looked up by its name once, whatever is posted there', async () => {
  const stage = await openStage();
  for (const id of ['a', 'b', 'c']) await incidentOn(stage, id).card(`card ${id}`);
  await stage.clock.pass(10_000);
  expect(stage.slack.messages()).toHaveLength(3);
  expect(stage.slack.calls('conversations.list')).toHaveLength(1);
});

test('another channel of a reloaded configuration counts for new cards; the threads that are there stay where they are', async () => {
  const stage = await openStage();
  stage.slack.apply({ channels: [{ name: 'dr-2' }] });
  const old = incidentOn(stage, 'a');
  await old.card('old card');
  await stage.clock.pass(3000);
  stage.config.channel = '#dr-2';
  await old.line('old line');
  await incidentOn(stage, 'b').card('new card');
  await stage.clock.pass(5000);
  expect(stage.slack.messages('dr').map(({ text }) => text)).toEqual(['old card', 'old line']);
  expect(stage.slack.messages('dr-2').map(({ text }) => text)).toEqual(['new card']);
});

test('Salvor joins a public channel by itself; for a private one it says what to type, and goes on when it was invited', async () => {
  const stage = await openStage();
  stage.slack.apply({
    channels: [
      { name: 'open', bot: false },
      { name: 'secret', private: true, bot: false },
    ],
  });
  stage.config.channel = '#open';
  await incidentOn(stage, 'a').card('in the open');
  await stage.clock.pass(5000);
  expect(stage.slack.messages('open')).toHaveLength(1);
  stage.config.channel = '#secret';
  await incidentOn(stage, 'b').card('in secret');
  await stage.clock.pass(60_000);
  expect(stage.logged('warn').at(-1)?.facts['reason']).toContain('type /invite @salvor there');
  stage.slack.apply({ channels: [{ name: 'secret', bot: true }] });
  await stage.clock.pass(61_000);
  expect(stage.slack.messages('secret')).toHaveLength(1);
});

test('a channel that is shared with another organization is shown no plan', async () => {
  const stage = await openStage();
  stage.slack.apply({ channels: [{ name: 'dr', shared: true }] });
  await incidentOn(stage, 'a').card('card');
  await stage.clock.pass(10_000);
  expect(stage.slack.messages()).toEqual([]);
  expect(stage.logged('warn')[0]?.facts['reason']).toContain('is shared with another organization');
});

test('a card that somebody deleted is posted anew, and a thread without its card goes to the channel', async () => {
  const stage = await openStage();
  const { card, line } = incidentOn(stage, 'a');
  await card('card 1');
  await stage.clock.pass(2000);
  const root = rootOf(stage, 'card 1');
  await stage.slack.call({
    method: 'chat.delete',
    contentType: '',
    authorization: 'Bearer xoxb-x',
    query: new URLSearchParams({ channel: 'C0DR', ts: root }),
    body: '',
  });
  await line('line');
  await stage.clock.pass(3000);
  await card('card 2');
  await stage.clock.pass(10_000);
  expect(stage.slack.messages().map(({ text }) => text)).toEqual(['line', 'card 2']);
});

test('forty incidents at once are forty cards at one a second, and what is urgent does not wait behind their chatter', async () => {
  const stage = await openStage();
  const incidents = Array.from({ length: 40 }, (_, index) => incidentOn(stage, `i${index}`));
  for (const [index, { card, line }] of incidents.entries()) {
    await card(`card ${index}:`);
    for (let n = 0; n < 10; n += 1) await line(`line ${n}`);
  }
  await stage.clock.pass(20_000);
  await incidents[39]?.line('it failed', { aloud: true });
  await stage.clock.pass(5000);
  expect(stage.slack.messages().map(({ text }) => text)).toContain('it failed');
  await stage.clock.pass(90_000);
  expect(stage.posts()).toHaveLength(81);
  expect(leastGapMs(stage)).toBeGreaterThanOrEqual(1000);
  expect(stage.slack.calls('chat.postMessage').filter(({ outcome }) => outcome === 'ratelimited')).toEqual([]);
  for (let index = 0; index < 40; index += 1) expect(threadOf(stage, `card ${index}:`).slice(0, 10)).toEqual(Array.from({ length: 10 }, (_, n) => `line ${n}`));
});
