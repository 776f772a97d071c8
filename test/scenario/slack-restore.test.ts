import { expect, test } from 'vitest';
import type { Json } from '../../src/model/json.ts';
import { elementsOf } from '../../src/world/slack/person/elements.ts';
import type { View } from '../../src/world/slack/workspace.ts';
import { ONE, openSlackScene, TWO } from './slack-scene.ts';

const BACKUPS: readonly Json[] = [
  { name: 'daily-20261119020000', schedule: 'daily', ago: '58h', namespaces: ['shop'], items: 200, volumes: 2 },
  { name: 'daily-20261120020000', schedule: 'daily', phase: 'Failed', ago: '34h', namespaces: ['shop'] },
  { name: 'daily-20261121020000', schedule: 'daily', ago: '10h', namespaces: ['shop'], items: 214, volumes: 3 },
  { name: 'bank-20261121030000', ago: '9h', namespaces: ['bank'], items: 9 },
  { name: 'gone-20261121030000', ago: '9h', namespaces: ['gone'], items: 7 },
];
const WORLD: { readonly [name: string]: Json } = {
  namespaces: ['shop', 'shop-eu', 'bank', 'gone'],
  pods: [{ name: 'shop/api-0', node: 'w1' }],
  objects: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'prices', namespace: 'shop' }, data: { apple: '3' } }],
  nodes: [{ name: 'w1' }, { name: 'w2' }, { name: 'w10' }],
  schedules: [{ name: 'daily', cron: '0 2 * * *', template: { includedNamespaces: ['shop'] } }],
  backups: [...BACKUPS],
};

const fields = (view: View | undefined): readonly string[] => elementsOf(view?.blocks ?? []).map(({ element }) => element.action_id ?? '');

test('restore and nothing else opens a form; its choices are those of the live cluster; sending it makes a plan', async () => {
  const { does, slack, run, told, change, pass } = openSlackScene({ world: WORLD });
  change({ namespaces: [{ name: 'gone', gone: true }] });
  await pass('1m');
  const typed = await does('ana', (ana) => ana.type('/dr restore'));
  expect(typed).toMatchObject({ acknowledged: true });
  expect(typed.said).toBeUndefined();
  const ana = slack.user('ana');
  expect(fields(ana.modal()).slice(0, 2)).toEqual(['choose:into', 'choose:backup']);

  const into = await does('ana', (who) => who.suggest({ action: 'choose:into' }));
  expect(into.options?.map(({ value }) => value)).toEqual(expect.arrayContaining(['bank', 'shop', 'shop-eu']));
  expect(into.options?.at(-1)?.value).toBe('gone');
  expect(into.options?.find(({ value }) => value === 'gone')?.description?.text).toBe('not in the cluster, only in backups');
  await does('ana', (who) => who.press({ in: 'modal', action: 'choose:into', value: 'shop' }));

  const backups = await does('ana', (who) => who.suggest({ action: 'choose:backup' }));
  expect(backups.options?.map(({ value, description }) => `${value}: ${description?.text}`)).toEqual([
    'daily-20261121020000: 10h 1m ago, 214 items, 3 volumes, expires in 29d 13h',
    'daily-20261119020000: 2d 10h ago, 200 items, 2 volumes, expires in 27d 13h',
    expect.stringMatching(/^daily-20261120020000: Failed, 1d 10h ago/),
  ]);
  const typedIn = await does('ana', (who) => who.suggest({ action: 'choose:backup', typed: '1119' }));
  expect(typedIn.options?.map(({ value }) => value)).toEqual(['daily-20261119020000']);

  expect(await does('ana', (who) => who.submit({ 'choose:backup': 'daily-20261119020000', _reason: 'prices were lost' }))).toMatchObject({
    acknowledged: true,
  });
  expect(told('ana').at(-1)).toMatch(/^Started restore-namespace/);
  expect(await run('restore-namespace')).toMatchObject({ target: 'shop', requestedBy: 'ana', params: { into: 'shop', backup: 'daily-20261119020000' } });
});

test('a line that is whole makes a plan at once: from which backup, to which namespace', async () => {
  const { does, run, told, slack } = openSlackScene({ world: WORLD });
  const { said } = await does('ana', (ana) => ana.type('/dr restore shop from daily-20261119020000 to shop-copy'));
  expect([said, slack.user('ana').modal()]).toEqual([expect.stringMatching(/^Started restore-namespace/), undefined]);
  expect(await run('restore-namespace')).toMatchObject({ params: { into: 'shop-copy', from: 'shop', backup: 'daily-20261119020000' } });
  expect(told('ben')).toEqual([]);
});

