import { readFileSync } from 'node:fs';
import { App, LogLevel, SocketModeReceiver } from '@slack/bolt';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { systemClock } from '../../../../src/port/clock.ts';
import { systemIds } from '../../../../src/port/ids.ts';
import { serveWorld } from '../../../../src/world/http.ts';
import { worldFrom } from '../../../../src/world/world.ts';
import { APP, BOT } from './stage.ts';

test('the world serves a Slack of its scenario beside the clusters, with sockets and page', async () => {
  const world = worldFrom(
    { namespaces: ['shop'], slack: { users: [{ name: 'eve', guest: 'multi' }], channels: [{ name: 'night' }] } },
    { clock: systemClock, ids: systemIds },
  );
  const served = await serveWorld(world);
  onTestFinished(() => served.close());
  const slackApiUrl = `${served.slackUrl}/api/`;
  const receiver = new SocketModeReceiver({ appToken: APP, installerOptions: { clientOptions: { slackApiUrl } }, logLevel: LogLevel.ERROR });
  const app = new App({ token: BOT, receiver, clientOptions: { slackApiUrl }, logLevel: LogLevel.ERROR });
  app.command('/dr', async ({ command, ack }) => ack(`${command.user_name} in ${command.channel_name}`));
  await app.start();
  onTestFinished(async () => {
    await app.stop();
  });
  await world.slack.until('a socket', () => world.slack.sockets.count() > 0);
  expect(await world.slack.user('eve').type('/dr', { channel: 'night' })).toMatchObject({ said: 'eve in night' });
  expect(await (await fetch(served.slackUrl)).text()).toContain('<title>#dr - simulated Slack</title>');
});

test('a world changes its Slack while it runs, and refuses what it does not understand', () => {
  const world = worldFrom({}, { clock: systemClock, ids: systemIds });
  world.apply({ slack: { channels: [{ name: 'dr', archived: true }] } });
  expect(world.slack.workspace.channels.get('C0DR')).toMatchObject({ isArchived: true });
  expect(() => worldFrom({ slack: { faults: [{ give: 'refuse' }] } }, { clock: systemClock, ids: systemIds })).toThrow(
    'refuse needs the error that Slack gives',
  );
});

test('the scenario of docs/simulated-slack.md is one', () => {
  const written = /```yaml\n([\s\S]*?)```/.exec(readFileSync('docs/simulated-slack.md', 'utf8'))?.[1] ?? '';
  const { workspace } = worldFrom(parse(written), { clock: systemClock, ids: systemIds }).slack;
  expect([...workspace.users.values()].map(({ name }) => name)).toEqual(['salvor', 'ana', 'ben', 'cleo', 'dan', 'eve', 'finn', 'gus']);
  expect([...workspace.channels.values()].map(({ name, kind, isArchived }) => `${name} ${kind}${isArchived ? ' archived' : ''}`)).toEqual([
    'dr public',
    'night private',
    'partners public',
    'old public archived',
    'closed public',
  ]);
});
