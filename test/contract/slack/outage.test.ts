import { expect, test } from 'vitest';
import { readGauges } from '../../../src/command/gauges.ts';
import type { SlackFaultInput } from '../../../src/world/slack/scenario.ts';
import { incidentOn, leastGapMs, openStage, type Stage, threadOf } from './stage.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

type Outage = { readonly name: string; readonly begin: (stage: Stage) => void; readonly end: (stage: Stage) => void };

const fault = (name: string, given: SlackFaultInput): Outage => ({
  name,
  begin: ({ slack }) => void slack.fault(given),
  end: ({ slack }) => slack.clearFaults(),
});

const OUTAGES: readonly Outage[] = [
  fault('away', { give: 'down' }),
  fault('telling us to wait', { give: 'rate-limited', retryAfter: '30s' }),
  fault('answering ok: false with a fault of its own', { give: 'refuse', error: 'internal_error' }),
  fault('answering ok: false', { give: 'refuse', error: 'team_access_not_granted' }),
  fault('answering 5xx', { give: 'server-error', status: 503 }),
  fault('hanging', { give: 'hang' }),
  fault('slower than we wait', { give: 'slow', delay: '20s' }),
  fault('losing its replies', { give: 'lost-reply', method: 'chat.*' }),
  fault('losing each second reply', { give: 'lost-reply', method: 'chat.postMessage', skip: 1 }),
  fault('breaking off connections', { give: 'reset', method: 'chat.postMessage' }),
  { name: 'refusing the token', begin: ({ slack }) => slack.revoke(), end: ({ slack }) => slack.restore() },
  {
    name: 'missing a scope',
    begin: ({ slack }) => slack.takeScope('chat:write'),
    end: ({ slack }) => slack.grant([...slack.workspace.app.scopes, 'chat:write']),
  },
  {
    name: 'without its channel, which is archived',
    begin: ({ slack }) => slack.archive('dr'),
    end: ({ slack }) => slack.apply({ channels: [{ name: 'dr', archived: false }] }),
  },
  {
    name: 'without us in its private channel',
    begin: ({ slack }) => {
      for (const channel of slack.workspace.channels.values()) Object.assign(channel, { isPrivate: true, kind: 'private' });
      slack.kick('dr');
    },
    end: ({ slack }) => slack.apply({ channels: [{ name: 'dr', bot: true }] }),
  },
];

/** Three incidents that say something every five minutes; the first was known before. */
async function story(stage: Stage, forMs: number): Promise<() => void> {
  const said = ['a', 'b', 'c'].map((id) => ({ id, ...incidentOn(stage, id), lines: [] as string[] }));
  for (let atMs = 0; atMs < forMs; atMs += 5 * MINUTE) {
    for (const one of said) {
      const line = `${one.id} at minute ${atMs / MINUTE}`;
      one.lines.push(line);
      await one.card(`card ${one.id}: ${line}`);
      await one.line(line);
    }
    await stage.clock.pass(5 * MINUTE);
  }
  return () => {
    for (const { id, lines } of said) {
      expect(threadOf(stage, `card ${id}: ${lines.at(-1)}`)).toEqual(lines);
    }
  };
}

test.each(OUTAGES)(
  'Slack is $name for an hour, from before the first message on: nothing is lost, nothing comes twice, all is in order',
  async ({ begin, end }) => {
    const stage = await openStage();
    begin(stage);
    const expectAll = await story(stage, HOUR);
    end(stage);
    await stage.clock.pass(2 * MINUTE);
    expectAll();
    expect(leastGapMs(stage)).toBeGreaterThanOrEqual(1000);
    // A round is a minute at most and less in the beginning: one line for each.
    expect(stage.logged('warn').length).toBeLessThan(140);
  },
);

