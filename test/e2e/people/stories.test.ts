import { expect, test } from 'vitest';
import { textIn } from '../../../src/model/json.ts';
import type { Message } from '../../../src/world/slack/workspace.ts';
import { DAILY, serveApart, untilRun } from '../../contract/serve/site.ts';
import { until } from '../stage/until.ts';
import { type Office, openOffice, spoken } from './office.ts';

const NOT_SLACK = { give: 'down' } as const;

test('a failed backup is approved in Slack, carried out once, verified, and told there from its card to its report', async () => {
  const { serve, slack, cluster } = await openOffice();
  const serving = await serve();
  await serving.alert(DAILY);
  const asked = await untilAsked(slack);
  const pressed = await slack.user('ana').press({ ts: asked.ts, action: 'approve' });
  expect(pressed).toMatchObject({ acknowledged: true });
  expect(pressed.afterMs).toBeLessThan(3000);

  await untilRun(serving, 'done');
  expect(cluster.retries()).toHaveLength(1);
  const stamped = await slack.until(
    'the stamp',
    () => {
      const now = slack.messages().find(({ ts }) => ts === asked.ts);
      return now !== undefined && now.edits > 0 && !JSON.stringify(now.blocks).includes('"approve"') ? now : undefined;
    },
    30_000,
  );
  expect(spoken(stamped)).toMatch(/ana/);
  await slack.until(
    'the thread tells that it is verified',
    () => slack.messages().some((one) => one.threadTs !== undefined && spoken(one).includes('Verified: 214 items, 3 volumes')),
    30_000,
  );
  // One card, edited in place; everything else hangs on it.
  const cards = slack.messages().filter((one) => one.threadTs === undefined && one.isOurs && one.ts !== asked.ts);
  expect(cards.filter(({ text }) => /VeleroBackupFailed|daily/.test(text))).toHaveLength(1);
});

test('Slack is away from before the start: the same is approved in the console, and Slack hears it afterwards, once and in order', async () => {
  const { serve, slack, cluster, atConsole } = await openOffice();
  slack.fault(NOT_SLACK);
  const serving = await serve();
  await serving.alert(DAILY);
  const { id } = await untilRun(serving, 'proposed');
  const ana = await atConsole(serving, 'ana');
  await ana.open(`/runs/${encodeURIComponent(id)}`);
  await ana.send(/\/approve$/);
  await untilRun(serving, 'done');
  expect(cluster.retries()).toHaveLength(1);
  expect(slack.messages()).toEqual([]);

  slack.clearFaults();
  const told = await until(
    'all of it is told',
    () => {
      const all = slack.messages().filter(({ isOurs }) => isOurs);
      return all.some((one) => spoken(one).includes('Verified: 214 items')) ? all : undefined;
    },
    { withinMs: 90_000 },
  );
  const words = told.map(spoken).join('\n');
  for (const once of ['Verified: 214 items', 'Approved ']) expect(words.split(once).length - 1, once).toBeLessThanOrEqual(2);
  expect(words.indexOf('looking')).toBeLessThan(words.indexOf('Verified: 214 items'));
  expect(told.filter(({ blocks }) => JSON.stringify(blocks).includes('"action_id":"approve"'))).toEqual([]);
});

test('Slack and PagerDuty are both away from before the start to after the end: it is approved on the command line', async () => {
  const { serve, slack, cluster, salvor } = await openOffice();
  slack.fault(NOT_SLACK);
  cluster.world.apply({ pager: 'down' });
  const serving = await serve();
  await serving.alert(DAILY);
  const { id, digest = '' } = await untilRun(serving, 'proposed');
  const said = await salvor(serving, 'ana', ['approve', id, '--plan', digest.slice(0, 8)]);
  expect(said).toMatchObject({ code: 0, out: expect.stringMatching(/^Approved: backup-failed on daily goes on/) });
  await untilRun(serving, 'done');
  expect(cluster.retries()).toHaveLength(1);
  expect([slack.messages().length, cluster.world.pagerduty.incidents().length]).toEqual([0, 0]);
});

test('nobody answers: people are called one after the other, the second is in PagerDuty, and approves', async () => {
  const { serve, cluster, salvor } = await openOffice({
    settings: {
      approvals: '{ reversible: { need: [{ team: platform, count: 1 }], within: 2m, remind: 10s } }',
      ladders: '{ default: [{ page: platform-primary, after: 0s }, { page: platform-secondary, after: 5s }] }',
      unrouted: '{ critical: page }',
    },
  });
  const serving = await serve();
  await serving.alert({ alertname: 'DiskOnFire', severity: 'critical', cluster: 'prod' });
  const called = (key: string) => cluster.world.pagerduty.incidents().find(({ integration }) => integration.startsWith(key));
  const first = await until('the first is called', () => called('e93'), { withinMs: 60_000 });
  const second = await until('the second is called', () => called('f03'), { withinMs: 60_000 });
  expect([first.title, second.title]).toEqual([expect.stringContaining('DiskOnFire'), expect.stringContaining('DiskOnFire')]);
  const { items } = (await serving.get('/api/v1/incidents')).json as { readonly items: readonly { readonly id: string }[] };
  expect(await salvor(serving, 'ben', ['acknowledge', items[0]?.id ?? ''])).toMatchObject({ code: 0 });
  await until('nobody is called any more', () => ['e93', 'f03'].every((key) => called(key)?.status === 'acknowledged'), { withinMs: 60_000 });
});

