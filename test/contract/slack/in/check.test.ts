import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../../src/port/clock.ts';
import { lookAtSlack, type SlackLooking } from '../../../../src/slack/check.ts';
import { neededScopes } from '../../../../src/slack/rights.ts';
import type { SlackScenario } from '../../../../src/world/slack/scenario.ts';
import { say } from '../../cli/terminal.ts';
import { APP, BOT, stage } from '../../world/slack/stage.ts';

async function found(scenario: SlackScenario = {}, asked: Partial<SlackLooking> = {}) {
  const { served } = await stage({ rateLimits: false, ...scenario });
  const looked = await lookAtSlack({
    botToken: BOT,
    appToken: APP,
    apiUrl: served.apiUrl,
    channel: '#dr',
    people: [{ name: 'ana', slack: 'U0ANA' }, { name: 'zoe' }],
    clock: systemClock,
    ...asked,
  });
  return { unreached: looked.unreached, said: looked.findings.map(({ path, message }) => `${path.join('.')}: ${message}`) };
}

describe('what salvor check --live says of Slack', () => {
  test('is nothing where all is well', async () => {
    expect(await found()).toEqual({ unreached: false, said: [] });
    expect(await found({}, { channel: 'C0DR' })).toEqual({ unreached: false, said: [] });
  });

  test.each([
    ['tokens that are mixed up', {}, { botToken: APP, appToken: BOT }, 'slack.botToken: expected a token that begins with xoxb-; this is an app-level token'],
    ['the token of a person', {}, { botToken: 'xoxp-1' }, 'slack.botToken: expected a token that begins with xoxb-; this is the token of a person'],
    ['a bot token that is wrong', { app: { botToken: 'xoxb-2' } }, {}, 'slack.botToken: Slack refuses: invalid_auth'],
    [
      'an app token that is wrong',
      { app: { appToken: 'xapp-2' } },
      {},
      'slack.appToken: Slack opens no connection with it (invalid_auth): make a new app-level token',
    ],
    ['a channel that is not there', {}, { channel: '#drr' }, 'slack.channel: Slack shows Salvor no channel #drr'],
    ['an id of a channel that is not there', {}, { channel: 'C0NONE' }, 'slack.channel: Slack shows Salvor no channel C0NONE'],
    ['a channel that is archived', { channels: [{ name: 'dr', archived: true }] }, {}, 'slack.channel: the channel #dr is archived'],
    ['a channel that others see', { channels: [{ name: 'dr', shared: true }] }, {}, 'slack.channel: the channel #dr is shared with another organization'],
    [
      'a public channel without the bot',
      { channels: [{ name: 'dr', bot: false }] },
      {},
      'slack.channel: Salvor is not in the channel #dr yet: it joins by itself',
    ],
    ['somebody who is not there', {}, { people: [{ name: 'ana', slack: 'U0NOBODY' }] }, 'people.0.slack: Slack knows no user U0NOBODY (ana)'],
    [
      'a guest',
      { users: [{ name: 'gus', guest: 'multi' }] },
      { people: [{ name: 'gus', slack: 'U0GUS' }] },
      'people.0.slack: gus (U0GUS) can decide nothing in Slack: guest',
    ],
    [
      'a bot as a person',
      { users: [{ name: 'rob', bot: true }] },
      { people: [{ name: 'rob', slack: 'U0ROB' }] },
      'people.0.slack: rob (U0ROB) can decide nothing in Slack: bot',
    ],
  ] as const)('names %s, and what to do', async (_name, scenario, asked, words) => {
    const { said } = await found(scenario as SlackScenario, asked);
    expect(said.find((line) => line.startsWith(words))).toBeDefined();
  });

  test('names every scope that is missing, one by one, with what goes without it', async () => {
    const scopes = neededScopes().filter((scope) => scope !== 'users:read' && scope !== 'commands');
    expect((await found({ app: { scopes } })).said).toEqual([
      'slack.botToken: the scope commands is missing (the command /dr): paste the manifest of salvor slack-manifest, and install the app again',
      'slack.botToken: the scope users:read is missing (whoever presses is a member: no bot, no guest, not deactivated): paste the manifest of salvor slack-manifest, and install the app again',
    ]);
  });

  test('names a clock that is off', async () => {
    const { said } = await found({}, { clock: { ...systemClock, nowMs: () => Date.now() - 400_000 } });
    expect(said).toEqual([expect.stringMatching(/^slack: our clock is 6m 4\ds behind Slack’s; from five minutes on every press is refused in HTTP mode/)]);
  });

  test('says that Slack is not reached, and never a token', async () => {
    const { unreached, said } = await found({ faults: [{ give: 'reset' }] });
    expect(unreached).toBe(true);
    expect(said.join()).not.toContain(BOT);
  });
});

describe('on the command line', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'salvor-slack-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('a problem of Slack is told at its place in the file', { timeout: 60_000 }, async () => {
    const { served } = await stage({ app: { appToken: 'xapp-2' } });
    writeFileSync(join(folder, 'bot'), BOT);
    writeFileSync(join(folder, 'app'), APP);
    const file = join(folder, 'salvor.yaml');
    writeFileSync(
      file,
      `clusters: [{ name: prod, kubeconfig: ./none }]\nslack: { mode: socket, channel: '#dr', apiUrl: ${served.apiUrl}, botToken: { file: ./bot }, appToken: { file: ./app } }\n`,
    );
    const { out } = await say(['check', '--live', '--config', file]);
    expect(out).toMatch(/salvor\.yaml:2:\d+: slack\.appToken: Slack opens no connection with it \(invalid_auth\)/);
  });

  test('the manifest is printed for both modes, and HTTP needs an address', async () => {
    const socket = await say(['slack-manifest']);
    expect(socket.code).toBe(0);
    expect(socket.out).toMatch(/socket_mode_enabled: true/);
    const http = await say(['slack-manifest', '--mode', 'http', '--url', 'https://salvor.example.com']);
    expect(http.out).toContain('request_url: https://salvor.example.com/slack/events');
    expect(await say(['slack-manifest', '--mode', 'http'])).toMatchObject({ code: 2, err: expect.stringContaining('needs --url') });
    expect(await say(['slack-manifest', '--mode', 'http', '--url', 'http://salvor.example.com'])).toMatchObject({ code: 2 });
  });
});
