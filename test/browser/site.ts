import type { Page } from 'playwright-core';
import { RunPage, type RunSummary } from '../../src/port/view/run.ts';
import { DAILY, openSite, type Serving, type Site, serveHere, TOKENS } from '../contract/serve/site.ts';
import { until } from '../e2e/stage/until.ts';

/** Names as they come from the world, at their worst: long, from right to left, with signs, with markup. */
export const LONG = `Disk${'On'.repeat(30)}-${'0123456789'.repeat(34)}`;
export const RIGHT_TO_LEFT = 'النسخ الاحتياطي فشل \u202Egnp.exe\u202C 🔥👩‍🚒 بيانات';
export const MARKUP = '"><script>alert(1)</script><img src=x onerror=alert(2)><svg/onload=alert(3)>{{7*7}}</title><style>*{display:none}</style>';

/** The site with a typed confirmation, two people who may approve, and one who may nothing. */
export async function openOffice(): Promise<Site> {
  const site = await openSite();
  const text = site.text
    .replace('{ name: dora,', '{ name: ben, teams: [platform] }\n  - { name: dora,')
    .replace('reversible: { need: [{ team: platform, count: 1 }] }', 'reversible: { need: [{ team: platform, count: 1 }], typedConfirmation: true }');
  site.write('salvor.yaml', text);
  return { ...site, text };
}

/** The same, and those who may approve may break the glass, too. */
export async function openGlassOffice(): Promise<Site> {
  const site = await openOffice();
  const text = site.text.replace(
    'typedConfirmation: true } }',
    'typedConfirmation: true }, breakGlass: { need: [{ team: platform, count: 1 }], page: platform-primary } }',
  );
  site.write('salvor.yaml', text);
  return { ...site, text };
}

/** Everything that can be on a page, with the worst of names: a proposal, an incident nobody answers, notes, a pause, what was quarantined. */
export async function openFullOffice(): Promise<{ readonly serving: Serving; readonly run: RunSummary; readonly incident: string }> {
  const serving = await serveHere(await openGlassOffice());
  await serving.alert({ alertname: LONG, severity: 'warning', cluster: 'prod' }, { annotations: { summary: `${LONG} ${MARKUP}` } });
  await serving.alert({ alertname: RIGHT_TO_LEFT, severity: 'critical', cluster: 'prod', place: MARKUP });
  await serving.alert({ ...DAILY, team: MARKUP }, { annotations: { summary: MARKUP, description: RIGHT_TO_LEFT } });
  await serving.alert({ ...DAILY, schedule: 'daily', cluster: 'another' });
  const run = await proposed(serving);
  const incident = `/api/v1/incidents/${encodeURIComponent(run.incident)}`;
  for (const text of [MARKUP, LONG, RIGHT_TO_LEFT]) await serving.post(`${incident}/notes`, { text });
  return { serving, run, incident: run.incident };
}

export function proposed(serving: Serving): Promise<RunSummary> {
  return until('a run is proposed', async () => RunPage.parse((await serving.get('/api/v1/runs')).json).items.find(({ state }) => state === 'proposed'));
}

/** Logs in by the page's own form, and is where it wanted to go. */
export async function logIn(page: Page, { to = '/', as = 'ana' }: { readonly to?: string; readonly as?: keyof typeof TOKENS } = {}): Promise<void> {
  await page.goto(`/login?to=${encodeURIComponent(to)}`);
  await page.getByLabel('Your token').fill(TOKENS[as]);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.waitForURL((url) => url.pathname !== '/login');
}
