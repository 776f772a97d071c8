import { expect, test } from 'vitest';
import { DAILY, serveHere, TOKENS, untilRun } from '../contract/serve/site.ts';
import { until } from '../e2e/stage/until.ts';
import { describeInBrowser, inChromium } from './chromium.ts';
import { logIn, openOffice, proposed } from './site.ts';

describeInBrowser('without scripts', () => {
  const open = inChromium();

  test('a person logs in, reads the incident, types the word, approves, and sees what came of it', async () => {
    const serving = await serveHere(await openOffice());
    await serving.alert(DAILY);
    await proposed(serving);
    const { page, wrongs } = await open(serving.url, { scripts: false, width: 320 });

    await page.goto('/');
    await page.getByLabel('Your token').fill(TOKENS.ana);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('link', { name: 'VeleroBackupFailed on prod' }).click();
    expect(await page.locator('.answer').textContent()).toMatch(/^open: backup-failed on daily waits for a decision: needs 1 of platform/);
    expect(await page.locator('footer').textContent()).toContain('This page does not renew itself');

    // Without the word the browser itself asks for it; a wrong word is refused by us, and the plan is still there.
    const word = page.getByLabel('To confirm, type daily');
    await word.fill('weekly');
    await page.getByRole('button', { name: 'Approve exactly this plan' }).click();
    expect(await page.getByRole('alert').textContent()).toMatch(/The typed confirmation is missing: This cannot be taken back. Type daily to go on/);
    await page.getByLabel('To confirm, type daily').fill('daily');
    await page.getByRole('button', { name: 'Approve exactly this plan' }).click();

    await untilRun(serving, 'done');
    await page.reload();
    expect(await page.locator('.answer').first().textContent()).toMatch(/^It is done/);
    await page.getByRole('link', { name: 'Incidents', exact: true }).click();
    expect(await page.locator('.answer').textContent()).toMatch(/nothing waits for a person|Nothing is open/);
    expect(wrongs()).toEqual([]);
  });

  test('a restore is written with what the cluster has: the choices are read again, nothing that was written is lost, and it is tried', async () => {
    const serving = await serveHere(await openOffice());
    const { page, wrongs } = await open(serving.url, { scripts: false, width: 320 });
    await logIn(page, { to: '/playbooks/restore-namespace' });
    await page.getByLabel(/^into /).fill('shop');
    await page.getByLabel(/^reason/i).fill('half of it is lost');
    const read = page.getByRole('button', { name: 'Read the choices again' });
    await until('the cluster has answered', async () => {
      await read.click();
      return !((await page.locator('main').textContent()) ?? '').includes('has not said yet');
    });
    expect(await page.getByLabel(/^into /).inputValue()).toBe('shop');
    expect(await page.getByLabel(/^reason/i).inputValue()).toBe('half of it is lost');
    expect(await page.locator('#choices-backup option').first().getAttribute('value')).toBe('daily-before');
    await page.getByLabel(/^backup /).fill('daily-before');
    await page.getByRole('button', { name: 'Show what it would do' }).click();
    expect(await page.locator('h1').textContent()).toBe('restore-namespace on shop: only tried');
    expect(wrongs()).toEqual([]);
  });
});
