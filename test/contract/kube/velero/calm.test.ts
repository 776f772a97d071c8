// Velero while nothing is wrong with its server and its storage.
import { afterAll, describe } from 'vitest';
import { backupCases } from './cases/backups.ts';
import { deletionCases } from './cases/deletions.ts';
import { downloadCases } from './cases/downloads.ts';
import { metricCases } from './cases/metrics.ts';
import { restoreCases } from './cases/restores.ts';
import { openSite } from './site.ts';

const site = await openSite();
afterAll(() => site[Symbol.asyncDispose]());

describe('Velero', { timeout: 150_000 }, () => {
  metricCases(site);
  backupCases(site);
  restoreCases(site);
  downloadCases(site);
  deletionCases(site);
});
