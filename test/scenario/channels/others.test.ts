import { expect, test } from 'vitest';
import { DAILY_FAILED } from '../scene.ts';
import { openSlackScene } from './slack-scene.ts';

const UPDATES = { channels: 'none', updates: "{ channel: '#status', severities: [SEV1] }", workspace: { channels: [{ name: 'status' }] } };

test('others are told of a grave incident in one message, edited to its end; nothing of plans', async () => {
  const scene = await openSlackScene(UPDATES);
  const told = () => scene.slack.messages('status');
  await scene.failed();
  await scene.pass('1m');
  expect(told()).toMatchObject([{ text: expect.stringMatching(/^SEV1 VeleroBackupFailed.*: open\nCluster prod, open since /) }]);
  const { id } = await scene.incident();

  await scene.as('ana', (commands, ana) => commands.role(ana, id, { role: 'communications', person: 'cleo' }));
  await scene.as('cleo', (commands, cleo) => commands.update(cleo, id, { text: 'Backups are late; <!channel> no data is lost' }));
  await scene.pass('1m');
  const [message, ...more] = told();
  expect(more).toEqual([]);
  expect(message?.text).toMatch(/: open\nBackups are late; &lt;!channel&gt; no data is lost \(cleo, /);
  expect(message?.text).toContain('Communications: cleo');
  expect(await scene.timeline()).toEqual(
    expect.arrayContaining(['cleo speaks for it to others: set by ana', 'cleo to others: Backups are late; <!channel> no data is lost']),
  );

  await scene.approve('ana');
  await scene.pass('5m');
  await scene.resolved(DAILY_FAILED);
  await scene.pass('1m');
  expect(told()).toMatchObject([{ text: expect.stringMatching(/: closed\n/) }]);
  expect(JSON.stringify(told())).not.toMatch(/approve|Approve|salvor\.example/);
});

test('of a lesser one they hear when somebody tells them', async () => {
  const scene = await openSlackScene(UPDATES);
  await scene.start('ana', 'backup-failed', { schedule: 'daily' });
  await scene.pass('1m');
  expect(scene.slack.messages('status')).toEqual([]);
  const { id } = await scene.incident();
  await scene.as('ana', (commands, ana) => commands.update(ana, id, { text: 'tonight’s backup runs again' }));
  await scene.pass('1m');
  expect(scene.slack.messages('status')).toMatchObject([{ text: expect.stringContaining('tonight’s backup runs again (ana, ') }]);
});

test('who may tell others: who may run, who leads and who speaks for it', async () => {
  const scene = await openSlackScene(UPDATES);
  await scene.failed();
  await scene.pass('1m');
  const { id } = await scene.incident();
  const update = (person: string) => scene.as(person, (commands, caller) => commands.update(caller, id, { text: 'so it stands' }));
  await expect(update('cleo')).rejects.toMatchObject({ code: 'request.forbidden' });
  await expect(scene.as('cleo', (commands, cleo) => commands.role(cleo, id, { role: 'communications', person: 'cleo' }))).rejects.toMatchObject({
    code: 'request.forbidden',
  });
  await scene.as('ben', (commands, ben) => commands.role(ben, id, { role: 'communications', person: 'cleo' }));
  await expect(update('cleo')).resolves.toMatchObject({ text: 'Others are told' });
  await expect(update('ben')).resolves.toMatchObject({ text: 'Others are told' });
  await expect(scene.as('ben', (commands, ben) => commands.role(ben, id, { role: 'communications', person: 'cloe' }))).rejects.toMatchObject({
    message: expect.stringContaining('no person "cloe". Did you mean cleo?'),
  });
});

test('Salvor dies between the post for others and its record: there is one', async () => {
  const scene = await openSlackScene(UPDATES);
  await scene.failed();
  await scene.pass('20ms');
  for (const _death of [1, 2, 3]) {
    scene.dieAfter('chat.postMessage');
    await scene.pass('40s');
  }
  await scene.pass('5m');
  expect(scene.slack.messages('status')).toHaveLength(1);
});

test('where others are told is archived: nobody else waits for it', async () => {
  const scene = await openSlackScene(UPDATES);
  scene.slack.archive('status');
  await scene.failed();
  await scene.pass('1m');
  await scene.approve('ana');
  await scene.pass('5m');
  expect(await scene.run()).toMatchObject({ state: 'done' });
  expect(scene.slack.messages('dr').some(({ text }) => text.startsWith('Approved by ana'))).toBe(true);
  scene.slack.apply({ channels: [{ name: 'status', archived: false }] });
  await scene.pass('3m');
  expect(scene.slack.messages('status')).toHaveLength(1);
});
