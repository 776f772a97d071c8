import { createHmac } from 'node:crypto';
import * as oidc from 'openid-client';
import { errorText, SalvorError } from '../model/error.ts';
import type { Clock } from '../port/clock.ts';
import { SIGN_IN_CALLBACK, type SignIn } from '../port/sign-in.ts';

export type Provider = {
  /** As its discovery document names itself. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string;
  /** The claim of the id token that says who somebody is. */
  readonly claim: string;
  readonly label: string;
  /** Of this site, without a slash at its end. */
  readonly publicUrl: string;
  readonly people: readonly { readonly person: string; readonly is: string }[];
};

const ANSWER_S = 10;
/** Providers change their keys and addresses rarely, and keep the old ones for longer than this. */
const FRESH_MS = 3_600_000;

type Known = { readonly of: string; readonly sinceMs: number; readonly found: Promise<oidc.Configuration> };

/**
 * Signing in by the authorization code flow with PKCE. Nothing is kept between the two halves: verifier and nonce are made of the state and our secret, so
 * any replica can end what another began.
 * Source  OpenID Connect Core 1.0 §3.1; RFC 7636; RFC 9700 §2.1.
 */
export function signIn({ provider, clock }: { readonly provider: () => Provider | undefined; readonly clock: Clock }): () => SignIn | undefined {
  let known: Known | undefined;

  const discovered = (one: Provider): Promise<oidc.Configuration> => {
    const of = [one.issuer, one.clientId, one.clientSecret].join('\n');
    if (known?.of === of && clock.monotonicMs() - known.sinceMs < FRESH_MS) return known.found;
    const found = discover(one);
    const now: Known = { of, sinceMs: clock.monotonicMs(), found };
    known = now;
    // Who did not answer is asked again by the next person.
    found.catch(() => {
      if (known === now) known = undefined;
    });
    return found;
  };

  return () => {
    const one = provider();
    if (one === undefined) return undefined;
    const secretly = (what: string, state: string): string => createHmac('sha256', one.clientSecret).update(`${what} ${state}`).digest('base64url');
    return {
      label: one.label,
      async begin(state) {
        const address = oidc.buildAuthorizationUrl(await discovered(one), {
          redirect_uri: `${one.publicUrl}${SIGN_IN_CALLBACK}`,
          scope: one.scope,
          state,
          nonce: secretly('nonce', state),
          code_challenge: await oidc.calculatePKCECodeChallenge(secretly('verifier', state)),
          code_challenge_method: 'S256',
        });
        return address.href;
      },
      async finish(query, state) {
        const configuration = await discovered(one);
        try {
          const tokens = await oidc.authorizationCodeGrant(configuration, new URL(`${one.publicUrl}${SIGN_IN_CALLBACK}?${query}`), {
            pkceCodeVerifier: secretly('verifier', state),
            expectedNonce: secretly('nonce', state),
            expectedState: state,
            idTokenExpected: true,
          });
          return personOf(await claimsOf(configuration, tokens, one.claim), one);
        } catch (error) {
          throw faultOf(error, one);
        }
      },
    };
  };
}

/** Undefined where the provider answers as one, else why not. */
export async function providerFault(provider: Provider): Promise<SalvorError | undefined> {
  return discover(provider).then(
    () => undefined,
    (error: unknown) => faultOf(error, provider),
  );
}

async function discover(provider: Provider): Promise<oidc.Configuration> {
  const { issuer, clientId, clientSecret } = provider;
  const server = new URL(issuer);
  // The schema of the configuration lets plain HTTP be only on this machine.
  const execute = server.protocol === 'http:' ? [oidc.allowInsecureRequests] : [];
  try {
    const found = await oidc.discovery(server, clientId, clientSecret, oidc.ClientSecretBasic(clientSecret), { execute, timeout: ANSWER_S });
    const methods = found.serverMetadata().token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    if (methods.includes('client_secret_basic')) return checked(found);
    const other = new oidc.Configuration(found.serverMetadata(), clientId, clientSecret, oidc.ClientSecretPost(clientSecret));
    other.timeout = ANSWER_S;
    for (const make of execute) make(other);
    return checked(other);
  } catch (error) {
    throw faultOf(error, provider);
  }
}

/** The signature of an id token is checked, also where TLS says already whom it comes from. */
function checked(configuration: oidc.Configuration): oidc.Configuration {
  oidc.enableNonRepudiationChecks(configuration);
  return configuration;
}

type Claims = { readonly [name: string]: unknown };

/** Providers say some claims only where they are asked for by the access token. */
async function claimsOf(
  configuration: oidc.Configuration,
  tokens: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers,
  claim: string,
): Promise<Claims> {
  const said = tokens.claims();
  if (said === undefined || said[claim] !== undefined || configuration.serverMetadata().userinfo_endpoint === undefined) return said ?? {};
  return { ...said, ...(await oidc.fetchUserInfo(configuration, tokens.access_token, said.sub)) };
}

function personOf(claims: Claims, { claim, people, issuer }: Provider): { readonly person: string } {
  const value = Object.hasOwn(claims, claim) ? claims[claim] : undefined;
  if (typeof value !== 'string' || value === '')
    throw refused(
      `${issuer} does not say your ${claim}: its id token has no such claim. Its administrators can add it to the client, or oidc.claim can name another`,
    );
  // An address that nobody proved to be theirs is a name that anybody can take.
  if (claim === 'email' && claims['email_verified'] === false)
    throw refused(`${issuer} says that the address ${value} was never verified, so it could be anybody's`);
  const found = people.find(({ is }) => is === value);
  if (found === undefined) throw refused(`${value} is nobody here: no entry under people in salvor.yaml has oidc: ${value}`);
  return { person: found.person };
}

/** A fault of the library in our words; never with a secret, which it does not put into its messages. */
function faultOf(error: unknown, { issuer }: Provider): SalvorError {
  if (error instanceof SalvorError) return error;
  if (error instanceof oidc.AuthorizationResponseError)
    return refused(`${issuer} says ${error.error}${error.error_description === undefined ? '' : `: ${error.error_description}`}`);
  if (error instanceof oidc.ResponseBodyError) return refused(`${issuer} does not take the code: ${error.error_description ?? error.error}`);
  if (isAway(error)) return new SalvorError('sign-in.unavailable', `${issuer} cannot be reached: ${reasonOf(error)}`, { retry: 'later', cause: error });
  return refused(`What ${issuer} answered does not hold: ${reasonOf(error)}`, error);
}

function refused(text: string, cause?: unknown): SalvorError {
  return new SalvorError('sign-in.refused', text, { retry: 'never', cause });
}

function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof TypeError || error.name === 'TimeoutError' || error.name === 'AbortError') return true;
  const code = 'code' in error ? error.code : undefined;
  return code === 'OAUTH_TIMEOUT' || code === 'OAUTH_RESPONSE_IS_NOT_CONFORM' || (error.cause instanceof Error && isAway(error.cause));
}

function reasonOf(error: unknown): string {
  return error instanceof Error && error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : errorText(error);
}
