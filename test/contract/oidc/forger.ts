import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import { onTestFinished } from 'vitest';
import type { JsonObject } from '../../../src/model/json.ts';

/** How an id token is wrong: its claims or its header, whether its key is another, or nothing. */
export type Forgery = { readonly claims?: JsonObject; readonly header?: JsonObject; readonly otherKey?: true; readonly unsigned?: true };

const ours = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** A provider that answers whatever a test wants: it takes any code, and its id token is as `forgery` says. It remembers what it was asked. */
export async function openForger(forgery: () => Forgery): Promise<{ readonly issuer: string; readonly asked: () => readonly URLSearchParams[] }> {
  const asked: URLSearchParams[] = [];
  let nonce = '';
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', issuer);
    const say = (body: unknown): void => void response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
    if (url.pathname === '/auth') {
      nonce = url.searchParams.get('nonce') ?? '';
      const back = `${url.searchParams.get('redirect_uri')}?code=any&state=${url.searchParams.get('state')}`;
      return response.writeHead(303, { location: back }).end();
    }
    if (url.pathname === '/jwks') return say({ keys: [{ ...ours.publicKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig', kid: 'one' }] });
    if (url.pathname !== '/token')
      return say({
        issuer,
        authorization_endpoint: `${issuer}/auth`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        token_endpoint_auth_methods_supported: ['client_secret_post'],
        id_token_signing_alg_values_supported: ['RS256'],
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
      });
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString('utf8');
    });
    request.on('end', () => {
      asked.push(new URLSearchParams(body));
      say({ access_token: 'any', token_type: 'Bearer', id_token: idToken(issuer, nonce, forgery()) });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const issuer = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  return { issuer, asked: () => asked };
}

function idToken(issuer: string, nonce: string, { claims = {}, header = {}, otherKey, unsigned }: Forgery): string {
  const nowS = Math.floor(Date.now() / 1000);
  const told = { iss: issuer, aud: 'salvor', sub: 's-1', iat: nowS, exp: nowS + 300, nonce, email: 'ana@example.com', email_verified: true, ...claims };
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'RS256', kid: 'one', ...header })}.${part(told)}`;
  const signature = sign('sha256', Buffer.from(text), (otherKey === true ? other : ours).privateKey).toString('base64url');
  return `${text}.${unsigned === true ? '' : signature}`;
}

/** What a verifier turns into by S256. */
export function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}
