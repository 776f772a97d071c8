import { type Config, readSecret } from '../config.ts';
import { type PositionOf, problemAt } from '../model/problem.ts';
import { providerFault } from '../oidc/sign-in.ts';
import type { Live } from './check.ts';

/** Whether the OpenID provider answers as one, where it is configured. What its client may do is only known when somebody logs in. */
export async function liveOidc({ config, positionOf }: { readonly config: Config; readonly positionOf: PositionOf }): Promise<Live> {
  const { oidc, listen } = config;
  if (oidc === undefined) return { problems: [], unreached: [] };
  const fault = await providerFault({ ...oidc, clientSecret: readSecret(oidc.clientSecret), publicUrl: listen.publicUrl ?? '' });
  if (fault === undefined) return { problems: [], unreached: [] };
  const unreached = fault.code === 'sign-in.unavailable' ? ['the OpenID provider'] : [];
  return { problems: [Object.assign(problemAt(positionOf, { path: ['oidc', 'issuer'], message: fault.message }), { code: 'live.oidc' })], unreached };
}
