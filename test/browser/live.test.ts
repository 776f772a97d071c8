import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { DAILY, openSite, type Serving, serveHere } from '../contract/serve/site.ts';
import { until } from '../e2e/stage/until.ts';
import { describeInBrowser, inChromium } from './chromium.ts';
import { openGateway } from './gateway.ts';
import { logIn, openOffice, proposed } from './site.ts';

const noted = (page: Page): Promise<readonly string[]> => page.locator('.said', { hasText: /^ana: note/ }).allTextContents();

function noting(serving: Serving, incident: string): (text: string) => Promise<unknown> {
  return (text) => serving.post(`/api/v1/incidents/${encodeURIComponent(incident)}/notes`, { text });
}

describeInBrowser('a live page', () => {
  const open = inChromium();

  test('goes on behind its last line when the stream is cut: no line is missing, none is there twice', async () => {
    const serving = await serveHere(await openOffice());
    await serving.alert(DAILY);
    const { incident } = await proposed(serving);
    const note = noting(serving, incident);
    const gateway = await openGateway(serving.url);
    const { page, wrongs } = await open(gateway.url);
    await logIn(page, { to: `/incidents/${encodeURIComponent(incident)}` });
    await until('it follows', () => gateway.streams().length === 1);

    await note('note 1');
    await until('the first is there', async () => (await noted(page)).length === 1);
    gateway.cut();
    await note('note 2');
    await note('note 3');
    await until('the others are there', async () => (await noted(page)).length >= 3);
    expect(await noted(page)).toEqual(['ana: note 3', 'ana: note 2', 'ana: note 1']);
    const [first, again] = gateway.streams();
    expect([first, again]).toEqual([undefined, expect.stringMatching(/./)]);
    await note('note 4');
    await until('the last is there', async () => (await noted(page)).length >= 4);
    expect(await noted(page)).toEqual(['ana: note 4', 'ana: note 3', 'ana: note 2', 'ana: note 1']);
    expect(wrongs()).toEqual([]);
  });

  test('says since when it is not live, comes back by itself, and then shows what it missed', async () => {
    const serving = await serveHere(await openOffice());
    await serving.alert(DAILY);
    const { incident } = await proposed(serving);
    const gateway = await openGateway(serving.url);
    const { page } = await open(gateway.url);
    await logIn(page, { to: `/incidents/${encodeURIComponent(incident)}` });
    await until('it follows', () => gateway.streams().length === 1);
    gateway.refuse(true);
    gateway.cut();
    const banner = page.getByRole('status');
    await until('it says so', async () => /Not live since \d\d:\d\d\. It connects again by itself; or/.test((await banner.textContent()) ?? ''));
    await noting(serving, incident)('note behind its back');
    gateway.refuse(false);
    await until('it is live again', async () => (await banner.textContent()) === '');
    await until('it shows what it missed', async () => (await noted(page)).length === 1);
    expect(await noted(page)).toEqual(['ana: note behind its back']);
  });

  test('leaves alone what somebody is writing, says that there is news, and renews itself once that is gone', async () => {
    const serving = await serveHere(await openOffice());
    await serving.alert(DAILY);
    const { incident } = await proposed(serving);
    const { page } = await open(serving.url);
    await logIn(page, { to: `/incidents/${encodeURIComponent(incident)}` });
    const word = page.getByLabel('To confirm, type daily');
    await word.fill('dai');
    await page.getByRole('button', { name: 'Approve exactly this plan' }).focus();
    await noting(serving, incident)('note meanwhile');
    await until('it says so', async () => /There is news/.test((await page.getByRole('status').textContent()) ?? ''));
    expect(await word.inputValue()).toBe('dai');
    await word.fill('');
    await page.locator('h1').click();
    await until('the news is there', async () => (await noted(page)).length === 1);
  });

  test('keeps the place of the keyboard and what was opened, and its times stay true', async () => {
    const serving = await serveHere(await openOffice());
    await serving.alert(DAILY);
    const { incident } = await proposed(serving);
    const { page } = await open(serving.url);
    await logIn(page, { to: `/incidents/${encodeURIComponent(incident)}` });
    const manage = page.locator('#manage summary');
    await manage.click();
    await manage.focus();
    await noting(serving, incident)('note one');
    await until('the news is there', async () => (await noted(page)).length === 1);
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Roles, severity, update, close');
    expect(await page.locator('#manage').getAttribute('open')).toBe('');
    const opened = page.locator('dd [data-at]').first();
    const before = await opened.textContent();
    await until('time went on', async () => (await opened.textContent()) !== before);
  });

  test('takes forms behind a proxy that asks by another host, where the public address is known', async () => {
    const site = await openSite();
    const serving = await serveHere(site);
    const gateway = await openGateway(serving.url, 'salvor.internal');
    site.write('salvor.yaml', site.text.replace('operations: 0 }', `operations: 0, publicUrl: ${gateway.url} }`));
    await until('it was read', () => serving.log().some((line) => /"reload\.(done|taken|read)/.test(line) || /reload/.test(line)));
    const { page } = await open(gateway.url);
    await logIn(page, { to: '/operations' });
    await page.locator('input[name="reason"]').fill('the proxy is ours');
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    expect(await page.locator('.answer').textContent()).toBe('prod is paused: the proxy is ours');
  });
});
