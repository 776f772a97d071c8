import { expect, test } from 'vitest';
import { TOKENS } from '../serve/site.ts';
import { openOffice, openProvider, SECRET, textWith, untilRead } from './provider.ts';
import { type Seen, type Visitor, visitor } from './visitor.ts';

const real = async (url: string): Promise<string> => (await openProvider(url)).issuer;

/** From the login page over the provider's own pages, and back. */
async function comeAs(person: Visitor, name: string, url: string, to = '/'): Promise<Seen> {
  await person.open(`${url}/login/oidc?to=${encodeURIComponent(to)}`);
  const asked = await person.send('login', { login: name, password: 'any' });
  return asked.url.origin === url ? asked : person.send('prompt');
}

test('somebody logs in by the provider, is who the configuration says, and is where they wanted to go', { timeout: 60_000 }, async () => {
  const { serving, issuer } = await openOffice(real, '  label: Example Corp\n');
  const ana = visitor();
  const asked = await ana.open(`${serving.url}/runs`);
  expect(asked.url.pathname).toBe('/login');
  expect(asked.text).toContain('Log in with Example Corp');
  const link = /href="(\/login\/oidc[^"]*)"/.exec(asked.page)?.[1] ?? '';
  const sent = await ana.open(link);
  expect(sent.url.origin).toBe(issuer);
  const authorization = sent.visited.at(-1);
  expect(Object.fromEntries(authorization?.searchParams ?? [])).toMatchObject({
    response_type: 'code',
    scope: 'openid email',
    redirect_uri: `${serving.url}/login/oidc/callback`,
    code_challenge_method: 'S256',
  });
  await ana.send('login', { login: 'ana', password: 'any' });
  const home = await ana.send('prompt');
  expect(home.url.href).toBe(`${serving.url}/runs`);
  expect(home.page).toMatch(/<a href="\/people">ana<\/a>/);
  expect(ana.cookie(serving.url, 'salvor-sign-in')).toBeUndefined();
  expect(serving.log().filter((line) => line.includes('console.signed-in'))).toHaveLength(1);
  // No secret of any kind is in the log: not the client's, not the code, not the session.
  const log = serving.log().join('\n');
  const code = home.visited.find(({ pathname }) => pathname.endsWith('/callback'))?.searchParams.get('code') ?? 'no code';
  for (const secret of [SECRET, code, ana.cookie(serving.url, 'salvor-session') ?? '']) expect(log).not.toContain(secret);
});

test('whom the configuration does not know, who is not proven to be it, and who has no such claim stays outside and is told what is missing', {
  timeout: 60_000,
}, async () => {
  const { serving } = await openOffice(real);
  for (const [name, why] of [
    ['dora', 'dora@example.com is nobody here: no entry under people in salvor.yaml has oidc: dora@example.com'],
    ['unproven', 'the address unproven@example.com was never verified'],
    ['nameless', 'does not say your email'],
  ] as const) {
    const person = visitor();
    const refused = await comeAs(person, name, serving.url);
    expect(refused, name).toMatchObject({ status: 403, text: expect.stringContaining(why) });
    expect(refused.text).toContain('Log in again, or with your token.');
    expect((await person.open(`${serving.url}/runs`)).url.pathname).toBe('/login');
  }
});

test('who turns back at the provider is told so, and can log in by token', { timeout: 60_000 }, async () => {
  const { serving } = await openOffice(real);
  const ana = visitor();
  const asked = await ana.open(`${serving.url}/login/oidc`);
  const back = await ana.open(/href="([^"]*\/abort)"/.exec(asked.page)?.[1] ?? '');
  expect(back).toMatchObject({ status: 403, text: expect.stringMatching(/says access_denied: End-User aborted interaction/) });
  await ana.open(`${serving.url}/login?to=%2Fruns`);
  expect((await ana.send('token', { token: TOKENS.ana })).url.pathname).toBe('/runs');
});

