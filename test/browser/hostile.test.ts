import { expect, test } from 'vitest';
import { DAILY, openSite, serveHere, TOKENS } from '../contract/serve/site.ts';
import { until } from '../e2e/stage/until.ts';
import { describeInBrowser, inChromium, openAll } from './chromium.ts';
import { logIn, openFullOffice, openOffice, proposed } from './site.ts';

/** What markup, scripts and addresses look like that mean to be more than text. */
const PAYLOADS = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "'-alert(1)-'",
  '</textarea></title></style><svg onload=alert(1)>',
  '<a href="javascript:alert(1)">click</a>',
  '<iframe srcdoc="<script>parent.alert(1)</script>"></iframe>',
  '<meta http-equiv="refresh" content="0;url=https://evil.example">',
  '<base href="https://evil.example/">',
  '<form action="https://evil.example"><input name=token></form>',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '{{constructor.constructor("alert(1)")()}}${alert(1)}',
  '<!--<script>alert(1)//-->',
  '\u202E<b>gnp</b>\u202C\u0000\u200B',
];

describeInBrowser('text of alerts and people', () => {
  const open = inChromium();

  test('runs no script, asks for nothing and changes no page, wherever it is shown', { timeout: 180_000 }, async () => {
    const serving = await serveHere(await openOffice());
    for (const [at, text] of PAYLOADS.entries())
      await serving.alert(
        { alertname: text, severity: 'warning', cluster: 'prod', [`label${at}`]: text },
        { annotations: { summary: text, runbook_url: text } },
      );
    await serving.alert({ ...DAILY, schedule: 'daily', note: PAYLOADS.join(' ') }, { annotations: { description: PAYLOADS.join(' ') } });
    await serving.alert({ ...DAILY, cluster: PAYLOADS[0] ?? '' });
    const run = await proposed(serving);
    const incident = `/incidents/${encodeURIComponent(run.incident)}`;
    await serving.post(`/api/v1${incident}/notes`, { text: PAYLOADS.join('\n') });
    await serving.post('/api/v1/pause', { reason: PAYLOADS.join(' ') });
    const { page, wrongs } = await open(serving.url);
    await logIn(page);
    for (const path of ['/', incident, `/runs/${encodeURIComponent(run.id)}`, '/runs', '/operations', '/quarantine', '/audit?search=yes', '/people']) {
      await page.goto(path);
      await openAll(page);
      const found = await page.evaluate(
        `({ scripts: document.scripts.length, frames: document.querySelectorAll('iframe,base,img,svg,object,embed,[onerror],[onload],[style]').length,
          away: [...document.querySelectorAll('[href],[action],[src]')].filter((one) => !['href', 'action', 'src'].every((name) => /^(\\/(?!\\/)|#|data:,$)/.test(one.getAttribute(name) ?? '/'))).length })`,
      );
      expect(found, path).toEqual({ scripts: 1, frames: 0, away: 0 });
      expect(await page.locator('body').textContent(), path).not.toMatch(/[\u202E\u200B]/);
    }
    await page.goto(incident);
    expect(await page.locator('.said').allTextContents()).toContainEqual(expect.stringContaining('<script>alert(1)</script>\n"><img src=x'));
    // Written into a form and refused, it comes back as text, too.
    await page.goto('/operations');
    await page.locator('input[name="reason"]').fill(PAYLOADS[1] ?? '');
    await page.getByLabel('For how long').fill(PAYLOADS[3] ?? '');
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    expect(await page.getByLabel('For how long').inputValue()).toBe(PAYLOADS[3]);
    for (const path of ['/login?to=//evil.example', `/nowhere/${encodeURIComponent(PAYLOADS[0] ?? '')}`, '/runs?cursor=%3Cscript%3E', '/?page=-1&cursor=x'])
      await page.goto(path);
    expect(wrongs()).toEqual([]);
  });

  test('and no page or address of ours holds a token', async () => {
    const { serving, run, incident } = await openFullOffice();
    const { page, context } = await open(serving.url);
    const addresses: string[] = [];
    page.on('request', (request) => addresses.push(request.url()));
    await logIn(page);
    const pages: string[] = [];
    for (const path of [
      '/',
      `/incidents/${encodeURIComponent(incident)}`,
      `/runs/${encodeURIComponent(run.id)}`,
      '/people',
      '/operations',
      '/audit?search=yes',
    ]) {
      await page.goto(path);
      pages.push(await page.content());
    }
    const [cookie] = await context.cookies();
    expect(cookie).toMatchObject({ name: 'salvor-session', httpOnly: true, sameSite: 'Lax' });
    expect(await page.evaluate('document.cookie')).toBe('');
    for (const secret of [...Object.values(TOKENS), cookie?.value ?? 'no cookie']) {
      expect(pages.join('')).not.toContain(secret);
      expect(addresses.join(' ')).not.toContain(secret);
    }
  });

  test('no other site can put a page into a frame, and a link from there opens the page, not the login', async () => {
    const serving = await serveHere(await openSite());
    const { page, context } = await open(serving.url);
    await logIn(page);
    const elsewhere = 'http://elsewhere.test';
    await context.route(`${elsewhere}/**`, (route) =>
      route.fulfill({ contentType: 'text/html', body: `<a href="${serving.url}/runs">link</a><iframe src="${serving.url}/"></iframe>` }),
    );
    await page.goto(`${elsewhere}/`);
    await until('the frame was refused', () => page.frames().some((frame) => frame.url().startsWith('chrome-error:')));
    await page.getByText('link').click();
    await page.waitForURL(`${serving.url}/runs`);
    expect(await page.locator('h1').textContent()).toBe('Runs');
  });
});
