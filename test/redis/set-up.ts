import type { TestProject } from 'vitest/node';
import { isInstalled } from './server.ts';
import './shared.ts';
import { cluster, oneServer, type Site, withSentinels } from './sites.ts';

let sites: readonly { readonly name: string; readonly site: Site }[] = [];

/** Starts one server, one group with Sentinels and one cluster for all files of the suite; and Valkey, where it is installed. */
export async function setup({ provide }: TestProject): Promise<void> {
  const forms: (readonly [string, Promise<Site>])[] = [
    ['redis', oneServer()],
    ['redis-sentinel', withSentinels()],
    ['redis-cluster', cluster()],
  ];
  if (isInstalled('valkey-server')) forms.push(['valkey', oneServer({ program: 'valkey-server' })]);
  else console.log('valkey-server is not installed here: the store is tested on redis-server alone');
  sites = await Promise.all(forms.map(async ([name, site]) => ({ name, site: await site })));
  provide(
    'redis',
    sites.map(({ name, site }) => ({ name, place: site.place })),
  );
}

export async function teardown(): Promise<void> {
  await Promise.all(sites.map(({ site }) => site.end()));
}
