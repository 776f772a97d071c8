// What Velero does by the clock: schedules, the queue, the comparison with the bucket.
import { afterAll, describe } from 'vitest';
import { bucketCases } from './cases/bucket.ts';
import { queueCases } from './cases/queue.ts';
import { scheduleCases } from './cases/schedules.ts';
import { openSite } from './site.ts';

const site = await openSite();
afterAll(() => site[Symbol.asyncDispose]());

describe('Velero', { timeout: 200_000 }, () => {
  scheduleCases(site);
  queueCases(site);
  bucketCases(site);
});
