import { expect, test } from 'vitest';
import { until } from '../../e2e/stage/until.ts';
import { DAILY, openSite, type Serving, serveHere, TOKENS, untilRun } from '../serve/site.ts';
import { type Browser, browser } from './browser.ts';

async function loggedIn(serving: Serving, person: keyof typeof TOKENS = 'ana'): Promise<Browser> {
  const own = browser(serving);
  await own.open('/login');
  expect((await own.send(/^\/login$/, { token: TOKENS[person] })).path).toBe('/');
  return own;
}

test('a failed backup is seen, approved and followed to its end without a script', { timeout: 60_000 }, async () => {
  const site = await openSite();
  const serving = await serveHere(site);
  const ana = await loggedIn(serving);
  expect((await ana.open('/')).text).toContain('Nothing is open.');
  await serving.alert(DAILY);
  const { id, digest = '' } = await untilRun(serving, 'proposed');

  const first = await ana.open('/');
  expect(first.text).toContain('1 incident is open; 1 run waits for a person.');
  const proposed = await ana.open(`/runs/${encodeURIComponent(id)}`);
  expect(proposed.text).toMatch(/backup-failed on daily proposed It waits for a decision: needs 1 of platform, within 1h/);
  expect(proposed.text).toMatch(new RegExp(`Plan ${digest.slice(0, 8)}: reversible.* \\+ create Backup/velero/daily-retry-[0-9a-f]{8}`));

  expect((await ana.send(/\/approve$/)).path).toBe(`/runs/${encodeURIComponent(id)}`);
  await untilRun(serving, 'done');
  const done = await ana.open(`/runs/${encodeURIComponent(id)}`);
  expect(done.text).toMatch(/done It is done/);
  expect(done.page).not.toMatch(/action="[^"]*(approve|reject|cancel)"/);
  expect((await ana.open('/runs')).text).toMatch(/Nothing is at work\. Ended backup-failed on daily done/);
  expect(JSON.stringify((await serving.get(`/api/v1/runs/${encodeURIComponent(id)}`)).json)).toContain('"surface":"console"');
});

test('a note, a lead, a severity and a close are on the timeline; the report opens with the same cookie', { timeout: 60_000 }, async () => {
  const serving = await serveHere(await openSite());
  await serving.alert({ alertname: 'DiskOnFire', severity: 'warning', cluster: 'prod' });
  const ana = await loggedIn(serving);
  const link = await until('it is open', async () => /href="(\/incidents\/[^"]+)"/.exec((await ana.open('/')).page)?.[1]);
  await ana.open(link);
  await ana.send(/\/notes$/, { text: 'I <b>smell</b> smoke' });
  const noted = await until('the note is told', async () => {
    const shown = await ana.open(link);
    return shown.text.includes('I <b>smell</b> smoke') ? shown : undefined;
  });
  expect(noted.page).toContain('I &lt;b&gt;smell&lt;/b&gt; smoke');
  await ana.send(/\/lead$/, { lead: 'ana' });
  await ana.open(link);
  await ana.send(/\/severity$/, { severity: 'SEV1' });
  await ana.open(link);
  await ana.send(/\/close$/, { reason: 'put out' });
  const closed = await until('it is closed', async () => {
    const shown = await ana.open(link);
    return shown.text.includes('put out') && shown.text.includes('SEV1') ? shown : undefined;
  });
  const report = /href="([^"]*format=html)"/.exec(closed.page)?.[1] ?? '';
  expect((await ana.open(report)).text).toContain('smoke');
});

