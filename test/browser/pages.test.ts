import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { axeFinds, describeInBrowser, inChromium, openAll, type Tab, tooWide } from './chromium.ts';
import { logIn, openFullOffice } from './site.ts';

/** Where the pictures of a run of these tests are kept, to be looked at; absent: nowhere. */
const FOLDER = process.env['BROWSER_PICTURES'];
if (FOLDER !== undefined) mkdirSync(FOLDER, { recursive: true });

const LOOKS = [
  { theme: 'light', width: 1280 },
  { theme: 'light', width: 320 },
  { theme: 'dark', width: 1280 },
  { theme: 'dark', width: 320 },
] as const;

describeInBrowser('every page', () => {
  const open = inChromium();

  test('is readable for everybody, narrow and wide, light and dark, whatever names are on it', { timeout: 300_000 }, async () => {
    const { serving, run, incident } = await openFullOffice();
    const pages = {
      incidents: '/',
      incident: `/incidents/${encodeURIComponent(incident)}`,
      runs: '/runs',
      run: `/runs/${encodeURIComponent(run.id)}`,
      playbooks: '/playbooks',
      playbook: '/playbooks/restore-namespace',
      operations: '/operations',
      quarantine: '/quarantine',
      audit: '/audit?search=yes',
      verified: '/audit?verify=yes',
      people: '/people',
      login: '/login',
      gone: '/nowhere',
    };
    const found: string[] = [];
    for (const look of LOOKS) {
      const tab = await open(serving.url, look);
      await logIn(tab.page);
      for (const [name, path] of Object.entries(pages)) {
        await tab.page.goto(path);
        await openAll(tab.page);
        const place = `${name} ${look.theme} ${look.width}`;
        if (FOLDER !== undefined) await tab.page.screenshot({ path: join(FOLDER, `${place.replaceAll(' ', '-')}.png`), fullPage: true });
        found.push(...(await wrongsOf(tab)).map((one) => `${place}: ${one}`));
      }
      found.push(...tab.wrongs());
    }
    expect(found).toEqual([]);
  });

  test('is used by the keyboard: the first stop skips to the content, and every stop shows where it is', async () => {
    const { serving, run } = await openFullOffice();
    const { page } = await open(serving.url);
    await logIn(page, { to: `/runs/${encodeURIComponent(run.id)}` });
    await page.keyboard.press('Tab');
    await expectFocus(page, 'To the content');
    await page.keyboard.press('Enter');
    const seen: string[] = [];
    for (let stop = 0; stop < 40 && seen.at(-1) !== 'Approve exactly this plan'; stop += 1) {
      await page.keyboard.press('Tab');
      const { text, outline } = await focused(page);
      expect(outline, text).toBe('3px');
      seen.push(text);
    }
    expect(seen.at(-1)).toBe('Approve exactly this plan');
  });
});

async function wrongsOf({ page }: Tab): Promise<readonly string[]> {
  const wide = await tooWide(page);
  const headings = await page.locator('h1').count();
  const first = await page.locator('main h1 ~ *').first().textContent();
  return [
    ...(wide > 0 ? [`${wide} px too wide`] : []),
    ...(headings === 1 ? [] : [`${headings} first headings`]),
    ...(first === null || first.trim() === '' ? ['no answer below the heading'] : []),
    ...(await axeFinds(page)),
  ];
}

type Focused = { readonly text: string; readonly outline: string };

async function focused(page: Tab['page']): Promise<Focused> {
  return page.evaluate<Focused>(
    '(() => { const one = document.activeElement; return { text: (one.textContent || one.getAttribute("name") || "").trim(), outline: getComputedStyle(one).outlineWidth }; })()',
  );
}

async function expectFocus(page: Tab['page'], text: string): Promise<void> {
  expect((await focused(page)).text).toBe(text);
}
