import { expect, test } from 'vitest';
import { challengeOf, type Forgery, openForger } from './forger.ts';
import { openOffice, SECRET } from './provider.ts';
import { visitor } from './visitor.ts';

test('an id token that is forged, of another, for another, or over lets nobody in; the right one does', { timeout: 60_000 }, async () => {
  const now: { forgery: Forgery } = { forgery: {} };
  const forger = { asked: (): readonly URLSearchParams[] => [] };
  const { serving } = await openOffice(async () => {
    const { issuer, asked } = await openForger(() => now.forgery);
    forger.asked = asked;
    return issuer;
  });
  const wrongs: readonly (readonly [string, Forgery])[] = [
    ['signed with another key', { otherKey: true }],
    ['not signed', { unsigned: true }],
    ['signed with nothing', { header: { alg: 'none' }, unsigned: true }],
    ['of another algorithm', { header: { alg: 'HS256' } }],
    ['for another client', { claims: { aud: 'another' } }],
    ['of another provider', { claims: { iss: 'https://another.example' } }],
    ['of another request', { claims: { nonce: 'another' } }],
    ['without a request', { claims: { nonce: undefined } }],
    ['over', { claims: { exp: 1_600_000_000 } }],
    ['of somebody without a name', { claims: { email: '' } }],
    ['with a name that is no text', { claims: { email: ['ana@example.com'] } }],
    ['with a name near another', { claims: { email: 'ANA@example.com' } }],
    ['of an address that is not verified', { claims: { email_verified: false } }],
  ];
  for (const [what, forgery] of wrongs) {
    now.forgery = forgery;
    const thief = visitor();
    expect(await thief.open(`${serving.url}/login/oidc`), what).toMatchObject({ status: 403 });
    expect(thief.cookie(serving.url, 'salvor-session'), what).toBeUndefined();
  }
  now.forgery = {};
  const ana = visitor();
  const home = await ana.open(`${serving.url}/login/oidc`);
  expect(home.url.href).toBe(`${serving.url}/`);
  // This provider takes the secret in the body; the verifier is the one whose challenge it was sent.
  const [asked] = forger.asked().slice(-1);
  expect(asked?.get('client_secret')).toBe(SECRET);
  const challenge = home.visited.find(({ pathname }) => pathname === '/auth')?.searchParams.get('code_challenge');
  expect(challengeOf(asked?.get('code_verifier') ?? '')).toBe(challenge);
});
