import { expect, test } from 'vitest';
import { DAILY_FAILED, failedNight } from './scene.ts';
import { openSlackScene } from './slack-scene.ts';

const textOf = (view: unknown): string => JSON.stringify(view ?? '');

test('whoever opens it sees what needs them, what is open, how ready the cluster is, and what they may do', async () => {
  const { does, alert, pass, slack } = openSlackScene({ world: failedNight('server-restarted') });
  await alert(DAILY_FAILED);
  await pass('1m');
  await does('ana', (ana) => ana.openHome());
  await pass('1s');
  const home = textOf(slack.user('ana').home());
  for (const words of [
    'Needs you',
    'backup-failed on daily',
    'Open incidents',
    'VeleroBackupFailed on prod',
    'Nobody looked yet',
    '⚠ backup-failed on daily',
    'No drill',
    '*ana*, of platform',
  ])
    expect(home).toContain(words);
  await does('dan', (dan) => dan.openHome());
  await pass('1s');
  expect(textOf(slack.user('dan').home())).toContain('Nothing needs you');
  expect(textOf(slack.user('dan').home())).not.toContain('"action_id":"approve"');
});

test('a vote from there counts as one from the card, and is said in a form; the board shows it at once', async () => {
  const { does, alert, pass, slack, run } = openSlackScene({ world: failedNight('server-restarted') });
  await alert(DAILY_FAILED);
  await pass('1m');
  await does('ana', (ana) => ana.openHome());
  await pass('1s');
  const pressed = await does('ana', (ana) => ana.press({ in: 'home', action: 'approve' }));
  expect(pressed).toMatchObject({ acknowledged: true });
  expect(pressed.afterMs).toBeLessThan(3000);
  await pass('3s');
  expect(textOf(slack.user('ana').modal())).toMatch(/Approved/);
  expect((await run()).approvals).toMatchObject([{ by: 'ana', surface: 'slack' }]);
  expect(textOf(slack.user('ana').home())).toContain('Nothing needs you');
});

test('who looks is shown what changes, at most every 30 s, and nothing is sent where nothing changed or nobody looks any more', async () => {
  const { does, alert, pass, slack } = openSlackScene({ world: failedNight('server-restarted') });
  const sent = (): number => slack.calls('views.publish').length;
  await does('ana', (ana) => ana.openHome());
  await pass('1s');
  expect(sent()).toBe(1);
  await pass('2m');
  expect(sent()).toBe(1);
  await alert(DAILY_FAILED);
  await pass('31s');
  expect(textOf(slack.user('ana').home())).toContain('VeleroBackupFailed on prod');
  const before = sent();
  await pass('2m');
  expect(sent() - before).toBeLessThanOrEqual(4);
  await pass('20m');
  const left = sent();
  await pass('10m');
  expect(sent()).toBe(left);
});

test('who is nobody here sees why; a guest sees nothing else', async () => {
  const { does, pass, slack } = openSlackScene({ world: failedNight('server-restarted') });
  await does('eve', (eve) => eve.openHome());
  await pass('1s');
  expect(textOf(slack.user('eve').home())).toContain('The configuration knows nobody with your Slack id `U0EVE`');
  slack.apply({ users: [{ name: 'gus', guest: 'multi' }] });
  await does('gus', (gus) => gus.openHome());
  await pass('1s');
  expect(textOf(slack.user('gus').home())).toMatch(/shows you nothing here.*guests of the workspace/);
});

test('another replica that showed something newer is not overwritten by what is old, and it goes on', async () => {
  const { does, pass, slack, alert } = openSlackScene({ world: failedNight('server-restarted') });
  await does('ana', (ana) => ana.openHome());
  await pass('1s');
  const home = slack.workspace.homes.get('U0ANA');
  if (home !== undefined) slack.workspace.homes.set('U0ANA', { ...home, hash: 'of another' });
  await alert(DAILY_FAILED);
  await pass('31s');
  expect(slack.calls('views.publish').at(-1)?.outcome).toBe('hash_conflict');
  await pass('31s');
  expect(textOf(slack.user('ana').home())).toContain('VeleroBackupFailed on prod');
});
