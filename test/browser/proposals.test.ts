import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { DAILY, type Serving, serveHere } from '../contract/serve/site.ts';
import { until } from '../e2e/stage/until.ts';
import { axeFinds, describeInBrowser, inChromium, openAll, tooWide } from './chromium.ts';
import { logIn, openGlassOffice, proposed, RIGHT_TO_LEFT } from './site.ts';

const FOLDER = process.env['BROWSER_PICTURES'];
if (FOLDER !== undefined) mkdirSync(FOLDER, { recursive: true });

/** Each theme and each width once; the page as it is before anybody said anything is looked at with all the others. */
const LOOKS = [
  { theme: 'light', width: 320 },
  { theme: 'dark', width: 1280 },
] as const;

async function openRun(): Promise<{ readonly serving: Serving; readonly path: string; readonly incident: string }> {
  const site = await openGlassOffice();
  // One yes is not enough, so that it can be looked at afterwards.
  site.write('salvor.yaml', site.text.replace('[{ team: platform, count: 1 }], typed', '[{ team: platform, count: 2 }], typed'));
  const serving = await serveHere(site);
  await serving.alert(DAILY);
  const run = await proposed(serving);
  return { serving, path: `/runs/${encodeURIComponent(run.id)}`, incident: `/incidents/${encodeURIComponent(run.incident)}` };
}

/** Goes by the keyboard alone to the stop with this text or name. */
async function tabTo(page: Page, text: string): Promise<void> {
  for (let stop = 0; stop < 60; stop += 1) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate<string>('(document.activeElement.textContent || document.activeElement.getAttribute("name") || "").trim()');
    if (at === text) return;
  }
  throw new Error(`no stop says ${text}`);
}

const answer = async (page: Page): Promise<string> => (await page.locator('main').textContent()) ?? '';

describeInBrowser('the forms of a proposal', () => {
  const open = inChromium();

  test('are readable for everybody once somebody said yes, and while it is held by the longest of reasons', { timeout: 300_000 }, async () => {
    const { serving, path } = await openRun();
    const found: string[] = [];
    const look = async (state: string): Promise<void> => {
      for (const at of LOOKS) {
        const { page, wrongs } = await open(serving.url, at);
        await logIn(page, { to: path });
        await openAll(page);
        if (FOLDER !== undefined) await page.screenshot({ path: join(FOLDER, `proposal-${state}-${at.theme}-${at.width}.png`), fullPage: true });
        const wide = await tooWide(page);
        found.push(
          ...[...(wide > 0 ? [`${wide} px too wide`] : []), ...(await axeFinds(page)), ...wrongs()].map((one) => `${state} ${at.theme} ${at.width}: ${one}`),
        );
      }
    };
    const { digest } = await proposed(serving);
    await serving.post(`/api/v1${path}/approve`, { plan: digest, confirmation: 'daily' });
    await look('voted');
    await serving.post(`/api/v1${path}/hold`, { reason: `${RIGHT_TO_LEFT} ${'x'.repeat(900)}` });
    await look('held');
    expect(found).toEqual([]);
  });

  test('are used by the keyboard alone: hold, release, yes, and the yes taken back', async () => {
    const { serving, path } = await openRun();
    const { page, wrongs } = await open(serving.url);
    await logIn(page, { to: path });
    await tabTo(page, 'Not yet: hold it');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.type('the owner is on the way');
    await page.keyboard.press('Enter');
    await until('it is held', async () => (await answer(page)).includes('ana holds it: the owner'));
    await tabTo(page, 'Release it: it goes on where it stood');
    await page.keyboard.press('Enter');
    await until('it is free', async () => (await answer(page)).includes('Not yet: hold it'));
    await tabTo(page, 'confirmation');
    await page.keyboard.type('daily');
    await page.keyboard.press('Enter');
    await until('the yes counts', async () => (await answer(page)).includes('still needs 1 of platform'));
    await tabTo(page, 'Take my yes back');
    await page.keyboard.press('Enter');
    await until('nobody said yes', async () => (await answer(page)).includes('Nobody has approved it yet'));
    expect(wrongs()).toEqual([]);
  });

  test('break the glass without a script on a phone, and then say who did', async () => {
    const { serving, incident } = await openRun();
    const { page, wrongs } = await open(serving.url, { scripts: false, width: 320 });
    await logIn(page, { to: incident });
    const glass = page.locator('details', { hasText: 'Emergency: break the glass' });
    await glass.locator('summary').click();
    expect(await glass.textContent()).toContain('platform-primary is called to look at it');
    await glass.getByLabel('Why this is an emergency').fill('the datacentre floods');
    await glass.getByLabel('To confirm, type daily').fill('weekly');
    await glass.getByRole('button').click();
    // Refused, it is open again with what was written.
    expect(await page.getByRole('alert').textContent()).toContain('Type daily to go on');
    expect(await glass.getByLabel('Why this is an emergency').inputValue()).toBe('the datacentre floods');
    await glass.getByLabel('To confirm, type daily').fill('daily');
    await glass.getByRole('button').click();
    await until('it says so', async () => {
      await page.reload();
      return (await answer(page)).includes('and broke the glass: the datacentre floods');
    });
    expect(wrongs()).toEqual([]);
  });
});

describeInBrowser('the forms of an incident', () => {
  const open = inChromium();

  test('give a role, change the severity and tell others by the keyboard alone', async () => {
    const { serving, incident } = await openRun();
    const { page, wrongs } = await open(serving.url);
    const fill = async (field: string, text: string, button: string): Promise<void> => {
      await page.goto(incident);
      await tabTo(page, 'Roles, severity, update, close');
      await page.keyboard.press('Enter');
      await page.getByLabel(field).focus();
      await page.keyboard.type(text);
      await tabTo(page, button);
      const loaded = page.waitForEvent('load');
      await page.keyboard.press('Enter');
      await loaded;
    };
    await logIn(page, { to: incident });
    await fill('Who speaks for it', 'ben', 'Set');
    await fill('Severity', 'SEV3', 'Change');
    await fill('What others are told', 'half of it is back', 'Tell others');
    await until('all of it is told', async () => {
      await page.reload();
      const text = await answer(page);
      return text.includes('SEV3') && text.includes('half of it is back') && /Communications\s*ben/.test(text);
    });
    expect(wrongs()).toEqual([]);
  });
});
