import { expect, test } from 'vitest';
import { until } from '../../e2e/stage/until.ts';
import { openSite, serveHere, TOKENS } from '../serve/site.ts';
import { type Browser, browser, type Shown } from './browser.ts';

async function loggedIn(serving: Parameters<typeof browser>[0], person: 'ana' | 'dora'): Promise<Browser> {
  const own = browser(serving);
  await own.open('/login');
  await own.send(/^\/login$/, { token: TOKENS[person] });
  return own;
}

const optionsOf = (page: string, name: string): string[] =>
  [...(new RegExp(`<datalist id="choices-${name}">(.*?)</datalist>`, 's').exec(page)?.[1] ?? '').matchAll(/<option value="([^"]*)">([^<]*)/g)].map(
    ([, value = '', note = '']) => note || value,
  );

test('the form of a playbook offers what the live cluster has; read again, it keeps what was written and starts nothing', { timeout: 60_000 }, async () => {
  const serving = await serveHere(await openSite());
  const ana = await loggedIn(serving, 'ana');
  // A page may be made before the cluster has answered; a later one knows.
  await ana.open('/playbooks/restore-namespace');
  const reading = (fields: { readonly [name: string]: string } = {}): Promise<Shown> =>
    until('the cluster has answered', async () => {
      const shown = await ana.send(/\/runs$/, { ...fields, choices: 'read' });
      expect(shown.status).toBe(200);
      return shown.text.includes('has not said yet') ? undefined : shown;
    });
  const known = await reading();
  expect(optionsOf(known.page, 'into')).toContain('shop');
  expect(optionsOf(known.page, 'backup')).toContainEqual(expect.stringMatching(/^daily-before: 1d 1h ago, 210 items, 3 volumes, expires in /));

  const again = await reading({
    'param.into': 'other',
    'param.from': 'other',
    'param.backup': 'dayli-before',
    reason: 'it is <b>lost</b>',
  });
  expect(again.page).toContain('name="param.into" value="other"');
  expect(again.page).toContain('name="reason" value="it is &lt;b&gt;lost&lt;/b&gt;"');
  // No backup holds that namespace, and the name is not one at all.
  expect(optionsOf(again.page, 'backup')).toEqual([]);
  expect(again.text).toContain('nothing is called dayli-before');
  expect((await serving.get('/api/v1/runs')).json['items']).toEqual([]);

  // A refused start comes back with the choices, too.
  const refused = await until('it is refused with its choices', async () => {
    const shown = await ana.send(/\/runs$/, { 'param.into': '', reason: 'x' });
    return shown.text.includes('has not said yet') ? undefined : shown;
  });
  expect([refused.status, optionsOf(refused.page, 'into').includes('shop')]).toEqual([400, true]);
});

test('whoever may not start it has no form, and the cluster is not asked for them', { timeout: 60_000 }, async () => {
  const serving = await serveHere(await openSite());
  const dora = await loggedIn(serving, 'dora');
  const { page } = await dora.open('/playbooks/restore-namespace');
  expect(page).not.toMatch(/datalist|Read the choices/);
});
