import { expect, test } from 'vitest';
import { RunView } from '../../../src/port/view/run.ts';
import { DAILY, openSite, type Serving, type Site, serveHere, TOKENS, untilRun } from '../serve/site.ts';
import { type Browser, browser, type Shown } from './browser.ts';

/** Two of platform have to say yes; in an emergency one of leads alone, and platform-primary is called. */
async function openOffice(): Promise<Site> {
  const site = await openSite();
  const text = site.text
    .replace('{ name: dora,', '{ name: ben, teams: [platform] }\n  - { name: dora,')
    .replace(
      'approvals: { reversible: { need: [{ team: platform, count: 1 }] } }',
      'approvals: { reversible: { need: [{ team: platform, count: 2 }], typedConfirmation: true }, breakGlass: { need: [{ team: leads, count: 1 }], page: platform-primary } }',
    );
  site.write('salvor.yaml', text);
  return { ...site, text };
}

async function proposedAt(
  site: Site,
): Promise<{ readonly serving: Serving; readonly path: string; readonly incident: string; readonly seen: () => Promise<RunView> }> {
  const serving = await serveHere(site);
  await serving.alert(DAILY);
  const { id, incident } = await untilRun(serving, 'proposed');
  const path = `/runs/${encodeURIComponent(id)}`;
  return { serving, path, incident: `/incidents/${encodeURIComponent(incident)}`, seen: async () => RunView.parse((await serving.get(`/api/v1${path}`)).json) };
}

async function loggedIn(serving: Serving, person: keyof typeof TOKENS): Promise<Browser> {
  const own = browser(serving);
  await own.open('/login');
  await own.send(/^\/login$/, { token: TOKENS[person] });
  return own;
}

const offers = ({ page }: Shown): string[] => [...page.matchAll(/action="\/runs\/[^"]*\/([a-z-]+)"/g)].map(([, what = '']) => what);

test('a yes is taken back, a proposal is held and released: each is there only while it has a meaning', { timeout: 60_000 }, async () => {
  const { serving, path, incident, seen } = await proposedAt(await openOffice());
  const ana = await loggedIn(serving, 'ana');
  expect(offers(await ana.open(path))).toEqual(['approve', 'reject', 'hold', 'cancel']);

  const voted = await ana.send(/\/approve$/, { confirmation: 'daily' });
  expect(voted.text).toMatch(/ana approved by console.*1 of 2: ana; still needs 1 of platform.*You have approved it\. It goes on once the others have\./);
  expect(offers(voted)).toEqual(['withdraw', 'reject', 'hold', 'cancel']);

  const held = await ana.send(/\/hold$/, { reason: 'the owner of <b>the data</b> is on the way' });
  expect(held.text).toMatch(
    /ana holds it: the owner of <b>the data<\/b> is on the way Held \S+.*\. A yes still counts, but nothing starts and no time runs out/,
  );
  expect(held.text).not.toContain('It expires');
  expect(offers(held)).toEqual(['withdraw', 'reject', 'release', 'cancel']);
  // The incident's page has the same forms.
  expect(offers(await ana.open(incident))).toEqual(['withdraw', 'reject', 'release']);

  const free = await ana.send(/\/release$/);
  expect([free.path, offers(free)]).toEqual([path, ['withdraw', 'reject', 'hold', 'cancel']]);
  const back = await ana.send(/\/withdraw$/);
  expect(back.text).toContain('Nobody has approved it yet.');
  expect(offers(back)).toContain('approve');
  const types = (await seen()).journal.map(({ type, data }) => [type, data['surface']] as const);
  expect(types.filter(([type]) => /approval\.(vote|held|released|withdrawn)/.test(type))).toEqual([
    ['approval.vote', 'console'],
    ['approval.held', 'console'],
    ['approval.released', 'console'],
    ['approval.withdrawn', 'console'],
  ]);
});

test('the glass is broken only by who may, with a reason and the word; it says whom it tells before, and is audited after', { timeout: 60_000 }, async () => {
  const { serving, path, seen } = await proposedAt(await openOffice());
  const ana = await loggedIn(serving, 'ana');
  const forAna = await ana.open(path);
  expect(forAna.text).toContain('In an emergency 1 of leads may start it without the others. Who can: dora.');
  expect(offers(forAna)).not.toContain('break-glass');
  const dora = await loggedIn(serving, 'dora');
  const forDora = await dora.open(path);
  expect(forDora.text).toMatch(
    /Emergency: break the glass .*your word replaces theirs\. Your name and reason are told to everybody in the incident, kept in the audit trail for good, and platform-primary is called to look at it\./,
  );
  const csrf = /name="csrf" value="([^"]+)"/.exec(forAna.page)?.[1] ?? '';
  const refused = await ana.post(`${path}/break-glass`, { csrf, plan: (await seen()).digest ?? '', confirmation: 'daily', emergency: 'I am in a hurry' });
  expect(refused).toMatchObject({ status: 403, text: expect.stringContaining('ana may not break the glass: that is for 1 of leads') });

  expect(await dora.send(/\/break-glass$/, { emergency: '  ', confirmation: 'daily' })).toMatchObject({
    status: 400,
    text: expect.stringContaining('Say why this is an emergency: the field is empty'),
  });
  const wrong = await dora.send(/\/break-glass$/, { emergency: 'the datacentre floods', confirmation: 'weekly' });
  expect(wrong).toMatchObject({ status: 422, page: expect.stringMatching(/<details id="glass-[^"]+" open>[\s\S]*value="the datacentre floods"/) });
  expect((await seen()).approvals).toEqual([]);

  expect((await dora.send(/\/break-glass$/, { emergency: 'the datacentre floods', confirmation: 'daily' })).path).toBe(path);
  await untilRun(serving, 'done');
  expect((await dora.open(path)).text).toMatch(/dora approved by console, \S+ \( [^)]*\) , and broke the glass : the datacentre floods/);
  expect((await seen()).journal).toContainEqual(
    expect.objectContaining({ type: 'approval.glass-broken', data: expect.objectContaining({ by: ['dora'], surface: 'console' }) }),
  );
  expect((await dora.open('/audit?search=yes&type=approval.glass-broken')).text).toMatch(/1 line is like this/);
});

