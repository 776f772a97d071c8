import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { type DemoApi, demoApi } from '../src/demo/api.ts';
import { type DemoStage, openDemoStage } from '../src/demo/stage.ts';
import { sleep, systemClock } from '../src/port/clock.ts';
import { findChromium, launchChromium } from './chromium.ts';

const THEMES = ['light', 'dark'] as const;
const SIZE = { width: 1000, height: 720 };
const TALLEST = 1080;
const MARGIN = 16;
const LONGEST_MS = 120_000;

/** Plays the demo's story in the simulated world and takes pictures into a folder, in light and dark: the approval in Slack and in the console, then the incident at its end. */
export async function takePictures(folder: string): Promise<readonly string[]> {
  const executable = findChromium();
  if (executable === undefined) throw new Error('Chromium is not installed: bash scripts/install-browser.sh installs it');
  await mkdir(folder, { recursive: true });
  const said: string[] = [];
  const say = (text: string): void => void said.push(text);
  const stage = await openDemoStage(0, { stdout: say, stderr: say });
  const browser = await launchChromium(executable);
  try {
    return await play({ stage, browser, folder });
  } finally {
    await browser.close();
    await stage.close();
    await rm(stage.folder, { recursive: true, force: true });
  }
}

type Playing = { readonly stage: DemoStage; readonly browser: Browser; readonly folder: string };

async function play({ stage, browser, folder }: Playing): Promise<readonly string[]> {
  const api = demoApi(stage);
  await api.alert('firing', stage.alertMs, systemClock.nowMs());
  const proposed = await untilRun(api, 'proposed');
  const taken: string[] = [];
  const take = async (name: string, path: string, downTo: string): Promise<void> => {
    for (const theme of THEMES) {
      const file = join(folder, `${name}-${theme}.png`);
      await inTheme({ stage, browser, theme }, async (page) => {
        await page.goto(path);
        const last = await page.locator(downTo).first().boundingBox();
        const height = Math.min(TALLEST, Math.ceil((last?.y ?? 0) + (last?.height ?? SIZE.height)) + MARGIN);
        await page.screenshot({ path: file, fullPage: true, clip: { x: 0, y: 0, width: SIZE.width, height } });
      });
      taken.push(file);
    }
  };
  await stage.channel.approval();
  for (const theme of THEMES) {
    const file = join(folder, `slack-${theme}.png`);
    const context = await browser.newContext({ viewport: { ...SIZE, height: TALLEST }, colorScheme: theme, reducedMotion: 'reduce' });
    const page = await context.newPage();
    await page.goto(stage.channel.url);
    await page.screenshot({ path: file });
    await context.close();
    taken.push(file);
  }
  await take('approval', `/runs/${encodeURIComponent(proposed.id)}`, '.decide');
  await inTheme({ stage, browser, theme: 'light' }, async (page) => {
    await page.goto(`/runs/${encodeURIComponent(proposed.id)}`);
    await page.getByRole('button', { name: 'Approve exactly this plan' }).click();
  });
  await untilRun(api, 'done');
  await api.alert('resolved', stage.alertMs, systemClock.nowMs());
  await untilClosed(api);
  await take('incident', `/incidents/${encodeURIComponent(proposed.incident)}`, '.timeline');
  return taken;
}

/** As Ana, who is logged in. */
async function inTheme(
  { stage, browser, theme }: Omit<Playing, 'folder'> & { readonly theme: (typeof THEMES)[number] },
  act: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({ baseURL: stage.url, viewport: SIZE, colorScheme: theme, reducedMotion: 'reduce' });
  const page = await context.newPage();
  await page.goto('/login');
  await page.getByLabel('Your token').fill(stage.token);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.waitForURL((url) => url.pathname === '/');
  await act(page);
  await context.close();
}

async function untilRun(api: DemoApi, state: string): Promise<NonNullable<Awaited<ReturnType<DemoApi['run']>>>> {
  return until(async () => {
    const run = await api.run();
    return run?.state === state ? run : undefined;
  }, `the run is ${state}`);
}

async function untilClosed(api: DemoApi): Promise<void> {
  await until(async () => ((await api.incident())?.state === 'closed' ? true : undefined), 'the incident is closed');
}

async function until<T>(look: () => Promise<T | undefined>, what: string): Promise<T> {
  const endMs = systemClock.monotonicMs() + LONGEST_MS;
  while (systemClock.monotonicMs() < endMs) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(systemClock, 200);
  }
  throw new Error(`the story stopped before ${what}`);
}
