import { expect, test } from 'vitest';
import { DAILY_FAILED } from '../scene.ts';
import { openSlackScene, type SlackScene } from './slack-scene.ts';

async function over(scene: SlackScene): Promise<string> {
  await scene.failed();
  await scene.pass('2m');
  await scene.approve('ana');
  await scene.pass('5m');
  await scene.resolved(DAILY_FAILED);
  await scene.pass('1m');
  expect(await scene.incident()).toMatchObject({ state: 'closed' });
  return scene.channels()[0]?.name ?? '';
}

test('the channel says how it goes on: decisions and ends for everybody, the rest together in the thread of the card', async () => {
  const scene = await openSlackScene();
  const name = await over(scene);
  const seen = scene.seen(name).map(({ text }) => text.split('\n')[0]);
  expect(seen[0]).toMatch(/^SEV1 .*: closed$/);
  expect(seen.filter((text) => text?.startsWith('Approved by ana'))).toHaveLength(1);
  expect(seen.at(-1)).toMatch(/ended well/);
  // Whatever the one place for all says in its thread is said here, too, in its order.
  const lines = (channel: string): readonly string[] =>
    scene.slack.messages(channel).flatMap(({ text, threadTs }) => (threadTs === undefined ? [] : text.split('\n')));
  const inOrder = lines('dr').filter((line) => !line.startsWith('Approve'));
  expect(lines(name).filter((line) => inOrder.includes(line))).toEqual(inOrder);
  expect(scene.channels()[0]?.topic).toMatch(/^SEV1 \| closed \| lead /);
});

test('the card is edited at most once in ten seconds, and quiet lines are posted at most once a minute', async () => {
  const scene = await openSlackScene();
  await scene.failed();
  await scene.pass('2m');
  const [channel] = scene.channels();
  const { id } = await scene.incident();
  const from = scene.clock.nowMs();
  for (let n = 0; n < 60; n += 1) {
    await scene.as('ana', (commands, ana) => commands.note(ana, id, { text: `note ${n}` }));
    await scene.pass('3s');
  }
  await scene.pass('2m');
  const calls = (method: string): readonly number[] =>
    scene.slack.calls(method).flatMap(({ args, atMs }) => (args['channel'] === channel?.id && atMs >= from ? [atMs] : []));
  const gaps = (times: readonly number[]): number => Math.min(...times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0)));
  expect(gaps(calls('chat.update'))).toBeGreaterThanOrEqual(10_000);
  expect(gaps(calls('chat.postMessage'))).toBeGreaterThanOrEqual(60_000);
  const said = scene.slack
    .messages(channel?.name)
    .flatMap(({ text, threadTs }) => (threadTs === undefined ? [] : text.split('\n').filter((line) => line.startsWith('ana: note'))));
  expect(said).toEqual(Array.from({ length: 60 }, (_, n) => `ana: note ${n}`));
});

test('a plan that destroys gives a lesser incident its channel, and so does a higher severity', async () => {
  const scene = await openSlackScene({ channels: '{ severities: [SEV1], risks: [reversible] }' });
  await scene.start('ana', 'backup-failed', { schedule: 'daily' });
  await scene.pass('2m');
  expect(await scene.incident()).toMatchObject({ severity: 'SEV2' });
  expect(scene.channels()).toHaveLength(1);

  const other = await openSlackScene({ channels: '{ severities: [SEV1], risks: [] }' });
  await other.start('ana', 'backup-failed', { schedule: 'daily' });
  await other.pass('2m');
  expect(other.channels()).toHaveLength(0);
  const { id } = await other.incident();
  await other.as('ana', (commands, ana) => commands.severity(ana, id, { severity: 'SEV1' }));
  await other.pass('2m');
  expect(other.channels()).toHaveLength(1);
  // What waits for a decision can be decided there, too.
  expect(other.slack.messages(other.channels()[0]?.name).some(({ text }) => text.startsWith('Approve '))).toBe(true);
});

/** A day and an hour: people are told after an hour. */
const SOON = { channels: '{ archiveAfter: 25h }' };

test('after its quiet days it is archived, a day after people were told', async () => {
  const scene = await openSlackScene(SOON);
  const name = await over(scene);
  expect(scene.seen(name).at(-1)?.text).not.toContain('is archived at');
  await scene.pass('61m');
  expect(scene.seen(name).at(-1)?.text).toMatch(/^This channel is archived at .*\nSay something here, and it stays\.$/);
  await scene.pass('23h');
  expect(scene.channels()[0]?.isArchived).toBe(false);
  await scene.pass('61m');
  expect(scene.channels()[0]?.isArchived).toBe(true);
  expect(scene.slack.calls('conversations.archive')).toHaveLength(1);
  expect(await scene.timeline()).toContain(`#${name} was quiet for long and is archived`);
}, 60_000);

test.each([
  ['in the channel', false],
  ['under the card', true],
])(
  'whoever says something %s keeps it',
  async (_where, isThread) => {
    const scene = await openSlackScene(SOON);
    const name = await over(scene);
    await scene.pass('2h');
    const [card] = scene.seen(name);
    await scene.slack.user('ben').say('please leave it', { channel: name, ...(isThread && card !== undefined ? { thread: card.ts } : {}) });
    await scene.pass('24h');
    expect(scene.channels()[0]?.isArchived).toBe(false);
    await scene.pass('25h');
    expect(scene.channels()[0]?.isArchived).toBe(true);
  },
  60_000,
);

test('an incident that begins again opens its channel again, and goes on where it was', async () => {
  const scene = await openSlackScene(SOON);
  const name = await over(scene);
  await scene.pass('26h');
  expect(scene.channels()).toMatchObject([{ isArchived: true }]);
  const before = scene.slack.messages(name).map(({ ts }) => ts);
  await reopen(scene);
  expect(scene.channels()).toMatchObject([{ name, isArchived: false }]);
  expect(scene.seen(name)[0]?.text).toMatch(/^SEV1 .*: open/);
  const later = scene.slack.messages(name).filter(({ ts }) => !before.includes(ts));
  expect(later.flatMap(({ text }) => text.split('\n'))).toEqual([
    'Open again: its backup cannot be read',
    'Calling people by ladder "default": its backup cannot be read',
    'paged platform-primary: its backup cannot be read',
    `#${name} is the channel of this incident`,
  ]);
}, 60_000);

test('where Slack does not open it again, there is another one with a number behind its name', async () => {
  const scene = await openSlackScene(SOON);
  const name = await over(scene);
  await scene.pass('26h');
  scene.slack.fault({ give: 'refuse', method: 'conversations.unarchive', error: 'not_in_channel' });
  await reopen(scene);
  expect(scene.channels()).toMatchObject([
    { name, isArchived: true },
    { name: `${name}-2`, isArchived: false, topic: expect.stringMatching(/^SEV1 \| open/) },
  ]);
  expect(scene.seen(`${name}-2`)[0]?.text).toMatch(/^SEV1 .*: open/);
}, 60_000);

/** Somebody has to be called for it again, days after it was over. */
async function reopen(scene: SlackScene): Promise<void> {
  const { id } = await scene.incident();
  await scene.tell(id, { kind: 'escalate', key: 'late', ladder: 'default', reason: 'its backup cannot be read' });
  await scene.pass('2m');
  expect(await scene.incident()).toMatchObject({ id, state: 'open' });
}