test.each([
  ['restore shp', /^Not started: there is no namespace `shp`\nThe nearest: `shop`.*, `shop-eu`.*\nIf it is meant all the same: `into=shp`$/],
  ['node drain w3', /^Not started: there is no node `w3`\nThe nearest: `w1` \(Ready\), `w2` \(Ready\), `w10` \(Ready\)$/],
  ['restore shop from daily-20261119020001', /^Not started: there is no backup `daily-20261119020001`\nThe nearest: `daily-20261119020000`/],
])('a name that is not there is answered with the nearest three that are, and starts nothing: %s', async (line, words) => {
  const { does, runs } = openSlackScene({ world: WORLD });
  expect((await does('ana', (ana) => ana.type(`/dr ${line}`))).said).toMatch(words);
  expect(await runs()).toEqual([]);
});

test('a namespace that is to be made is named on purpose', async () => {
  const { does, run } = openSlackScene({ world: WORLD });
  expect((await does('ana', (ana) => ana.type('/dr restore into=shp from=shop'))).said).toMatch(/^Started/);
  expect(await run('restore-namespace')).toMatchObject({ params: { into: 'shp', from: 'shop' } });
});

test('a backup that a drill restored well says so', async () => {
  const { does, pass, approve, run, slack } = openSlackScene({ world: WORLD });
  await does('ana', (ana) => ana.type('/dr restore test shop from daily-20261121020000'));
  await pass('1m');
  await approve('ben');
  await pass('10m');
  expect(await run('restore-test')).toMatchObject({ state: 'done' });
  await does('ana', (ana) => ana.type('/dr restore'));
  await does('ana', (who) => who.suggest({ action: 'choose:into' }));
  await does('ana', (who) => who.press({ in: 'modal', action: 'choose:into', value: 'shop' }));
  await does('ana', (who) => who.suggest({ action: 'choose:backup' }));
  const proven = slack
    .user('ana')
    .offers('choose:backup')
    .filter(({ description }) => description?.text.includes('proven by a drill'));
  expect(proven.map(({ value }) => value)).toEqual(['daily-20261121020000']);
});

test('the cluster hangs: everything is answered within 3 s, and what somebody types goes all the same', async () => {
  const { does, change, slack, runs } = openSlackScene({ world: WORLD });
  change({ faults: [{ give: 'hang' }] });
  const opened = await does('ana', (ana) => ana.type('/dr restore'));
  expect(opened).toMatchObject({ acknowledged: true });
  expect(opened.afterMs).toBeLessThan(3000);
  const empty = await does('ana', (who) => who.suggest({ action: 'choose:into' }));
  expect(empty).toMatchObject({ acknowledged: true, options: [{ value: '?', text: { text: 'Nobody knows what there is now: type the name' } }] });
  expect(empty.afterMs).toBeLessThan(3000);
  const { errors } = await does('ana', (who) => who.submit({ 'choose:into': '?' }));
  expect(Object.values(errors ?? {})).toEqual(['The cluster does not say what there is: type the name']);
  const own = await does('ana', (who) => who.suggest({ action: 'choose:into', typed: 'shop' }));
  expect(own.options?.map(({ value, description }) => `${value}: ${description?.text}`)).toEqual(['shop: as you typed it; not checked']);
  const chosen = await does('ana', (who) => who.press({ in: 'modal', action: 'choose:into', value: 'shop' }));
  expect(chosen).toMatchObject({ acknowledged: true });
  const sent = await does('ana', (who) => who.submit({ 'choose:into': 'shop' }));
  expect(sent).toMatchObject({ acknowledged: true });
  expect(sent.afterMs).toBeLessThan(3000);
  expect(slack.user('ana').modal()).toBeUndefined();
  expect(await runs('restore-namespace')).toHaveLength(1);

  const line = await does('ben', (ben) => ben.type('/dr node drain w1'));
  expect(line).toMatchObject({ acknowledged: true, said: expect.stringMatching(/^Started node-drain/) });
  expect(line.afterMs).toBeLessThan(3000);
});

test('names are kept for 30 s, and an older answer is used, and says how old it is, where the cluster hangs', async () => {
  const { does, change, pass } = openSlackScene({ world: WORLD });
  await does('ana', (ana) => ana.type('/dr restore'));
  await does('ana', (who) => who.suggest({ action: 'choose:into' }));
  change({ faults: [{ give: 'hang' }] });
  for (const typed of ['s', 'sh', 'sho']) expect(await does('ana', (who) => who.suggest({ action: 'choose:into', typed }))).toMatchObject({ afterMs: 0 });
  await pass('2m');
  const old = await does('ana', (who) => who.suggest({ action: 'choose:into', typed: 'bank' }));
  expect(old.options?.map(({ value, description }) => `${value}: ${description?.text}`)).toEqual([expect.stringMatching(/^bank: as of 2m \d*s? ?ago$/)]);
});