test.each(OUTAGES)('Slack is $name for an hour in the middle of it all', async ({ begin, end }) => {
  const stage = await openStage();
  const before = incidentOn(stage, 'before');
  await before.card('card before');
  await before.line('first');
  await stage.clock.pass(10_000);
  begin(stage);
  const expectAll = await story(stage, HOUR);
  await before.line('second');
  await stage.clock.pass(5 * MINUTE);
  end(stage);
  await stage.clock.pass(5 * MINUTE);
  expectAll();
  expect(threadOf(stage, 'card before')).toEqual(['first', 'second']);
  expect(stage.logged('error')).toEqual([]);
});

test('twelve hours of a line each minute are read in a minute: the first and the last of them, and how many lie between', async () => {
  const stage = await openStage();
  stage.slack.fault({ give: 'down' });
  const { card, line } = incidentOn(stage, 'a');
  const lines: string[] = [];
  for (let minute = 0; minute < 12 * 60; minute += 1) {
    const text = `minute ${minute}`;
    lines.push(text);
    await card(`card at ${text}`);
    await line(text);
    await stage.clock.pass(MINUTE);
  }
  await line('it failed', { aloud: true });
  const { outbox } = await readGauges({ store: stage.store, clock: stage.clock, clusters: () => [] });
  expect(outbox.find(({ to }) => to === 'chat')?.oldestMs).toBeGreaterThan(12 * HOUR - MINUTE);
  stage.slack.clearFaults();
  await stage.clock.pass(2 * MINUTE);
  const read = threadOf(stage, 'card at minute 719');
  expect(read.slice(0, 100)).toEqual(lines.slice(0, 100));
  expect(read.slice(-101)).toEqual([...lines.slice(-100), 'it failed']);
  const folds = read.filter((text) => text.includes('folded'));
  expect(folds.map((text) => Number(text.split(' ')[0]))).toEqual([lines.length + 2 - read.length]);
  expect(stage.posts().length).toBeLessThan(25);
  expect(leastGapMs(stage)).toBeGreaterThanOrEqual(1000);
  expect(stage.logged('warn').length).toBeLessThan(12 * 60 + 20);
  const after = await readGauges({ store: stage.store, clock: stage.clock, clusters: () => [] });
  expect(after.outbox).toContainEqual({ to: 'chat', pending: 0, oldestMs: 0 });
}, 60_000);

test('killed right behind each post, the next life finds what is there and goes on behind it', async () => {
  const stage = await openStage();
  let count = 0;
  let killed = 0;
  const stop = stage.slack.onChange(() => {
    const now = stage.slack.messages().length;
    if (now === count) return;
    count = now;
    killed += 1;
    // It is there, and its answer never arrives.
    stage.kill();
  });
  const { card, line } = incidentOn(stage, 'a');
  await card('card');
  for (let n = 0; n < 5; n += 1) {
    await line(`line ${n}`);
    await stage.clock.pass(5000);
    stage.restart();
    await stage.clock.pass(31_000);
  }
  stop();
  stage.restart();
  await stage.clock.pass(MINUTE);
  expect(threadOf(stage, 'card')).toEqual(['line 0', 'line 1', 'line 2', 'line 3', 'line 4']);
  expect(killed).toBeGreaterThan(3);
});

test('somebody else’s message with our mark on it is not ours', async () => {
  const stage = await openStage();
  const { card, line } = incidentOn(stage, 'a');
  await card('card');
  await stage.clock.pass(3000);
  const channel = [...stage.slack.workspace.channels.values()].find(({ name }) => name === 'dr');
  const [root] = stage.slack.messages();
  if (channel === undefined || root === undefined) throw new Error('no card');
  stage.slack.fault({ give: 'server-error', method: 'chat.postMessage', times: 1 });
  await line('line');
  channel.messages.push({
    ...root,
    ts: `${Math.floor(stage.clock.nowMs() / 1000) + 1}.000000`,
    user: 'U0BEN',
    isOurs: false,
    text: 'forged',
    threadTs: root.ts,
    metadata: { event_type: 'salvor_message', event_payload: { keys: ['incident/a/entry/2'] } },
  });
  await stage.clock.pass(MINUTE);
  expect(threadOf(stage, 'card').filter((text) => text === 'line')).toEqual(['line']);
});
