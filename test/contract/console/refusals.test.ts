import express from 'express';
import { expect, onTestFinished, test } from 'vitest';
import { consoleRouter } from '../../../src/console/console.ts';
import { sessions } from '../../../src/console/session.ts';
import { SalvorError } from '../../../src/model/error.ts';
import { systemClock } from '../../../src/port/clock.ts';
import type { Commands } from '../../../src/port/commands.ts';
import { systemIds } from '../../../src/port/ids.ts';
import { silentLog } from '../../../src/port/log.ts';
import { rehearsalConfig } from '../../../src/rehearse/site.ts';
import { until } from '../../e2e/stage/until.ts';
import { DAILY, openSite, type Serving, serveHere, TOKENS, untilRun } from '../serve/site.ts';
import { type Browser, browser } from './browser.ts';

async function loggedIn(serving: Serving, person: keyof typeof TOKENS = 'ana'): Promise<Browser> {
  const own = browser(serving);
  await own.open('/login');
  await own.send(/^\/login$/, { token: TOKENS[person] });
  return own;
}

test('a session that ends in the middle of writing loses nothing: log in, and what was written is sent by one press', { timeout: 60_000 }, async () => {
  const site = await openSite();
  const serving = await serveHere(site);
  await serving.alert(DAILY);
  const { id } = await untilRun(serving, 'proposed');
  const ana = await loggedIn(serving);
  await ana.open(`/runs/${encodeURIComponent(id)}`);
  site.write('ana.token', 'another-token-of-ana\n');

  const over = await ana.send(/\/reject$/, { reason: 'the storage is <b>full</b> & slow' });
  expect(over).toMatchObject({ status: 401, text: expect.stringContaining('What you wrote is kept') });
  const wrong = await ana.send(/^\/login$/, { token: 'nonsense' });
  expect(wrong).toMatchObject({ status: 401, text: expect.stringContaining('Nobody in the configuration has this token.') });
  const back = await ana.send(/^\/login$/, { token: 'another-token-of-ana' });
  expect(back.text).toContain('nothing happened yet');
  expect(back.page).toContain('>the storage is &lt;b&gt;full&lt;/b&gt; &amp; slow</textarea>');
  const sent = await ana.send(/\/reject$/, { reason: 'the storage is full & slow' });
  expect(sent.path).toBe(`/runs/${encodeURIComponent(id)}`);
  await untilRun({ ...serving, get: (path) => fetchAs(serving, path, 'another-token-of-ana') }, 'rejected');
});

async function fetchAs({ url }: Serving, path: string, token: string): ReturnType<Serving['get']> {
  const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  const body = await response.text();
  return { status: response.status, body, json: JSON.parse(body) };
}

test('a form without a session is kept only where it came from our own page', { timeout: 60_000 }, async () => {
  const serving = await serveHere(await openSite());
  const nobody = browser(serving);
  const foreign = await nobody.post('/pause', { reason: 'evil' }, { 'sec-fetch-site': 'cross-site' });
  expect(foreign).toMatchObject({ status: 403, page: expect.not.stringContaining('evil') });
  const kept = JSON.stringify({ path: 'https://evil.example/x', fields: { reason: 'x' } });
  expect((await nobody.post('/login', { token: TOKENS.ana, kept, to: '/runs' })).path).toBe('/runs');
});

test('a plan that changed while somebody read it is not approved: the new one is shown with what changed', { timeout: 60_000 }, async () => {
  const serving = await serveHere(await openSite());
  await serving.alert(DAILY);
  const { id, digest = '' } = await untilRun(serving, 'proposed');
  const ana = await loggedIn(serving);
  const { page } = await ana.open(`/runs/${encodeURIComponent(id)}`);
  const csrf = /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
  const refused = await ana.post(`/runs/${encodeURIComponent(id)}/approve`, { csrf, plan: '0'.repeat(64) });
  expect(refused).toMatchObject({ status: 409, text: expect.stringMatching(/The plan changed: Not approved.*The plan that counts now is below/) });
  expect(refused.text).toContain(`Plan ${digest.slice(0, 8)}`);
  expect((await ana.send(/\/approve$/)).status).toBe(200);
  await untilRun(serving, 'done');
});

test('a form that is sent twice counts once: a note, an approval', { timeout: 60_000 }, async () => {
  const serving = await serveHere(await openSite());
  await serving.alert(DAILY);
  const { id, incident } = await untilRun(serving, 'proposed');
  const ana = await loggedIn(serving);
  const path = `/incidents/${encodeURIComponent(incident)}`;
  await ana.open(path);
  const fields = { text: 'pressed twice' };
  await Promise.all([ana.send(/\/notes$/, fields), ana.send(/\/notes$/, fields)]);
  const noted = await until('it is told', async () => {
    const { page } = await ana.open(path);
    return page.includes('pressed twice') ? page : undefined;
  });
  expect(noted.match(/ana: pressed twice<\/span>/g)).toHaveLength(1);
  await ana.open(`/runs/${encodeURIComponent(id)}`);
  const [one, two] = await Promise.all([ana.send(/\/approve$/), ana.send(/\/approve$/)]);
  expect([one.status, two.status, one.path, two.path]).toEqual([200, 200, one.path, one.path]);
  await untilRun(serving, 'done');
  const journal = JSON.stringify((await serving.get(`/api/v1/runs/${encodeURIComponent(id)}`)).json);
  expect(journal.match(/"type":"approval\.vote"/g)).toHaveLength(1);
});

