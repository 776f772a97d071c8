import { expect, test } from 'vitest';
import { until } from '../../e2e/stage/until.ts';
import { openSite, type Site, serveHere } from './site.ts';

const TOKEN = 'xoxb-1-right-token';
const FAILED = { alertname: 'VeleroBackupFailed', schedule: 'daily', severity: 'critical', cluster: 'prod' };
const UNKNOWN = { alertname: 'DiskOnFire', severity: 'critical', cluster: 'prod' };

/** The site with Slack, at the simulated one of its world. */
function withSlack(site: Site): void {
  site.write('bot.token', `${TOKEN}\n`);
  site.write('signing.secret', 'not-used-here-0123456789\n');
  const apiUrl = `http://${site.cluster.metrics.host}/slack/api`;
  site.write(
    'salvor.yaml',
    `${site.text}slack: { mode: http, botToken: { file: ./bot.token }, signingSecret: { file: ./signing.secret }, channel: '#dr', apiUrl: ${apiUrl} }\n`,
  );
}

test('Slack is away when Salvor starts: alerts are taken all the same, and when it is back people find one card with all that happened', {
  timeout: 90_000,
}, async () => {
  const site = await openSite();
  withSlack(site);
  const { slack } = site.cluster.world;
  slack.fault({ give: 'down' });
  const serving = await serveHere(site);
  expect(await serving.alert(UNKNOWN)).toMatchObject({ status: 200 });
  await until('it was tried', () => serving.log().some((line) => line.includes('chat.channel-unusable')), { withinMs: 30_000 });
  expect((await serving.operations('/metrics')).body).toMatch(/salvor_outbox_pending\{to="chat"\} [1-9]/);

  slack.clearFaults();
  const card = await until('the card is there', () => slack.messages().find(({ threadTs }) => threadTs === undefined), { withinMs: 60_000 });
  expect(card.text).toContain('DiskOnFire');
  await until('its thread is there', () => slack.messages().some(({ threadTs, text }) => threadTs === card.ts && text.includes('DiskOnFire fires')), {
    withinMs: 30_000,
  });
  expect(slack.messages().filter(({ threadTs }) => threadTs === undefined)).toHaveLength(1);
  expect(serving.log().join('')).not.toContain(TOKEN);
});

test('a token that is wrong says so in the log; mended in its file, it counts without a restart', { timeout: 150_000 }, async () => {
  const site = await openSite();
  withSlack(site);
  const { slack } = site.cluster.world;
  slack.apply({ app: { botToken: TOKEN } });
  site.write('bot.token', 'xoxb-1-wrong-token\n');
  const serving = await serveHere(site);
  await serving.alert(FAILED);
  await until('it is refused', () => serving.log().some((line) => line.includes('invalid_auth') && line.includes('check slack.botToken')), {
    withinMs: 30_000,
  });
  expect(slack.messages()).toEqual([]);
  site.write('bot.token', `${TOKEN}\n`);
  await until('the card is there', () => slack.messages().length > 0, { withinMs: 60_000 });
  expect(serving.log().join('')).not.toContain('xoxb-1-wrong-token');
});
