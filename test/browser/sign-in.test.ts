import { expect, test } from 'vitest';
import { openOffice, openProvider } from '../contract/oidc/provider.ts';
import { axeFinds, describeInBrowser, inChromium, tooWide } from './chromium.ts';

describeInBrowser('logging in by an OpenID provider', () => {
  const open = inChromium();

  test.each([['light', 1280] as const, ['dark', 320] as const])(
    'is a button on the login page (%s, %i px), the way there and back, and a session',
    async (theme, width) => {
      const { serving, issuer } = await openOffice(async (url) => (await openProvider(url)).issuer, '  label: Example Corp\n');
      const { page, context, wrongs } = await open(serving.url, { theme, width });
      // The provider's pages would have a font from the internet.
      await context.route(/^https:/, (route) => route.abort());
      await page.goto('/playbooks');
      expect(await axeFinds(page)).toEqual([]);
      expect(await tooWide(page)).toBe(0);
      const picture = process.env['BROWSER_PICTURES'];
      if (picture !== undefined) await page.screenshot({ path: `${picture}/login-${width}.png` });
      await page.getByRole('link', { name: 'Log in with Example Corp' }).click();
      await page.waitForURL((url) => url.origin === issuer);
      await page.locator('input[name=login]').fill('ana');
      await page.locator('input[name=password]').fill('any');
      await page.getByRole('button', { name: 'Sign-in' }).click();
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.waitForURL(`${serving.url}/playbooks`);
      expect(await page.getByRole('link', { name: 'ana' }).count()).toBe(1);
      // Nothing on our pages was in the way, or did what it should not.
      expect(wrongs().filter((wrong) => !wrong.startsWith('asked '))).toEqual([]);
      await page.getByRole('button', { name: 'Log out' }).click();
      await page.goto('/playbooks');
      expect(new URL(page.url()).pathname).toBe('/login');
    },
  );
});
