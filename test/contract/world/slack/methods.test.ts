import { WebClient } from '@slack/web-api';
import { expect, onTestFinished, test } from 'vitest';
import { type VirtualClock, virtualClock } from '../../../../src/world/clock.ts';
import { seededIds } from '../../../../src/world/ids.ts';
import { serveSlack } from '../../../../src/world/slack/http.ts';
import { type SimulatedSlack, simulatedSlack } from '../../../../src/world/slack/slack.ts';
import { answering, type Heard } from './app.ts';
import { APP, BOT, call, stage } from './stage.ts';

async function timed(): Promise<{ clock: VirtualClock; slack: SimulatedSlack; url: string; ask: (method: string, args?: object) => ReturnType<typeof call> }> {
  const clock = virtualClock();
  const slack = simulatedSlack({ clock, ids: seededIds('methods') });
  const served = await serveSlack(slack);
  onTestFinished(() => served.close());
  return { clock, slack, url: served.url, ask: (method, args = {}) => call(`${served.apiUrl}${method}`, args, BOT) };
}

test('the real SDK sends forms: blocks, metadata, flags and numbers arrive', async () => {
  const on = await stage();
  const client = new WebClient(BOT, { slackApiUrl: on.served.apiUrl });
  const posted = await client.chat.postMessage({
    channel: '#dr',
    text: 'card',
    blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'a & b' } }],
    metadata: { event_type: 'card', event_payload: { key: 'k' } },
  });
  await client.chat.postMessage({ channel: 'C0DR', text: 'below', thread_ts: String(posted.ts) });
  const history = await client.conversations.history({ channel: 'C0DR', limit: 1, include_all_metadata: true });
  expect(history.messages).toMatchObject([{ text: 'card', metadata: { event_payload: { key: 'k' } }, reply_count: 1, bot_id: 'B0SALVOR' }]);
  const file = await client.filesUploadV2({ channel_id: 'C0DR', filename: 'report.md', content: '# Report' });
  expect(file.ok).toBe(true);
  expect([...on.slack.workspace.files.values()]).toMatchObject([{ name: 'report.md', shared: true, sizeBytes: 8 }]);
  const people: string[] = [];
  for await (const page of client.paginate('users.list', { limit: 2 })) {
    if ('members' in page && Array.isArray(page['members'])) people.push(...page['members'].map(({ name }: { name: string }) => name));
  }
  expect(people).toEqual(['salvor', 'ana', 'ben', 'cleo', 'dan']);
});

test('headers say which scopes the app has and which the method wants', async () => {
  const on = await stage({ app: { scopes: ['chat:write', 'pins:write'] } });
  const { headers } = await on.call('chat.postMessage', { channel: 'C0DR', text: 'x' });
  expect(headers.get('x-oauth-scopes')).toBe('chat:write,pins:write');
  expect(headers.get('x-accepted-oauth-scopes')).toBe('chat:write');
});

test('tokens of the wrong kind, and others than the one that a scenario names, are refused', async () => {
  const on = await stage({ app: { botToken: 'xoxb-right' } });
  expect((await on.call('auth.test', {}, 'xoxb-right')).body).toMatchObject({ ok: true, bot_id: 'B0SALVOR', user_id: 'U0SALVOR', team_id: 'T0SALVOR' });
  expect((await on.call('auth.test', {}, 'xoxb-wrong')).body.error).toBe('invalid_auth');
  expect((await on.call('apps.connections.open', {}, 'xoxb-right')).body.error).toBe('not_allowed_token_type');
  expect((await on.call('auth.test', {}, APP)).body.error).toBe('not_allowed_token_type');
  expect((await on.call('auth.test', {}, 'xoxp-user')).body.error).toBe('not_allowed_token_type');
  expect((await on.call('api.test', { foo: 'bar' }, '')).body).toMatchObject({ ok: true, args: { foo: 'bar' } });
});

