import { expect, test } from 'vitest';
import type { SlackFaultInput } from '../../../src/world/slack/scenario.ts';
import { openSlackScene, type SlackScene } from './slack-scene.ts';

const oneChannel = ({ channels }: SlackScene) => {
  const [only, ...more] = channels();
  if (only === undefined || more.length > 0) throw new Error(`expected one channel, found ${[only, ...more].map((one) => one?.name).join(', ')}`);
  return only;
};

/** The incident goes its way whatever becomes of its channel: approved, done, in the thread of the one place. */
async function goesItsWay(scene: SlackScene): Promise<void> {
  await scene.approve('ana');
  await scene.pass('5m');
  expect(await scene.run()).toMatchObject({ state: 'done' });
  const texts = scene.slack.messages('dr').map(({ text }) => text);
  expect(texts.some((text) => text.startsWith('Approved by ana'))).toBe(true);
}

test('somebody else has a channel of that name: it is left alone, and another name is taken', async () => {
  const alone = await openSlackScene();
  await alone.failed();
  await alone.pass('2m');
  const { name } = oneChannel(alone);

  const other = await openSlackScene({ workspace: { channels: [{ name, members: ['dan'], bot: false }] } });
  await other.failed();
  await other.pass('2m');
  expect(other.channels().map((channel) => channel.name)).toEqual([name, `${name}-2`]);
  expect(other.slack.messages(name)).toEqual([]);
  expect([...(other.channels()[0]?.members ?? [])]).not.toContain('U0ANA');
  await goesItsWay(other);
});

test.each(['restricted_action', 'missing_scope', 'user_is_restricted'])(
  'Slack refuses to make it (%s): the thread is the place, and says so',
  async (error) => {
    const scene = await openSlackScene();
    scene.slack.fault({ give: 'refuse', method: 'conversations.create', error });
    await scene.failed();
    await scene.pass('2m');
    expect(scene.channels()).toEqual([]);
    expect(await scene.timeline()).toContainEqual(
      expect.stringMatching(new RegExp(`^There is no channel of its own \\(Slack refuses: ${error}.*this thread is the place$`)),
    );
    await goesItsWay(scene);
    expect(scene.slack.calls('conversations.create')).toHaveLength(1);
  },
);

const LOST: readonly [string, (scene: SlackScene, name: string) => void, RegExp][] = [
  ['archives it', ({ slack }, name) => slack.archive(name), /somebody archived it/],
  ['takes Salvor out of it', ({ slack }, name) => slack.kick(name), /Salvor was taken out of it/],
  ['shares it with another organization', ({ slack }, name) => slack.apply({ channels: [{ name, shared: true }] }), /shared with another organization/],
];

test.each(LOST)('somebody %s: nothing more is said there, and everybody hears where it goes on', async (_what, happens, reason) => {
  const scene = await openSlackScene();
  await scene.failed();
  await scene.pass('2m');
  const { name } = oneChannel(scene);
  const before = scene.slack.messages(name).length;
  happens(scene, name);
  await scene.pass('11m');
  await goesItsWay(scene);

  expect(scene.slack.messages(name)).toHaveLength(before);
  const told = scene.slack.messages('dr').filter(({ text }) => reason.test(text));
  expect(told).toMatchObject([{ isBroadcast: true, text: expect.stringContaining('decisions are taken here') }]);
});

test('a plan is never shown in a channel that was shared with another organization a minute ago', async () => {
  const scene = await openSlackScene();
  await scene.failed();
  await scene.pass('2m');
  const { name } = oneChannel(scene);
  const plans = (channel: string): number => scene.slack.messages(channel).filter(({ text }) => text.startsWith('Approve ')).length;
  expect([plans(name), plans('dr')]).toEqual([1, 1]);
  await scene.as('ana', async (commands, ana) => commands.reject(ana, (await scene.run()).id, { reason: 'not tonight' }));
  await scene.pass('1m');
  scene.slack.apply({ channels: [{ name, shared: true }] });
  await scene.start('ben', 'backup-failed', { schedule: 'daily' });
  await scene.pass('2m');
  expect(await scene.incidents()).toHaveLength(1);
  expect([plans(name), plans('dr')]).toEqual([0, 1]);
});

