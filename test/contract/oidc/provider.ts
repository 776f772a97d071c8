import { fork } from 'node:child_process';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { SIGN_IN_CALLBACK } from '../../../src/port/sign-in.ts';
import { until } from '../../e2e/stage/until.ts';
import { type Here, openSite, type Site, serveHere } from '../serve/site.ts';

export const SECRET = 'secret-of-the-client-of-salvor';

/** A real provider in a process of its own. */
export async function openProvider(publicUrl: string): Promise<{ readonly issuer: string; readonly stop: () => Promise<void> }> {
  const child = fork(join(import.meta.dirname, 'provider-program.ts'), [`${publicUrl}${SIGN_IN_CALLBACK}`, SECRET], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = (): Promise<void> => {
    child.kill('SIGKILL');
    return ended;
  };
  onTestFinished(stop);
  const issuer = await new Promise<string>((resolve, reject) => {
    child.once('message', (said: { readonly issuer: string }) => resolve(said.issuer));
    child.once('exit', () => reject(new Error('the provider ended')));
  });
  return { issuer, stop };
}

/** Salvor, its configuration naming this provider, as it is once that was read. `more` are lines of `oidc`. */
export async function openOffice(
  providerAt: (url: string) => Promise<string>,
  more = '',
): Promise<{ readonly site: Site; readonly serving: Here; readonly issuer: string }> {
  const site = await openSite();
  site.write('oidc.secret', `${SECRET}\n`);
  const serving = await serveHere(site);
  const issuer = await providerAt(serving.url);
  site.write('salvor.yaml', textWith(site, { url: serving.url, issuer, more }));
  await untilRead(serving, 1);
  return { site, serving, issuer };
}

/** The configuration of a site with this provider: ana is known to it by her address, and so is `unproven`, who is cleo. */
export function textWith(
  site: Pick<Site, 'text'>,
  { url, issuer, more = '' }: { readonly url: string; readonly issuer: string; readonly more?: string },
): string {
  return site.text
    .replace('operations: 0 }', `operations: 0, publicUrl: '${url}' }`)
    .replace('{ name: ana,', '{ name: ana, oidc: ana@example.com,')
    .replace('people:\n', 'people:\n  - { name: cleo, oidc: unproven@example.com, teams: [platform] }\n')
    .concat(`oidc:\n  issuer: ${issuer}\n  clientId: salvor\n  clientSecret: { file: ./oidc.secret }\n${more}`);
}

/** Until the configuration was read again so many times. */
export function untilRead(serving: Pick<Here, 'log'>, times: number): Promise<true> {
  return until('the configuration is read again', () => serving.log().filter((line) => line.includes('"reload.done"')).length >= times || undefined);
}