test('who may not hears why and who can; a form that comes too late, or by hand, is refused with the page below', { timeout: 60_000 }, async () => {
  const { serving, path } = await proposedAt(await openOffice());
  const dora = await loggedIn(serving, 'dora');
  const shown = await dora.open(path);
  expect(offers(shown)).toEqual(['break-glass']);
  expect(shown.text).toContain('Who can: ana (in platform), ben (in platform).');
  expect(shown.text).toMatch(/Who cannot, and why dora: is in none of the teams that decide: 2 of platform/);
  expect(shown.text).toContain('You, dora, may not approve this: dora is in none of the teams that decide: 2 of platform.');
  expect(shown.text).toContain('You, dora, may not hold it. Who can: ana, ben.');
  const csrf = /name="csrf" value="([^"]+)"/.exec(shown.page)?.[1] ?? '';
  for (const [what, why] of [
    ['hold', 'dora is in none of the teams that decide'],
    ['release', 'dora is in none of the teams that decide'],
  ] as const) {
    const refused = await dora.post(`${path}/${what}`, { csrf, reason: 'x' });
    expect(refused, what).toMatchObject({ status: 403, text: expect.stringContaining(why) });
    expect(refused.text, what).toContain('Nothing changed. Who can is said beside the plan.');
  }
  const ana = await loggedIn(serving, 'ana');
  await ana.open(path);
  await ana.send(/\/reject$/, { reason: 'not tonight' });
  await untilRun(serving, 'rejected');
  const own = /name="csrf" value="([^"]+)"/.exec((await ana.open('/operations')).page)?.[1] ?? '';
  for (const what of ['hold', 'release', 'withdraw'])
    expect(await ana.post(`${path}/${what}`, { csrf: own, reason: 'x' }), what).toMatchObject({
      status: 409,
      text: expect.stringContaining('The run is rejected: there is nothing to decide'),
    });
});

test('a session that ends while somebody writes why not yet loses nothing', { timeout: 60_000 }, async () => {
  const site = await openOffice();
  const { serving, path } = await proposedAt(site);
  const [ana, dora] = [await loggedIn(serving, 'ana'), await loggedIn(serving, 'dora')];
  await ana.open(path);
  await dora.open(path);
  site.write('ana.token', 'another-token-of-ana\n');
  site.write('dora.token', 'another-token-of-dora\n');
  expect(await ana.send(/\/hold$/, { reason: 'wait for the owner' })).toMatchObject({ status: 401, text: expect.stringContaining('What you wrote is kept') });
  expect((await ana.send(/^\/login$/, { token: 'another-token-of-ana' })).text).toMatch(/wait for the owner Send it now \(hold\)/);
  expect((await ana.send(/\/hold$/, { reason: 'wait for the owner' })).text).toContain('ana holds it: wait for the owner');
  await dora.send(/\/break-glass$/, { emergency: 'a flood', confirmation: 'daily' });
  expect((await dora.send(/^\/login$/, { token: 'another-token-of-dora' })).text).toContain('Send it now (break-glass)');
});

test('a secret in what people write is not kept', { timeout: 60_000 }, async () => {
  const { serving, path, incident, seen } = await proposedAt(await openOffice());
  const ana = await loggedIn(serving, 'ana');
  await ana.open(path);
  await ana.send(/\/hold$/, { reason: 'password=hunter2-hunter2 is wrong' });
  await ana.open(incident);
  await ana.send(/\/updates$/, { update: 'use token=abcdef-0123456789-abcdef' });
  const dora = await loggedIn(serving, 'dora');
  await dora.open(path);
  await dora.send(/\/break-glass$/, { emergency: 'password=hunter3-hunter3', confirmation: 'daily' });
  const told = JSON.stringify([await seen(), (await serving.get(`/api/v1${incident}`)).json]);
  expect(told).not.toMatch(/hunter2|hunter3|abcdef-0123456789/);
  expect(told).toContain('is wrong');
});
