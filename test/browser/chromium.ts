import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, onTestFinished } from 'vitest';
import { z } from 'zod';
import { findChromium, launchChromium } from '../../scripts/chromium.ts';

/** Debian's Chromium, headless, and what a page did in it that it should not. */

const CHROMIUM = findChromium();
if (CHROMIUM === undefined) {
  const reason = 'Not tested here: chromium is not installed (bash scripts/install-browser.sh installs it)';
  if (process.env['CI'] !== undefined) throw new Error(reason);
  console.warn(reason);
}

/** A group of browser tests. Without Chromium it is left out on a developer's machine, which says so; in CI it fails. */
export const describeInBrowser = CHROMIUM === undefined ? describe.skip : describe;

export type Theme = 'light' | 'dark';
export type Look = { readonly theme?: Theme; readonly width?: number; readonly scripts?: boolean };

/** A tab, and everything that a page of ours must not cause. */
export type Tab = {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Dialogs, errors of scripts, breaches of the content policy, requests to elsewhere. */
  readonly wrongs: () => readonly string[];
};

/** Opens tabs in one browser for the tests of a file. */
export function inChromium(): (url: string, look?: Look) => Promise<Tab> {
  let browser: Browser | undefined;
  beforeAll(async () => {
    if (CHROMIUM !== undefined) browser = await launchChromium(CHROMIUM);
  });
  afterAll(async () => browser?.close());
  return async (url, look) => {
    if (browser === undefined) throw new Error('no browser was started');
    const tab = await openTab(browser, url, look);
    onTestFinished(() => tab.context.close());
    return tab;
  };
}

async function openTab(browser: Browser, url: string, { theme = 'light', width = 1280, scripts = true }: Look = {}): Promise<Tab> {
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width, height: 900 },
    colorScheme: theme,
    javaScriptEnabled: scripts,
    reducedMotion: 'reduce',
  });
  const wrongs: string[] = [];
  const { origin } = new URL(url);
  const page = await context.newPage();
  page.on('request', (request) => {
    const to = request.url();
    if (!to.startsWith(`${origin}/`) && !to.startsWith('data:')) wrongs.push(`asked ${to}`);
  });
  page.on('dialog', (dialog) => {
    wrongs.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('pageerror', (error) => wrongs.push(`script: ${error.message}`));
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/i.test(message.text())) wrongs.push(`policy: ${message.text()}`);
  });
  return { page, context, wrongs: () => wrongs };
}

const Violations = z.array(
  z.object({ id: z.string(), help: z.string(), nodes: z.array(z.object({ html: z.string(), failureSummary: z.string().optional() })) }),
);
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe finds wrong with the page as it is, one line each. It is handed in by the debugger: the page's own policy lets no foreign script in. */
export async function axeFinds(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const found: unknown = await page.evaluate(
    `axe.run(document, { runOnly: ${JSON.stringify(RULES)} }).then(({ violations }) => JSON.parse(JSON.stringify(violations)))`,
  );
  return Violations.parse(found).flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}: ${node.html.slice(0, 200)} ${node.failureSummary ?? ''}`),
  );
}

/** Opens every part of the page that opens, so that what is in it is looked at, too. */
export async function openAll(page: Page): Promise<void> {
  const closed = await page.evaluate(
    `(() => { for (const one of document.querySelectorAll('details')) one.open = true; return document.querySelectorAll('details:not([open])').length; })()`,
  );
  if (closed !== 0) throw new Error(`${String(closed)} parts of the page stayed closed`);
}

/** By how many px the page is wider than the window. */
export async function tooWide(page: Page): Promise<number> {
  return z.number().parse(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'));
}
