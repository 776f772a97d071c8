// Velero while its storage or its server is away.
import { afterAll, describe } from 'vitest';
import { serverAwayCases } from './cases/server-away.ts';
import { storageAwayCases } from './cases/storage-away.ts';
import { openSite } from './site.ts';

const site = await openSite();
afterAll(() => site[Symbol.asyncDispose]());

describe('Velero', { timeout: 150_000 }, () => {
  serverAwayCases(site);
  storageAwayCases(site);
});
