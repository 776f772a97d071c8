// A program: a certified OpenID provider (the package oidc-provider) with one client. `provider-program.ts CALLBACK SECRET`; tells its parent its address.
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const [callback = '', secret = ''] = process.argv.slice(2);

/** Whoever types a name is that; the address of `unproven` was never verified, and `nameless` has none. */
const claimsOf = (sub: string) => (sub === 'nameless' ? { sub } : { sub, email: `${sub}@example.com`, email_verified: sub !== 'unproven' });

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('it listens nowhere');
  const issuer = `http://127.0.0.1:${address.port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'salvor', client_secret: secret, redirect_uris: [callback], grant_types: ['authorization_code'], response_types: ['code'] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    findAccount: (_context, id) => ({ accountId: id, claims: () => claimsOf(id) }),
    pkce: { required: () => true },
    cookies: { keys: [secret] },
  });
  const answer = provider.callback();
  server.on('request', (request, response) => void answer(request, response));
  process.send?.({ issuer });
});
