/** Another party says who somebody is: an OpenID provider. */
export type SignIn = {
  /** What the button says. */
  readonly label: string;
  /** Where the person says who they are. `state` is unguessable, and comes back with them. Throws `sign-in.unavailable`. */
  readonly begin: (state: string) => Promise<string>;
  /**
   * Who came back. `query` is what their browser brought, `state` what it was sent with. Throws `sign-in.refused` where the provider or its answer says
   * no, or the configuration has nobody of that name, and `sign-in.unavailable`.
   */
  readonly finish: (query: string, state: string) => Promise<{ readonly person: string }>;
};

/** Where people come back to, behind `listen.publicUrl`; the provider has to know it as a redirect URI. */
export const SIGN_IN_CALLBACK = '/login/oidc/callback';
