import { expect, test } from 'vitest';
import { DAILY, serveHere, TOKENS, untilRun } from '../contract/serve/site.ts';
import { describeInBrowser, inChromium } from './chromium.ts';
import { openOffice, proposed } from './site.ts';

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
});
