import { expect, test } from 'vitest';
import { DAILY_FAILED } from '../scene.ts';
import { openSlackScene, type SlackScene } from './slack-scene.ts';

async function over(scene: SlackScene): Promise<void> {
  await scene.failed();
  await scene.pass('2m');
  await scene.approve('ana');
  await scene.pass('5m');
  await scene.resolved(DAILY_FAILED);
  await scene.pass('3m');
  expect(await scene.incident()).toMatchObject({ state: 'closed' });
}

const filesIn = ({ slack }: SlackScene, channel: string | undefined): readonly string[] =>
  slack.messages(channel).flatMap(({ files }) => files.map((id) => slack.workspace.files.get(id)?.content?.toString() ?? ''));

test('the report lies in the thread of the card as a file, once it is over', async () => {
  const scene = await openSlackScene({ channels: 'none' });
  await over(scene);
  expect(filesIn(scene, 'dr')).toEqual([await scene.report('md')].map((text) => expect.stringContaining(text.split('\n')[0] ?? '')));
  const message = scene.slack.messages('dr').find(({ files }) => files.length > 0);
  expect(message).toMatchObject({ threadTs: scene.seen('dr')[0]?.ts });
  expect([...scene.slack.workspace.files.values()]).toMatchObject([{ name: expect.stringMatching(/^report-[0-9a-f]{16}-1-\d+\.md$/) }]);
});

test('with a channel of its own it lies there', async () => {
  const scene = await openSlackScene();
  await over(scene);
  expect([filesIn(scene, 'dr').length, filesIn(scene, scene.channels()[0]?.name).length]).toEqual([0, 1]);
});

test.each(['files.getUploadURLExternal', 'files.completeUploadExternal'])('Salvor dies between %s and its record: there is one file', async (method) => {
  const scene = await openSlackScene({ channels: 'none' });
  scene.dieAfter(method);
  await over(scene);
  expect(filesIn(scene, 'dr')).toHaveLength(1);
});

test('a file that Slack does not take keeps nothing waiting', async () => {
  const scene = await openSlackScene({ channels: 'none' });
  scene.slack.takeScope('files:write');
  await over(scene);
  expect(filesIn(scene, 'dr')).toEqual([]);
  const { id } = await scene.incident();
  await scene.as('ana', (commands, ana) => commands.note(ana, id, { text: 'a word behind the end' }));
  await scene.pass('1m');
  expect(scene.slack.messages('dr').at(-1)?.text).toBe('ana: a word behind the end');
});