test('one who cannot be invited keeps nobody else out', async () => {
  const scene = await openSlackScene({ workspace: { users: [{ name: 'ben', id: 'U0BEN', deleted: true }] } });
  await scene.failed();
  await scene.pass('2m');
  const channel = oneChannel(scene);
  expect([...channel.members].sort()).toEqual(['U0ANA', 'U0SALVOR']);
  expect(await scene.timeline()).toContainEqual(expect.stringMatching(/not invited: ben \(user_not_found\)\. Everybody else was$/));
});

const STEPS: readonly [string, SlackFaultInput, RegExp][] = [
  ['bookmarks', { give: 'refuse', method: 'bookmarks.add', error: 'missing_scope' }, /the bookmark "Console" is missing: Slack refuses: missing_scope/],
  ['the pin', { give: 'refuse', method: 'pins.add', error: 'missing_scope' }, /the card is not pinned: Slack refuses: missing_scope/],
  ['the topic', { give: 'refuse', method: 'conversations.setTopic', error: 'restricted_action' }, /its topic is not set: Slack refuses: restricted_action/],
  ['the purpose', { give: 'refuse', method: 'conversations.setPurpose', error: 'restricted_action' }, /its purpose is not set/],
  ['invitations', { give: 'refuse', method: 'conversations.invite', error: 'missing_scope' }, /ana, ben could not be invited: Slack refuses: missing_scope/],
];

test.each(STEPS)('Slack refuses %s: it is said once, all else is done, and no run waits', async (_what, fault, line) => {
  const scene = await openSlackScene();
  scene.slack.fault(fault);
  await scene.failed();
  await scene.pass('2m');
  expect((await scene.timeline()).filter((text) => line.test(text))).toHaveLength(1);
  const channel = oneChannel(scene);
  const done = [channel.topic !== '', channel.purpose !== '', channel.bookmarks.length > 0, channel.pins.size > 0, channel.members.size > 2];
  expect(done.filter((one) => !one)).toHaveLength(1);
  await goesItsWay(scene);
  expect(scene.slack.calls(fault.method)).toHaveLength(1);
});

const LATER: readonly SlackFaultInput[] = [
  { give: 'down', lasts: '20m' },
  { give: 'rate-limited', method: 'conversations.*', retryAfter: '30s', lasts: '10m' },
  { give: 'hang', method: 'conversations.create', lasts: '5m' },
  { give: 'lost-reply', method: 'conversations.*', lasts: '3m' },
  { give: 'server-error', method: 'bookmarks.add', status: 503, lasts: '10m' },
  { give: 'refuse', method: 'pins.add', error: 'internal_error', lasts: '10m' },
];

test.each(LATER)('Slack fails for a while ($give $method): no run waits, and all is done afterwards, once', async (fault) => {
  const scene = await openSlackScene();
  scene.slack.fault(fault);
  await scene.failed();
  await scene.pass('1m');
  await scene.approve('ana');
  await scene.pass('5m');
  expect(await scene.run()).toMatchObject({ state: 'done' });
  await scene.pass('25m');
  const channel = oneChannel(scene);
  expect(channel.bookmarks).toHaveLength(1);
  expect(channel.pins.size).toBe(1);
  expect(channel.members.size).toBe(3);
});

test.each([
  'conversations.create',
  'conversations.setPurpose',
  'conversations.invite',
  'conversations.setTopic',
  'bookmarks.list',
  'bookmarks.add',
  'pins.add',
  'chat.postMessage',
])('Salvor dies between %s and its record: there is one channel, with everything once', async (method) => {
  const scene = await openSlackScene();
  scene.dieAfter(method);
  await scene.failed();
  await scene.pass('5m');
  const channel = oneChannel(scene);
  expect(channel).toMatchObject({
    topic: expect.stringMatching(/^SEV1/),
    purpose: expect.stringContaining('Salvor incident'),
    bookmarks: [{ title: 'Console' }],
  });
  expect(channel.members.size).toBe(3);
  expect(channel.pins.size).toBe(1);
  const cards = scene.slack.messages(channel.name).filter(({ text }) => text.startsWith('SEV1 '));
  expect(cards).toHaveLength(1);
  expect(scene.slack.messages(channel.name).filter(({ text }) => text.startsWith('Approve '))).toHaveLength(1);
  expect((await scene.timeline()).filter((text) => text.endsWith('is the channel of this incident'))).toHaveLength(1);
});