test('what is wrong in a form is said at its field', async () => {
  const { does, runs } = openSlackScene({ world: WORLD });
  await does('ana', (ana) => ana.type('/dr node drain gracePeriod=soon'));
  await does('ana', (who) => who.suggest({ action: 'choose:node' }));
  const { errors } = await does('ana', (who) => who.submit({ 'choose:node': 'w1' }));
  expect(errors).toEqual({ gracePeriod: expect.stringContaining('expected a duration such as 30s, 15m or 4h') });
  expect(await runs()).toEqual([]);
});

test('only looking says what would be found, in the form’s place, and starts nothing', async () => {
  const { does, runs, slack, pass } = openSlackScene({ world: WORLD });
  await does('ana', (ana) => ana.type('/dr restore --dry-run'));
  await does('ana', (who) => who.suggest({ action: 'choose:into' }));
  await does('ana', (who) => who.submit({ 'choose:into': 'shop' }));
  await pass('10s');
  expect(JSON.stringify(slack.user('ana').modal())).toContain('Nothing was stored or written');
  expect(await runs()).toEqual([]);
});

test('of several clusters the form asks which; another one has other names', async () => {
  const { does, slack, run } = openSlackScene({ config: TWO, world: { ...WORLD, clusters: { west: { namespaces: ['west-shop'], nodes: [{ name: 'x1' }] } } } });
  await does('ana', (ana) => ana.type('/dr node drain'));
  expect(fields(slack.user('ana').modal())[0]).toBe('choose:_cluster');
  await does('ana', (who) => who.press({ in: 'modal', action: 'choose:_cluster', value: 'west' }));
  const { options } = await does('ana', (who) => who.suggest({ action: 'choose:node' }));
  expect(options?.map(({ value }) => value)).toEqual(['x1']);
  await does('ana', (who) => who.submit({ 'choose:node': 'x1', 'choose:_cluster': 'west' }));
  expect(await run('node-drain')).toMatchObject({ cluster: 'west', params: { node: 'x1' } });
});

test('who may not run anything gets no form, and hears who may', async () => {
  const { does, slack } = openSlackScene({ world: WORLD });
  expect((await does('dan', (dan) => dan.type('/dr restore'))).said).toMatch(
    /^Not started: dan has not the right "run"\nWho can: platform, incident-command\.$/,
  );
  expect((await does('eve', (eve) => eve.type('/dr restore'))).said).toMatch(/^Not started: the configuration knows nobody with your Slack id/);
  expect(['dan', 'eve'].map((who) => slack.user(who).modal())).toEqual([undefined, undefined]);
});

test('a typo of a word that looks is a button; of one that does anything it is only words', async () => {
  const { does, told, runs } = openSlackScene({ world: WORLD });
  await does('ana', (ana) => ana.type('/dr incdents --state closed'));
  expect(await does('ana', (ana) => ana.press({ text: 'Did you mean', action: 'again' }))).toMatchObject({ acknowledged: false });
  const pressed = await does('ana', (ana) => ana.press({ text: 'Did you mean', action: '/dr incidents --state closed' }));
  expect(pressed).toMatchObject({ acknowledged: true });
  expect(told('ana').at(-1)).toBe('There is no such incident.');
  for (const line of ['rstore shop', 'paus storage', 'node drian w1', 'aprove 3f9a01c2 d1d1d1d1']) {
    await does('ben', (ben) => ben.type(`/dr ${line}`));
    expect(told('ben').at(-1)).toContain('Did you mean');
    expect(await does('ben', (ben) => ben.press({ text: 'Did you mean', action: 'again:' }))).toMatchObject({ acknowledged: false });
  }
  expect(await runs()).toEqual([]);
});

test('help shows what somebody may do, and who may the rest', async () => {
  const { does } = openSlackScene({ world: WORLD, config: ONE });
  const help = async (who: string): Promise<string> => (await does(who, (one) => one.type('/dr help'))).said ?? '';
  expect(await help('ana')).toMatch(/\/dr pause[\s\S]*`\/dr restore …` .*`namespace`/);
  expect((await does('ana', (ana) => ana.type('/dr help backup'))).said).toMatch(/`\/dr backup run` Make a backup/);
  expect(await help('ana')).not.toContain('`/dr supersede');
  const dan = await help('dan');
  expect(dan).toContain('`/dr status');
  expect(dan).not.toMatch(/`\/dr (pause|cancel|restore)\b/);
  expect(dan).toContain('You have not the right `pause`. Who can: platform.');
  expect(await help('eve')).toContain('The configuration does not know you, so this only looks.');
});