test('two approvers press in the same millisecond: one approval, one effect, and both are answered', async () => {
  const { serve, slack, cluster } = await openOffice();
  const serving = await serve();
  await serving.alert(DAILY);
  const asked = await untilAsked(slack);
  const both = await Promise.all(['ana', 'ben'].map((who) => slack.user(who).press({ ts: asked.ts, action: 'approve' })));
  expect(both.map(({ acknowledged }) => acknowledged)).toEqual([true, true]);
  const { id } = await untilRun(serving, 'done');
  expect(cluster.retries()).toHaveLength(1);
  const { json } = await serving.get(`/api/v1/runs/${encodeURIComponent(id)}`);
  expect(JSON.stringify(json).match(/"approval\.granted"/g)).toHaveLength(1);
  const late = await until('who came second is told', () =>
    ['ana', 'ben'].flatMap((who) => onlyFor(slack.user(who).sees(), slack.user(who).id)).find((one) => /approved already/i.test(spoken(one))),
  );
  expect(spoken(late)).toMatch(/by (ana|ben)/);
});

test('who asked for it cannot approve it alone, and is told who can; another types the word, and it is done', async () => {
  const { serve, slack, cluster } = await openOffice({
    settings: { approvals: '{ reversible: { need: [{ team: platform, count: 1 }], notRequester: true, typedConfirmation: true, within: 15m } }' },
  });
  const serving = await serve();
  await until('the command is known', async () => (await slack.user('ana').type('/dr status')).acknowledged);
  expect(await slack.user('ana').type('/dr backup run daily')).toMatchObject({ acknowledged: true });
  const asked = await untilAsked(slack);

  await slack.user('ana').press({ ts: asked.ts, action: 'approve' });
  const refused = await until('ana is told', () => onlyFor(slack.user('ana').sees(), slack.user('ana').id).find((one) => spoken(one).includes('Not approved')));
  expect(spoken(refused)).toMatch(/ben/);
  expect([slack.user('ana').modal(), cluster.retries()]).toEqual([undefined, []]);

  const ben = slack.user('ben');
  await ben.press({ ts: asked.ts, action: 'approve' });
  await until('the word is asked for', () => ben.modal()?.blocks.some(({ type }) => type === 'input'));
  const field = ben.modal()?.blocks.find(({ type }) => type === 'input');
  const label = JSON.stringify(field);
  const word = /Type (\S+) to go on/.exec(label)?.[1] ?? '';
  expect((await ben.submit({ [textIn(field?.['block_id'])]: word.replace('a', '\u0430') })).errors).toBeDefined();
  await ben.submit({ [textIn(field?.['block_id'])]: word });
  await untilRun(serving, 'done');
});

test('forty incidents at once are forty cards, and what waits for a person stands in the channel', async () => {
  const { serve, slack } = await openOffice();
  const serving = await serve();
  const names = Array.from({ length: 39 }, (_, index) => `Disk${index}Full`);
  await Promise.all(names.map((alertname) => serving.alert({ alertname, severity: 'warning', cluster: 'prod' })));
  await serving.alert(DAILY);
  const asked = await untilAsked(slack, 60_000);
  const cards = await until(
    'every incident has its card',
    () => {
      const top = slack.messages().filter((one) => one.isOurs && one.threadTs === undefined && one.ts !== asked.ts);
      return top.length >= 40 ? top : undefined;
    },
    { withinMs: 180_000 },
  );
  expect(cards).toHaveLength(40);
  const titles = cards.map(({ text }) => text.split('\n')[0] ?? '');
  for (const name of [...names, 'VeleroBackupFailed'])
    expect(
      titles.filter((title) => title.includes(name)),
      name,
    ).toHaveLength(1);
  // About one post a second into a channel, as Slack asks for: never more than two in one second of the clock.
  const perSecond = Map.groupBy(slack.calls('chat.postMessage'), ({ atMs }) => Math.floor(atMs / 1000));
  expect(Math.max(...[...perSecond.values()].map((calls) => calls.length))).toBeLessThanOrEqual(2);
}, 300_000);

test('killed between a post and its record, again and again: every message is there once, in order', async () => {
  const office = await openOffice();
  const { slack } = office;
  let killAt = 1;
  let victim: Awaited<ReturnType<typeof serveApart>> | undefined;
  slack.onChange(() => {
    if (victim === undefined || slack.messages().filter(({ isOurs }) => isOurs).length < killAt) return;
    victim.program.signal('SIGKILL');
    victim = undefined;
  });
  const first = await serveApart(office);
  victim = first;
  await first.alert(DAILY);
  for (killAt = 1; killAt <= 3; killAt += 1) {
    const program = victim?.program;
    await until('it is dead', () => program === undefined || !program.isRunning(), { withinMs: 60_000 });
    victim = await serveApart(office);
  }
  victim = undefined;
  await untilAsked(slack, 60_000);
  const keys = slack.messages().flatMap(({ metadata }) => JSON.stringify(metadata?.['event_payload'] ?? {}).match(/incident[^"]*/g) ?? []);
  expect(keys.length).toBeGreaterThan(2);
  expect(keys.toSorted()).toEqual([...new Set(keys)].toSorted());
  expect(slack.messages().filter((one) => one.isOurs && one.threadTs === undefined && !isAsked(one))).toHaveLength(1);
});

function isAsked({ blocks }: Message): boolean {
  return JSON.stringify(blocks).includes('"action_id":"approve"');
}

function untilAsked(slack: Office['slack'], withinMs = 30_000): Promise<Message> {
  return slack.until('the approval', () => slack.messages().find(isAsked), withinMs);
}

function onlyFor(messages: readonly Message[], id: string): readonly Message[] {
  return messages.filter((one) => one.onlyFor === id);
}