test('an answer counts in the browser that asked, once, and for exactly that request', { timeout: 60_000 }, async () => {
  const { serving } = await openOffice(real);
  const ana = visitor();
  const home = await comeAs(ana, 'ana', serving.url);
  const answer = home.visited.find(({ pathname }) => pathname.endsWith('/callback'))?.href ?? '';
  // Somebody who got hold of the link: without the cookie, and with one of a request of their own.
  const thief = visitor();
  expect(await thief.open(answer)).toMatchObject({ status: 403, text: expect.stringContaining('This browser did not begin to log in here') });
  await thief.open(`${serving.url}/login/oidc`);
  expect(await thief.open(answer)).toMatchObject({ status: 403, text: expect.stringContaining('does not hold') });
  // With the very cookie: the code was used already.
  const [state] = [new URL(answer).searchParams.get('state') ?? ''];
  thief.setCookie(serving.url, 'salvor-sign-in', `${state}.`);
  expect(await thief.open(answer)).toMatchObject({ status: 403, text: expect.stringContaining('does not take the code') });
  expect(thief.cookie(serving.url, 'salvor-session')).toBeUndefined();
});

test.each(['https://evil.example', '//evil.example', '/\\evil.example', '/login'])(
  'whoever comes back is never sent on to %s',
  { timeout: 60_000 },
  async (to) => {
    const { serving } = await openOffice(real);
    expect((await comeAs(visitor(), 'ana', serving.url, to)).url.href).toBe(`${serving.url}/`);
  },
);

test('a session ends when the entry of the person goes, or the secret of the client is another', { timeout: 60_000 }, async () => {
  const { site, serving, issuer } = await openOffice(real);
  const ana = visitor();
  await comeAs(ana, 'ana', serving.url);
  const at = async (): Promise<string> => (await ana.open(`${serving.url}/runs`)).url.pathname;
  expect(await at()).toBe('/runs');
  site.write('oidc.secret', 'another-secret\n');
  expect(await at()).toBe('/login');
  site.write('oidc.secret', SECRET);
  expect(await at()).toBe('/runs');
  site.write('salvor.yaml', textWith(site, { url: serving.url, issuer }).replace('oidc: ana@example.com', 'oidc: ana@elsewhere.example'));
  await untilRead(serving, 2);
  expect(await at()).toBe('/login');
});

test('while the provider is away the page says so and tokens work; when it is back, so is the way', { timeout: 60_000 }, async () => {
  const { site, serving, issuer } = await openOffice(async () => 'http://127.0.0.1:1');
  const ana = visitor();
  expect(await ana.open(`${serving.url}/login/oidc`)).toMatchObject({ status: 502, text: expect.stringContaining(`${issuer} cannot be reached`) });
  await ana.open(`${serving.url}/login`);
  expect((await ana.send('token', { token: TOKENS.ana })).text).toContain('ana');
  const { issuer: back } = await openProvider(serving.url);
  site.write('salvor.yaml', textWith(site, { url: serving.url, issuer: back }));
  await untilRead(serving, 2);
  expect((await comeAs(visitor(), 'ana', serving.url)).url.href).toBe(`${serving.url}/`);
});

test('what somebody was sending when their session ended waits for them, also when they log in by the provider', { timeout: 60_000 }, async () => {
  const { serving } = await openOffice(real);
  const ana = visitor();
  await comeAs(ana, 'ana', serving.url);
  await ana.open(`${serving.url}/operations`);
  ana.setCookie(serving.url, 'salvor-session', 'over');
  const over = await ana.send('reason', { reason: 'the storage is being moved' });
  expect(over).toMatchObject({ status: 401, text: expect.stringContaining('in another tab') });
  expect(await ana.send('kept')).toMatchObject({ status: 401, text: expect.stringContaining('You are not logged in in this browser yet') });
  const other = visitor();
  await comeAs(other, 'ana', serving.url);
  ana.setCookie(serving.url, 'salvor-session', other.cookie(serving.url, 'salvor-session') ?? '');
  expect((await ana.send('kept')).text).toContain('the storage is being moved');
  expect((await ana.send('reason', { reason: 'the storage is being moved' })).text).toContain('prod is paused: the storage is being moved');
});