test('what somebody may not do says why, and who can', { timeout: 60_000 }, async () => {
  const serving = await serveHere(await openSite());
  await serving.alert(DAILY);
  const { id, incident } = await untilRun(serving, 'proposed');
  const dora = await loggedIn(serving, 'dora');
  const run = await dora.open(`/runs/${encodeURIComponent(id)}`);
  expect(run.text).toContain('Who can: ana (in platform).');
  expect(run.text).toContain('You, dora, may not approve this: dora is in none of the teams that decide: 1 of platform.');
  expect(run.page).not.toMatch(/action="[^"]*\/(approve|cancel|supersede)"/);
  expect((await dora.open('/operations')).text).toContain('You, dora, may not pause and resume: the right "pause" belongs to platform (ana).');
  expect((await dora.open(`/incidents/${encodeURIComponent(incident)}`)).text).toMatch(/You, dora, may not start and cancel runs.*belongs to platform \(ana\)/);
  expect((await dora.open('/playbooks/backup-run')).page).not.toContain('action="/playbooks/backup-run/runs"');
  expect((await dora.open('/people')).text).toMatch(/You are dora, of leads.*pause and resume platform \(ana\) may not/);
  // A button that was there when the page was made, and a form by hand: refused by the rule itself, with the page below.
  const csrf = /name="csrf" value="([^"]+)"/.exec((await dora.open('/operations')).page)?.[1] ?? '';
  const refused = await dora.post('/pause', { csrf, reason: 'I may not' });
  expect(refused).toMatchObject({ status: 403, text: expect.stringMatching(/Not yours to do: dora has not the right "pause"; it belongs to platform/) });
});

test('a pause has a scope, and each is resumed for itself', { timeout: 60_000 }, async () => {
  const serving = await serveHere(await openSite());
  const ana = await loggedIn(serving);
  await ana.open('/operations');
  expect(await ana.send(/^\/pause$/, { reason: 'x', for: 'soon' })).toMatchObject({ status: 400, page: expect.stringContaining('value="soon"') });
  const paused = await ana.send(/^\/pause$/, { reason: 'the new release', for: '2h', cluster: 'prod', playbook: 'node-drain' });
  expect(paused.text).toMatch(/Some playbooks are paused\. node-drain on prod the new release by ana/);
  expect((await ana.send(/^\/resume$/)).text).toContain('Nothing is paused or frozen.');
});

test('the trail is searched by person, type, time, cluster and text, and checked', { timeout: 60_000 }, async () => {
  const serving = await serveHere(await openSite());
  await serving.alert(DAILY);
  const { id, digest } = await untilRun(serving, 'proposed');
  await serving.post(`/api/v1/runs/${encodeURIComponent(id)}/approve`, { plan: digest });
  await untilRun(serving, 'done');
  const ana = await loggedIn(serving);
  const found = async (query: string): Promise<string> => (await ana.open(`/audit?search=yes&${query}`)).text;
  expect(await found('person=ana&type=approval.vote')).toMatch(/1 line is like this\..*approval\.vote by ana/);
  expect(await found('person=dora')).toContain('Nothing is like this.');
  expect(await found('type=step.done&cluster=prod&since=1h')).toMatch(/1 line is like this/);
  expect(await found('type=step.done&until=2020-01-01')).toContain('Nothing is like this.');
  expect(await found('text=DAILY-RETRY')).toMatch(/lines? (is|are) like this/);
  expect(await ana.open('/audit?search=yes&since=never')).toMatchObject({ status: 400, text: expect.stringContaining('"never" is no time') });
  expect((await ana.open('/audit?verify=yes')).text).toContain('Every journal is as it was written.');
});

test('while the store is away a page says so and asks again by itself; what was sent is not sent again unasked', async () => {
  const away = (): never => {
    throw new SalvorError('store.unavailable', 'Redis at redis-1:6379 refuses connections', { retry: 'later' });
  };
  const commands = new Proxy({}, { get: () => async () => away() }) as Commands;
  const { policy } = rehearsalConfig();
  const caller = { person: 'ana', rights: ['read', 'run', 'pause'], surface: 'console' } as const;
  const own = sessions({ tokens: () => [{ person: 'ana', token: 'token-of-ana-1' }], clock: systemClock });
  const app = express().use(
    consoleRouter({
      commands,
      sessions: own,
      signIn: () => undefined,
      callerOf: () => caller,
      anonymous: () => caller,
      rules: () => policy,
      clusters: () => ['prod'],
      publicUrl: () => 'https://salvor.example.com',
      clock: systemClock,
      ids: systemIds,
      log: silentLog,
    }),
  );
  const server = app.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await until('it listens', () => server.listening);
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const looked = await fetch(`${url}/`);
  expect([looked.status, looked.headers.get('refresh'), looked.headers.get('retry-after')]).toEqual([503, '5', '5']);
  expect(await looked.text()).toMatch(/Redis at redis-1:6379 refuses connections[\s\S]*asks again every 5 seconds/);

  const cookie = own.open('token-of-ana-1') ?? '';
  const pressed = await fetch(`${url}/pause`, {
    method: 'POST',
    headers: { cookie: `salvor-session=${cookie}` },
    body: new URLSearchParams({ reason: 'x', csrf: own.read(cookie)?.csrf ?? '' }),
  });
  expect([pressed.status, pressed.headers.get('refresh')]).toEqual([503, null]);
  // People come by TLS here: the cookie is never sent without.
  const login = await fetch(`${url}/login`, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ token: 'token-of-ana-1' }) });
  expect(login.headers.get('set-cookie')).toMatch(/; Secure$/);
});