test('a playbook is tried and started by its form, once however often it is sent; what is missing is said', { timeout: 60_000 }, async () => {
  const serving = await serveHere(await openSite());
  const ana = await loggedIn(serving);
  const form = await ana.open('/playbooks/backup-run');
  expect(form.page).toMatch(/<input name="param.schedule"/);
  expect((await ana.send(/\/runs$/, { 'param.schedule': 'daily', reason: 'before the upgrade', dry: 'yes' })).text).toContain(
    'backup-run on daily: only tried',
  );
  await ana.open('/playbooks/backup-run');
  const refused = await ana.send(/\/runs$/, { 'param.schedule': '', reason: 'x' });
  expect(refused).toMatchObject({ status: 400, text: expect.stringMatching(/schedule/) });
  await ana.open('/playbooks/backup-run');
  const fields = { 'param.schedule': 'daily', reason: 'before the upgrade' };
  const [one, two] = await Promise.all([ana.send(/\/runs$/, fields), ana.send(/\/runs$/, fields)]);
  expect(one.path).toMatch(/^\/runs\//);
  expect(two.path).toBe(one.path);
});

test('who is not logged in is sent to log in and then to where they were going; a wrong token says so', { timeout: 60_000 }, async () => {
  const serving = await serveHere(await openSite());
  const nobody = browser(serving);
  const asked = await nobody.open('/runs');
  expect(asked.path).toBe('/login?to=%2Fruns');
  const wrong = await nobody.send(/^\/login$/, { token: 'no-such-token' });
  expect(wrong).toMatchObject({ status: 401, text: expect.stringContaining('Nobody in the configuration has this token.') });
  expect(nobody.cookie()).toBe('');
  expect((await nobody.send(/^\/login$/, { token: ` ${TOKENS.ana}\n` })).path).toBe('/runs');
  await nobody.send(/^\/logout$/);
  expect((await nobody.open('/runs')).path).toBe('/login?to=%2Fruns');
  for (const to of ['https://evil.example', '//evil.example', '/\\evil.example', '/login']) {
    await nobody.open(`/login?to=${encodeURIComponent(to)}`);
    expect((await nobody.send(/^\/login$/, { token: TOKENS.ana })).path).toBe('/');
  }
});

test('a session ends with its token, and a cookie that was made up opens nothing', { timeout: 60_000 }, async () => {
  const site = await openSite();
  const serving = await serveHere(site);
  const ana = await loggedIn(serving);
  const [, sealed = ''] = ana.cookie().split('=');
  const [name = '', until = '', seal = ''] = sealed.split('.');
  const dora = Buffer.from('dora').toString('base64url');
  for (const forged of [`${dora}.${until}.${seal}`, `${name}.${Number(until) + 1}.${seal}`, `${name}.${until}.`, `${name}.NaN.${seal}`, 'x', '']) {
    expect((await browser(serving, `salvor-session=${forged}`).open('/runs')).path, forged).toMatch(/^\/login/);
  }
  expect((await ana.open('/runs')).path).toBe('/runs');
  site.write('ana.token', 'another-token-of-ana\n');
  expect((await ana.open('/runs')).path).toMatch(/^\/login/);
});

test('a form of another site, or without what our page put into it, is refused', { timeout: 60_000 }, async () => {
  const serving = await serveHere(await openSite());
  const ana = await loggedIn(serving);
  const pause = { reason: 'x' };
  expect((await ana.post('/pause', pause)).status).toBe(403);
  const { page } = await ana.open('/operations');
  const csrf = /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
  expect((await ana.post('/pause', { ...pause, csrf }, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  const dora = await loggedIn(serving, 'dora');
  expect((await dora.post('/pause', { ...pause, csrf })).status).toBe(403);
  expect((await serving.get('/api/v1/pause')).json).toEqual({ items: [] });
  expect((await ana.post('/pause', { ...pause, csrf })).text).toContain('prod is paused: x');
  const resumed = await ana.send(/^\/resume$/);
  expect(resumed.text).toContain('Nothing is paused or frozen.');
  const frozen = await ana.post('/freeze', { name: 'storage-move', until: '2h', why: 'the <b>team</b> works', frozen: 'prod', csrf });
  expect(frozen.text).toContain('prod is frozen by "storage-move": nothing but an undo is written.');
  expect(frozen.page).toContain('the &lt;b&gt;team&lt;/b&gt; works');
  expect((await ana.post('/freeze', { name: 'x', until: 'soon', why: 'y', csrf })).text).toContain('Expected a time such as 2h, 18:00');
  expect((await ana.send(/^\/unfreeze$/)).text).toContain('Nothing is paused or frozen.');
  // The cookie is for looking only where the API takes it.
  const api = await fetch(`${serving.url}/api/v1/pause`, {
    method: 'POST',
    headers: { cookie: ana.cookie(), 'content-type': 'application/json' },
    body: '{"reason":"x"}',
  });
  expect(api.status).toBe(401);
});

test('every page brings its own policy and nothing from elsewhere', { timeout: 60_000 }, async () => {
  const serving = await serveHere(await openSite());
  await serving.alert({ ...DAILY, team: '"><script>alert(1)</script>' }, { annotations: { summary: '<img src=x onerror=alert(1)>' } });
  const { id, incident } = await untilRun(serving, 'proposed');
  const ana = await loggedIn(serving);
  const pages = [
    '/',
    `/incidents/${encodeURIComponent(incident)}`,
    `/runs/${encodeURIComponent(id)}`,
    '/runs',
    '/playbooks',
    '/playbooks/backup-failed',
    '/operations',
    '/quarantine',
    '/audit',
    '/people',
    '/login',
    '/nowhere',
  ];
  for (const path of pages) {
    const { page, headers, status } = await ana.open(path);
    expect(status, path).toBe(path === '/nowhere' ? 404 : 200);
    expect(headers.get('content-security-policy'), path).toContain("default-src 'none'");
    expect(headers.get('cache-control'), path).toBe('no-store');
    expect(headers.get('content-security-policy'), path).toContain("frame-ancestors 'none'");
    expect([headers.get('x-content-type-options'), headers.get('x-frame-options'), headers.get('referrer-policy')], path).toEqual([
      'nosniff',
      'DENY',
      'same-origin',
    ]);
    expect(page, path).not.toMatch(/(src|href)="(https?:)?\/\//);
    expect(page, path).not.toMatch(/<script>|<img|onerror=alert\(1\)>/);
    expect(page.match(/<h1>/g), path).toHaveLength(1);
  }
  const cookie = (await fetch(`${serving.url}/login`, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ token: TOKENS.ana }) })).headers.get(
    'set-cookie',
  );
  expect(cookie).toMatch(/^salvor-session=[^;]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=43200$/);
});