test('posts: three at once in a channel, then one a second; another channel is free; the wait is named in whole seconds', async () => {
  const { clock, slack, ask } = await timed();
  slack.apply({ channels: [{ name: 'other' }] });
  const post = async (channel: string): Promise<number> => (await ask('chat.postMessage', { channel, text: 'x' })).status;
  expect([await post('C0DR'), await post('C0DR'), await post('C0DR'), await post('C0DR')]).toEqual([200, 200, 200, 429]);
  expect(await post('C0OTHER')).toBe(200);
  const refused = await ask('chat.postMessage', { channel: 'C0DR', text: 'x' });
  expect(refused.body).toEqual({ ok: false, error: 'ratelimited' });
  expect(refused.headers.get('retry-after')).toBe('1');
  await clock.pass(1000);
  expect([await post('C0DR'), await post('C0DR')]).toEqual([200, 429]);
});

test('tier 2 takes twenty a minute; switched off, any number', async () => {
  const { clock, slack, ask } = await timed();
  const list = async (): Promise<number> => (await ask('usergroups.list')).status;
  for (let count = 0; count < 20; count += 1) expect(await list()).toBe(200);
  expect(await list()).toBe(429);
  await clock.pass(3000);
  expect(await list()).toBe(200);
  expect(await list()).toBe(429);
  slack.apply({ rateLimits: false });
  expect(await list()).toBe(200);
});

test('a trigger lives three seconds', async () => {
  const { clock, slack, ask } = await timed();
  const heard: Heard[] = [];
  await answering({ slack }, heard);
  await slack.user('ana').type('/dr');
  const view = { type: 'modal', title: { type: 'plain_text', text: 't' }, blocks: [] };
  await clock.pass(3001);
  expect((await ask('views.open', { trigger_id: heard[0]?.trigger_id, view })).body.error).toBe('expired_trigger_id');
});

test('a response address is good five times, and for half an hour', async () => {
  const { clock, slack, url } = await timed();
  const heard: Heard[] = [];
  await answering({ slack }, heard);
  const say = async (to: unknown): Promise<number> => (await fetch(String(to), { method: 'POST', body: JSON.stringify({ text: 'later' }) })).status;
  await slack.user('ana').type('/dr');
  const first = heard[0]?.['response_url'];
  expect(String(first)).toContain(`${url}/respond/`);
  for (let count = 0; count < 5; count += 1) expect(await say(first)).toBe(200);
  expect(await say(first)).toBe(404);
  expect(slack.user('ana').sees()).toHaveLength(5);
  expect(slack.user('ben').sees()).toHaveLength(0);
  await slack.user('ana').type('/dr');
  await clock.pass(30 * 60_000 + 1);
  expect(await say(heard[1]?.['response_url'])).toBe(404);
});

test('groups, guests, strangers, the deactivated, private and shared channels are told apart', async () => {
  const on = await stage({
    users: [
      { name: 'eve', guest: 'single' },
      { name: 'finn', deleted: true },
      { name: 'gus', stranger: true },
    ],
    channels: [
      { name: 'secret', private: true, members: ['ana'], bot: false },
      { name: 'partners', shared: true },
    ],
    groups: [{ handle: 'platform', users: ['ana', 'ben'] }],
  });
  expect((await on.call('usergroups.list', { include_users: true })).body).toMatchObject({
    usergroups: [{ id: 'S0PLATFORM', handle: 'platform', users: ['U0ANA', 'U0BEN'] }],
  });
  expect((await on.call('usergroups.users.list', { usergroup: 'S0PLATFORM' })).body).toMatchObject({ users: ['U0ANA', 'U0BEN'] });
  expect((await on.call('users.info', { user: 'U0EVE' })).body).toMatchObject({ user: { is_restricted: true, is_ultra_restricted: true } });
  expect((await on.call('users.info', { user: 'U0FINN' })).body).toMatchObject({ user: { deleted: true } });
  expect((await on.call('users.info', { user: 'U0GUS' })).body).toMatchObject({ user: { is_stranger: true, team_id: 'T0OTHER' } });
  expect((await on.call('conversations.info', { channel: 'C0SECRET' })).body.error).toBe('channel_not_found');
  expect((await on.call('conversations.info', { channel: 'C0PARTNERS' })).body).toMatchObject({ channel: { is_ext_shared: true } });
});

test('a scenario that is wrong names its field', async () => {
  const on = await stage();
  const answer = await fetch(`${on.served.url}/control/apply`, { method: 'POST', body: JSON.stringify({ user: [] }) });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toEqual({ error: expect.stringContaining('user') });
});
